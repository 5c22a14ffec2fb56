"""Games of the real netcode are equal; whatever is changed in their files is found and named."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from interactive_gym.netcode.resimulation import resimulate
from interactive_gym.packages.runtime import pyodide_version
from interactive_gym.verification.outcome import GameOutcome
from interactive_gym.verification.progress import Progress
from interactive_gym.verification.study import check_games, game_folders
from tests.support.simulated_network import Machine, game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward

CODE = stub_code()


def outcomes(study: VerifiedStudy) -> dict[str, GameOutcome]:
    folder = study.folder
    return {it.game_id: it for it in check_games(folder, game_folders(folder), 2, Progress(None))}


@pytest.fixture
def study(tmp_path: Path) -> VerifiedStudy:
    return VerifiedStudy(tmp_path)


def only(study: VerifiedStudy) -> GameOutcome:
    (outcome,) = outcomes(study).values()
    return outcome


def pick(observation, agent):
    return 5 if agent == "player_1" else 1


PICK = "def pick(observation, agent):\n    return 5 if agent == 'player_1' else 1\n"


def test_games_of_all_kinds_are_equal(study) -> None:
    for seats in (1, 2, 3, 4):
        config = game_config(seats, seed=seats)
        study.played(f"of_{seats}", config, stub_code(seats), lambda n=seats: StubGame(n))
    quoted = game_config(2, seed=9, actions=[0, 1, 2, 7], num_episodes=1, default_action=3)
    study.played("one_episode", quoted, CODE)
    policies = game_config(2, seed=5, policies=[None, "random"], frame_skip=3)
    study.played("with_a_policy", policies, CODE)
    gone = [Machine(), Machine(leaves_at_ms=1500)]
    for on_cut in ("end", "neutral", "random", "pick"):
        config = game_config(2, seed=11, on_cut=on_cut)
        code = stub_code(2, PICK)
        study.played(f"cut_{on_cut}", config, code, namespace={"pick": pick}, machines=list(gone))
    adaptive = game_config(2, seed=4, input_delay=1, num_episodes=20, adapts_input_delay=True)
    game = study.played("adaptive", adaptive, CODE)
    assert len({line[9] for line in lines_of(game)[1:]}) > 1
    found = outcomes(study)
    assert {game_id: it.lines() for game_id, it in found.items()} == {it: ["equal"] for it in found}
    assert len(found) == 11
    assert {it.confirmed_by for it in found.values()} == {"CPython"}
    assert sum(it.frames for it in found.values()) > 300


def lines_of(game: Path) -> list[list[str]]:
    return [row.split(",") for row in (game / "frames.csv").read_text().splitlines()]


def write(game: Path, lines: list[list[str]], *, repairs_digests: bool = True) -> None:
    """Write the frames of a game, with a match.json that fits as a forger would."""
    text = "".join(",".join(line) + "\n" for line in lines)
    (game / "frames.csv").write_text(text)
    if repairs_digests:
        match = json.loads((game / "match.json").read_text())
        for recording in match["recordings"]:
            recording["digest"] = hashlib.sha256(text.encode()).hexdigest()
        (game / "match.json").write_text(json.dumps(match))


def test_a_changed_reward_is_named_with_its_frame_and_column(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)
    lines[1 + 2 * 17][6] = "9.0"
    write(game, lines)
    outcome = only(study)
    assert outcome.status == "differs"
    (line,) = outcome.lines()
    assert line.startswith("differs at frame 17 in column reward of frames.csv: stored '9.0'")


def test_a_changed_input_shows_in_what_follows_from_it(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)
    row = lines[1 + 2 * 20 + 1]
    row[4] = "5" if row[4] != "5" else "1"
    write(game, lines)
    (line,) = only(study).lines()
    assert line.startswith("differs at frame 20 in column info_rng")


def test_an_action_that_the_game_does_not_have_is_named(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)
    lines[1 + 2 * 20 + 1][4] = "4"
    write(game, lines)
    (line,) = only(study).lines()
    assert line.startswith("differs at frame 20 in column action")


def test_an_input_without_any_effect_on_the_rows_shows_in_the_digests(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)
    lines[-1][5] = "true" if lines[-1][5] == "false" else "false"
    write(game, lines, repairs_digests=False)
    found = only(study).lines()
    assert [line.split(":")[0] for line in found] == [
        "differs in recordings[0].digest of match.json",
        "differs in recordings[1].digest of match.json",
    ]


@pytest.mark.parametrize("number", [1 + 2 * 12, 1 + 2 * 12 + 1])
def test_a_dropped_row_is_named(study, number) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)
    del lines[number]
    write(game, lines)
    assert any("differs at frame 12 in column" in line for line in only(study).lines())


def test_frames_dropped_at_the_end_are_missed(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    lines = lines_of(game)[:-2]
    write(game, lines)
    assert only(study).status == "differs"
    match = json.loads((game / "match.json").read_text())
    match["frames"] -= 1
    for recording in match["recordings"]:
        recording["frames"] -= 1
    (game / "match.json").write_text(json.dumps(match))
    outcome = only(study)
    assert outcome.status == "incomplete"
    assert "do not reach its end" in outcome.missing[0]


def test_a_game_under_another_seed_differs_from_its_first_frame_on(study) -> None:
    config = game_config(seed=3)
    rows, _ = resimulate(StubGame(), config, [bytes([n % 4, 1]) for n in range(500)])
    forged = game_config(seed=4)
    columns = [f"{name}" for name in lines_of(study.played("true", config, CODE))[0]]
    study.stored("forged", forged, CODE, columns, {0: rows, 1: rows})
    found = outcomes(study)
    assert found["true"].status == "equal"
    assert found["forged"].lines()[0].startswith("differs at frame 0 in column reward")


def test_two_who_upload_the_same_made_up_rows_are_found(study) -> None:
    config = game_config(seed=3)
    columns, rows = recorded(study.played("true", config, CODE))
    forged = with_reward(rows, 30, "1.0")
    game = study.stored("forged", config, CODE, columns, {0: forged, 1: forged})
    assert json.loads((game / "match.json").read_text())["agreed"] is True
    found = outcomes(study)["forged"]
    assert found.lines()[0].startswith("differs at frame 30 in column reward of frames.csv")


def test_where_copies_differ_the_true_one_is_named_and_the_forged_ones_difference(study) -> None:
    config = game_config(seed=3)
    columns, rows = recorded(study.played("true", config, CODE))
    forged = with_reward(rows, 30, "1.0")
    study.stored("first", config, CODE, columns, {0: rows, 1: forged}, reason="desync")
    study.stored("second", config, CODE, columns, {0: forged, 1: rows}, reason="desync")
    found = outcomes(study)
    assert found["first"].copies[0] == "true"
    assert found["first"].copies[1].startswith("differs at frame 30 in column reward")
    assert found["second"].copies[1] == "true"
    assert "frames.seat0.csv" in found["second"].copies[0]
    assert found["first"].frames == 30


def test_copies_that_both_follow_from_inputs_of_their_own_are_both_told(study) -> None:
    config = game_config(seed=3)
    inputs = [bytes([n % 4, 1]) for n in range(500)]
    rows, _ = resimulate(StubGame(), config, inputs)
    others, _ = resimulate(StubGame(), config, [*inputs[:25], b"\x02\x02", *inputs[26:]])
    columns, _ = recorded(study.played("true", config, CODE))
    study.stored("two", config, CODE, columns, {0: rows, 1: others}, reason="desync")
    outcome = outcomes(study)["two"]
    assert outcome.copies == {0: "true", 1: "true"}
    assert outcome.lines()[0].startswith("differs at frame 25 in column action")


def test_code_that_is_missing_or_another_is_named(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    file = study.folder / "code" / CODE.digest / "environment.py"
    true = file.read_text()
    file.write_text(true.replace("1664525", "1664526"))
    outcome = only(study)
    assert outcome.status == "code missing"
    assert "another digest than its name" in outcome.lines()[0]
    file.write_text(true)
    assert only(study).status == "equal"
    match = json.loads((game / "match.json").read_text())
    (game / "match.json").write_text(json.dumps(match | {"environment_digest": "0" * 64}))
    assert only(study).lines() == ["code missing: there is no code/" + "0" * 64]


def test_code_swapped_for_other_kept_code_differs(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    other = stub_code(2, "INCREMENT = 7")
    study.stored("other", game_config(), other, [], {}, reason="start_timeout")
    match = json.loads((game / "match.json").read_text())
    (game / "match.json").write_text(json.dumps(match | {"environment_digest": other.digest}))
    found = outcomes(study)
    assert found["game"].lines()[0].startswith("differs at frame 0 in column")
    assert found["other"].status == "equal"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"frames": 3}, "differs in frames of match.json"),
        ({"desync": None, "agreed": True, "cuts": [{"seat": 0, "frames": 2}]}, "cuts of seat 0"),
    ],
)
def test_a_match_json_that_says_otherwise_than_the_frames_is_named(study, change, named) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    match = json.loads((game / "match.json").read_text())
    (game / "match.json").write_text(json.dumps(match | change))
    assert named in only(study).lines()[0]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda game: (game / "match.json").unlink(), "its match.json is missing"),
        (lambda game: (game / "match.json").write_text("{"), "its match.json cannot be read"),
        (lambda game: (game / "match.json").write_text("[]"), "is not that of a game"),
        (lambda game: (game / "frames.csv").write_bytes(b"\xff"), "its files cannot be read"),
        (
            lambda game: (game / "frames.csv").write_text("a\n" + "b" * 200_000 + "\nc\n"),
            "its files cannot be read (Error: field larger than field limit",
        ),
    ],
)
def test_a_game_whose_files_cannot_be_read_is_incomplete(
    study, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(study.played("game", game_config(seed=3), CODE))
    outcome = only(study)
    assert outcome.status == "incomplete"
    assert said in outcome.lines()[0]


def test_a_game_that_was_not_closed_is_incomplete(study) -> None:
    game = study.played("game", game_config(seed=3), CODE)
    match = json.loads((game / "match.json").read_text())
    del match["ended_at"]
    (game / "match.json").write_text(json.dumps(match))
    assert only(study).lines() == ["incomplete: the game was not closed"]


def test_an_environment_that_ends_its_process_harms_its_own_game_alone(study) -> None:
    columns, rows = recorded(study.played("sound", game_config(seed=3), CODE))
    fatal = stub_code(2, "import os\nos._exit(7)")
    study.stored("fatal", game_config(seed=3), fatal, columns, {0: rows, 1: rows})
    raising = stub_code(2, "StubGame.render = None")
    study.stored("raising", game_config(seed=3), raising, columns, {0: rows, 1: rows})
    found = outcomes(study)
    assert found["sound"].status == "equal"
    assert "the process ended with status 7" in found["fatal"].lines()[0]
    assert "has no render() method" in found["raising"].lines()[0]


BY_PYTHON = """
import sys
if sys.platform == "emscripten":
    StubGame.step_in_cpython = StubGame.step
    def step(self, actions):
        self.rng += 1
        return self.step_in_cpython(actions)
    StubGame.step = step
"""


class InPyodide(StubGame):
    def step(self, actions):
        self.rng += 1
        return super().step(actions)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_what_differs_in_cpython_is_confirmed_or_denied_by_pyodide(study) -> None:
    code = dataclasses.replace(stub_code(2, BY_PYTHON), pyodide_version=pyodide_version())
    true = study.played("true", game_config(seed=3, num_episodes=1), code, InPyodide)
    columns, rows = recorded(true)
    forged = with_reward(rows, 12, "1.0")
    study.stored(
        "forged", game_config(seed=3, num_episodes=1), code, columns, {0: forged, 1: forged}
    )
    found = outcomes(study)
    assert (found["true"].lines(), found["true"].confirmed_by) == (["equal"], "Pyodide")
    assert found["forged"].lines()[0].startswith("differs at frame 12 in column reward")
    assert found["forged"].confirmed_by is None
