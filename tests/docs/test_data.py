"""`docs/data.md` names everything that is stored, and its example runs as it stands there."""

import hashlib
import json
import re
from typing import get_args

import pandas as pd
import pytest

from interactive_gym.configurations.configuration_constants import PolicyTypes
from interactive_gym.netcode.recorder import DELAY_COLUMN
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from interactive_gym.server.data.network_rows import COLUMNS
from interactive_gym.server.games.events import EventKind
from interactive_gym.server.games.remote_game import CutReason, EndReason
from tests.support.browser_events import network
from tests.support.matching_fakes import World
from tests.support.paths import DOCS
from tests.support.played_games import finish, say, tell

PAGE = (DOCS / "data.md").read_text()
AGENTS = ("left", "middle", "7")
FPS = 30
SECONDS = 3
FRAMES = FPS * SECONDS


def section(title: str) -> str:
    """What the page says under a heading."""
    pattern = rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)"
    (text,) = re.findall(pattern, PAGE, re.DOTALL | re.MULTILINE)
    return text


def named(text: str) -> set[str]:
    """The names in the first cells of the tables."""
    cells = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def upload() -> dict:
    """All frames of a game of three participants beside a policy."""
    rows = [
        f"{frame},0,{frame},{agent},1,{'' if agent == 'robot' else 'false'},0.5,false,false"
        for frame in range(FRAMES)
        for agent in (*AGENTS, "robot")
    ]
    table = header_line(BASE_COLUMNS) + "".join(f"{row}\n" for row in rows)
    digest = hashlib.sha256(table.encode()).hexdigest()
    return {"columns": list(BASE_COLUMNS), "first_frame": 0, "rows": rows, "digest": digest}


def network_of(seat: int, second: int) -> list[dict]:
    """A second as a browser tells it: the RTT names seat, second and partner."""
    rtts_ms = {peer: 100 * seat + 10 * second + peer for peer in range(3) if peer != seat}
    common = {"frame": second * FPS, "time_ms": second * 1000, "local_candidate_type": "host"}
    return [{**common, "peer_seat": peer, "rtt_ms": rtt_ms} for peer, rtt_ms in rtts_ms.items()]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The folder of all studies, with a game that was played, stored as a served one is."""
    folder = tmp_path_factory.mktemp("served") / "data"
    store = DataStore(folder, "my_study", wall_clock=lambda: 1_700_000_000.0)
    human, random = PolicyTypes.Human, PolicyTypes.Random
    scene = (
        GymScene()
        .scene(scene_id="volleyball")
        .policies(policy_mapping={**dict.fromkeys(AGENTS, human), "robot": random})
        .gameplay(default_action=0, action_mapping={"a": 1}, max_steps=100)
        .pyodide(environment_initialization_code="env = None")
        .reconnection_config(timeout_ms=8000, continue_with="neutral")
    )
    world = World(scene=scene, data_store=store, log_participant=store.log_participant)
    world.join(*"abc")
    world.start_game(*"abc")
    for seat, subject_id in enumerate("abc"):
        assert say(world, "frames", subject_id, **upload()) == {"next_frame": FRAMES}
        for second in range(1, SECONDS + (seat != 1)):
            told = network(*network_of(seat, second), first=2 * (second - 1))
            assert say(world, "network", subject_id, **told) == {"next": 2 * second}
    for tries, age in enumerate((30, 31), start=1):
        answer = {"item": "age", "wording": "0" * 64, "value": age, "age_ms": None}
        store.log_answers("a", "about_you", [answer], shown_age_ms=0.0, tries=tries)
    tell(world, "a", "desync", 9)
    say(world, "quit", "b", reason="hidden")
    for subject_id in "ac":
        finish(world, subject_id, "completed")
    world.pass_time(6.0)
    return folder


@pytest.fixture(scope="module")
def game(data):
    (folder,) = (path for path in (data / "my_study/volleyball").iterdir() if path.is_dir())
    return folder


@pytest.fixture
def joined(data, game, monkeypatch):
    """What the page's example makes of that game."""
    monkeypatch.chdir(data.parent)
    (code,) = re.findall(
        r"```python\n(.*?)```", section("Frames and the network, joined"), re.DOTALL
    )
    names: dict = {}
    exec(code.replace("GAME_ID", game.name), names)
    return names["joined"]


def test_every_frame_of_a_participant_is_joined_with_the_second_it_was_played_in(joined):
    assert len(joined) == len(AGENTS) * FRAMES
    assert set(joined["agent"]) == set(AGENTS)
    for row in joined.itertuples():
        second = row.frame // FPS + 1
        if row.seat == 1 and second == SECONDS:
            assert pd.isna(row.rtt_ms), "this browser's last second has no row"
        else:
            farthest = {0: 2, 1: 2, 2: 1}[row.seat]
            assert row.rtt_ms == 100 * row.seat + 10 * second + farthest
            assert row.time_ms == second * 1000


def test_every_field_of_an_answer_is_explained_and_its_example_runs(data, monkeypatch):
    line = json.loads((data / "my_study/answers.jsonl").read_text().splitlines()[0])
    assert named(section("answers.jsonl")) == set(line)
    monkeypatch.chdir(data.parent)
    (code,) = re.findall(r"```python\n(.*?)```", section("answers.jsonl"), re.DOTALL)
    names: dict = {}
    exec(code, names)
    assert names["table"].loc["a", ("about_you", "age")] == 31


def test_every_file_of_a_study_is_named(data):
    described = named(PAGE[: PAGE.index("## ")])
    for path in (data / "my_study").rglob("*"):
        if path.is_file():
            assert any(name.endswith(path.name) for name in described), path.name


def test_every_column_of_the_tables_is_explained():
    assert named(section("frames.csv")) == {*BASE_COLUMNS, DELAY_COLUMN, "info_…"}
    assert named(section("network.csv")) == set(COLUMNS)


def test_every_field_of_a_match_and_every_reason_is_explained(game):
    explained = named(section("match.json"))
    match = json.loads((game / "match.json").read_text())
    assert set(match) - explained == set()
    assert {*get_args(EndReason), *get_args(CutReason)} <= explained
    for cut in match["cuts"]:
        assert all(f"`{name}`" in section("match.json") for name in cut)


def test_every_kind_of_event_is_explained(game):
    explained = named(section("events.jsonl"))
    stored = {json.loads(line)["kind"] for line in (game / "events.jsonl").read_text().splitlines()}
    assert stored | {*get_args(EventKind)} <= explained


def test_no_file_but_that_of_the_participants_has_personal_data(game):
    assert "recruitment" not in "".join(path.read_text() for path in game.iterdir())
