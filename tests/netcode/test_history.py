"""Games that go on from the rows that a server has, as no page holds them any more."""

import dataclasses
import json
from typing import Any

import pytest

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.game_loop import GameLoop
from interactive_gym.netcode.history import history_frames, history_text
from interactive_gym.netcode.input_queue import HIDDEN, VACANT
from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from tests.support.simulated_network import (
    Machine,
    Network,
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

LONG = {"num_episodes": 5, "max_steps": 40}
DRAINS_MS = 60_000


def with_history(frames: list[bytes], **changes: Any) -> GameConfig:
    return game_config(history=history_text(frames), incarnation=1, **changes)


def test_a_history_is_what_its_text_says() -> None:
    frames = [bytes([0, 3]), bytes([2 | HIDDEN, VACANT])]
    assert history_frames(with_history(frames)) == frames
    frames = [bytes([0, 3, 2]), bytes([1, 1, MAX_INPUT_DELAY])]
    assert history_frames(with_history(frames, adapts_input_delay=True)) == frames
    assert history_frames(with_history([])) == history_frames(game_config()) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no text", "cannot be read"),
        ("AAAA", "cannot be read"),
        (history_text([b"\0\0\0"]), "3 bytes, not 2 a frame"),
        (history_text([b"\0\0", b"\0\4"]), "no inputs of this game in frame 1"),
    ],
)
def test_what_is_no_history_of_the_game_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        GameLoop(StubGame(), game_config(history=text))


def test_an_input_delay_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no input delay in frame 0"):
        history_frames(with_history([b"\0\0\37"], adapts_input_delay=True))


def rows_of(game: SimulatedGame) -> list[str]:
    """The rows that a server has of a game: the longest copy."""
    return max((player.rows for player in game.players), key=len)


def all_reload(game: SimulatedGame, seed: int) -> SimulatedGame:
    """The game after all its pages were loaded anew and given what the server has of it."""
    config = dataclasses.replace(
        game.config,
        incarnation=game.config.incarnation + 1,
        history=history_text(inputs_from_rows(rows_of(game), game.config)),
    )

    def make_loop(env: Any, seated: GameConfig, namespace: Any) -> GameLoop:
        return GameLoop(env, dataclasses.replace(seated, incarnation=config.incarnation), namespace)

    network, draws = bad_network(seed)
    machines = bad_machines(config.num_seats, draws)
    return SimulatedGame(game.make_env, config, seed, network, machines, make_loop)


def assert_goes_on(before: list[str], game: SimulatedGame) -> None:
    """Check that all recorded the same to the end, what was before, and what the replay says."""
    for player in game.survivors:
        assert player.result["finished"] and not player.result["desync"]
        assert player.rows[: len(before)] == before
    rows = rows_of(game)
    config = dataclasses.replace(game.config, history=None, incarnation=0)
    again, digest = resimulate(game.make_env(), config, inputs_from_rows(rows, config))
    assert again == rows
    assert {player.digest for player in game.survivors} == {digest}


@pytest.mark.parametrize("num_seats", [2, 3])
@pytest.mark.parametrize("adapts", [False, True])
def test_all_go_on_where_the_last_row_is_and_record_the_same(num_seats: int, adapts: bool) -> None:
    for seed in range(5):
        network, draws = bad_network(seed)
        config = game_config(num_seats, seed=seed, adapts_input_delay=adapts, **LONG)
        machines = bad_machines(num_seats, draws)
        game = SimulatedGame(lambda: StubGame(num_seats), config, seed, network, machines)
        before = rows_of(game.run(3000))
        again = all_reload(game, seed).run(3500)
        longer = rows_of(again)
        assert len(longer) > len(before) > 0
        assert_goes_on(longer, all_reload(again, seed).run(DRAINS_MS))


def test_a_history_may_be_empty_or_the_whole_game() -> None:
    config = game_config(**LONG)
    untouched = SimulatedGame(StubGame, config, 1, Network())
    assert_goes_on([], all_reload(untouched, 1).run(DRAINS_MS))
    whole = untouched.run()
    assert_goes_on(rows_of(whole), all_reload(whole, 1).run(DRAINS_MS))


def test_a_seat_that_was_cut_before_stays_cut() -> None:
    config = game_config(3, on_cut="neutral", **LONG)
    machines = [Machine(), Machine(), Machine(leaves_at_ms=1500)]
    game = SimulatedGame(lambda: StubGame(3), config, 1, Network(), machines).run(5000)
    before = rows_of(game)
    (frames,) = game.cuts().values()
    assert len(before) > 3 * frames
    again = all_reload(game, 1)
    again._leave(again.players[2], 0)
    assert_goes_on(before, again.run(DRAINS_MS))
    assert again.cuts() == {2: frames}


def test_who_is_left_alone_ends_where_the_last_row_is() -> None:
    game = SimulatedGame(StubGame, game_config(**LONG), 1, Network()).run(3000)
    before = rows_of(game)
    again = all_reload(game, 1)
    again._leave(again.players[1], 0)
    result = again.run(DRAINS_MS).players[0].result
    assert result["finished"] and result["cut_short"]
    assert again.players[0].rows == before


def test_inputs_after_the_last_row_are_made_anew_from_the_default_action() -> None:
    config = with_history([bytes([1, 2])] * 40, input_delay=3, **LONG)
    loop = GameLoop(StubGame(2), config)
    queues = loop._session.queues
    assert queues[0].since(0, 100) == bytes([1] * 40 + [config.default_action] * 3)
    assert queues[1].since(0, 100) == bytes([2] * 40)
    result = json.loads(loop.tick(0, 3, False, b""))
    assert (result["frame"], result["resuming"]) == (16, {"frame": 16, "of": 40})
    result = json.loads(loop.tick(33, 3, False, b""))
    assert (result["frame"], result["resuming"]) == (41, None)
    assert queues[0].since(40, 100) == bytes([0, 0, 0, 3])


def test_whoever_plays_alone_goes_on_too() -> None:
    alone = {"policies": [None, "random"], **LONG}
    game = SimulatedGame(StubGame, game_config(**alone), 1, Network())
    before = rows_of(game.run(3000))
    assert_goes_on(before, all_reload(game, 1).run(DRAINS_MS))
