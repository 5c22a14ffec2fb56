"""Two people on one machine go through a whole experiment."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from interactive_gym.cli import main
from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.product import Game, Product, experiment
from tests.support.paths import README

pytestmark = pytest.mark.e2e

FRAMES = 2 * 60


def play(product: Product, people: Sequence[Participant]) -> Game:
    """Lead both from the first page to the last; return the game they have left on disk."""
    for person in people:
        person.go_to_waitroom(product.url)
    for person, key in zip(people, ("ArrowRight", "ArrowLeft"), strict=True):
        person.wait_for_phase("playing")
        person.hold(key)
        person.hold("ArrowUp")
    for person in people:
        person.wait_for_phase("ended")
        assert "Thank you for playing" in person.text()
    (game,) = product.games
    return game


def assert_complete(game: Game) -> None:
    """Check that every frame of both agents is on disk, once, as both browsers have it."""
    rows = game.rows
    assert [(row["frame"], row["agent"]) for row in rows] == [
        (str(frame), agent) for frame in range(FRAMES) for agent in ("left", "right")
    ]
    assert {row["episode"] for row in rows} == {"0", "1"}
    assert len({row["action"] for row in rows}) > 1
    match = game.match
    first, second = match["recordings"]
    assert first["frames"] == second["frames"] == match["frames"] == FRAMES
    assert first["digest"] == second["digest"]
    assert match["agreed"] is True
    assert match["end_reason"] == "completed"


def analyse_as_the_readme_says(game: Game) -> None:
    """Run the README's analysis, in the present folder, on the data of this game's scene."""
    scene = Path("data/my_study/volleyball")
    scene.parent.mkdir(parents=True)
    scene.symlink_to(game.folder.parent)
    *_, analysis = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(analysis, {})


def assert_nobody_is_told_who_the_others_are(people: Sequence[Participant], game: Game) -> None:
    subject_ids = [member["subject_id"] for member in game.match["group"]]
    assert len(set(subject_ids)) == len(people)
    for person in people:
        received = " ".join(map(str, person.received))
        assert "game_created" in received
        assert not [subject_id for subject_id in subject_ids if subject_id in received]


def assert_verified(product: Product, game: Game, capsys: pytest.CaptureFixture[str]) -> None:
    """Check that everything the study has left is proved, and that a changed reward is not."""
    study = game.folder.parents[1]
    assert main(["verify", str(study)]) == 0
    assert f"1 games: 1 equal; {FRAMES} frames are proved." in capsys.readouterr().out
    frames = game.folder / "frames.csv"
    true = frames.read_text()
    *rows, last = true.splitlines()
    cells = last.split(",")
    cells[6] = "7"
    frames.write_text("\n".join([*rows, ",".join(cells), ""]))
    assert main(["verify", str(study)]) == 1
    found = f"differs at frame {FRAMES - 1} in column reward of frames.csv"
    assert found in capsys.readouterr().out
    frames.write_text(true)


def test_two_browsers_are_matched_by_their_measured_rtt_and_play_to_the_end(
    participant: ParticipantFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = participant("Ann"), participant("Ben")
    with experiment("short_slime.py", tmp_path, max_p2p_rtt_ms=150) as product:
        game = play(product, people)
        assert_complete(game)
        elsewhere = tmp_path / "analysis"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        analyse_as_the_readme_says(game)
        printed = capsys.readouterr().out
        assert "accepted" in printed
        assert all(member["subject_id"] in printed for member in game.match["group"])
        match = product.wait_for(lambda _: "verified" in game.match and game.match)
        assert match["verified"]["status"] == "equal", match["verified"]
        assert match["verified"]["frames"] == FRAMES
        assert match["threshold_ms"] == 150
        (edge,) = match["edges"]
        assert 0 < edge["rtt_ms"] <= 150
        assert all(len(side["samples_ms"]) >= 3 for side in edge["sides"])
        kinds = [line["kind"] for line in product.ledger]
        assert kinds.index("proposal") < kinds.index("probe") < kinds.index("verdict")
    assert_verified(product, game, capsys)
    assert_nobody_is_told_who_the_others_are(people, game)
    assert all("probing" in person.phases and not person.errors for person in people)


def test_two_browsers_play_without_a_probe_where_there_is_no_threshold(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    people = participant("Ann"), participant("Ben")
    with experiment("short_slime.py", tmp_path) as product:
        game = play(product, people)
        assert_complete(game)
        assert game.match["threshold_ms"] is None
        assert game.match["edges"] == []
        assert "probe" not in {line["kind"] for line in product.ledger}
    assert not any("probing" in person.phases or person.errors for person in people)
