"""Participants who reload the page mid-game: what comes back, and what it must not contradict."""

import pytest

from tests.support.simulated_network import (
    Machine,
    Network,
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Slow to trace, and what they run other tests run, too.
pytestmark = pytest.mark.no_cover

LONG = {"num_episodes": 5, "max_steps": 40}


def play(seed: int, num_seats: int = 2, reloads: int = 1, **network: float) -> SimulatedGame:
    """A game in which the last *reloads* seats reload one after another."""
    config = game_config(num_seats, seed=seed, **LONG)
    travels, draws = bad_network(seed)
    machines = bad_machines(num_seats, draws)
    for number in range(reloads):
        at_ms = 100 + 4000 * draws[number] + 5000 * number
        machines[-1 - number].reloads = ((at_ms, at_ms + 200 + 2500 * draws[number + 1]),)
    for name, value in network.items():
        setattr(travels, name, value)
    game = SimulatedGame(lambda: StubGame(num_seats), config, seed, travels, machines)
    return game.run()


def test_a_participant_who_reloads_is_given_the_game_back_and_records_all_of_it() -> None:
    came_back = 0
    for seed in range(30):
        game = play(seed)
        game.verify()
        came_back += bool(game.players[1].incarnation and game.players[1].result["finished"])
    assert came_back > 20


@pytest.mark.parametrize("num_seats", [3, 4])
def test_in_larger_groups_too_even_when_one_reloads_after_the_other(num_seats: int) -> None:
    for seed in range(8):
        play(seed, num_seats, reloads=2).verify()


def test_two_who_reload_at_once_are_given_the_game_back_by_the_third() -> None:
    for seed in range(10):
        network, draws = bad_network(seed)
        machines = bad_machines(3, draws)
        machines[1].reloads = ((2500, 3500 + 900 * draws[0]),)
        machines[2].reloads = ((2600 + 600 * draws[2], 3300 + 900 * draws[1]),)
        config = game_config(3, seed=seed, **LONG)
        SimulatedGame(lambda: StubGame(3), config, seed, network, machines).run().verify()


def test_a_participant_may_reload_again_before_everything_is_back() -> None:
    for seed in range(10):
        network, draws = bad_network(seed)
        machines = bad_machines(2, draws)
        back_ms = 2200 + 1000 * draws[0]
        machines[1].reloads = ((2000, back_ms), (back_ms + 300 * draws[1], back_ms + 900))
        config = game_config(seed=seed, **LONG)
        SimulatedGame(StubGame, config, seed, network, machines).run().verify()


def test_a_partner_waits_at_the_prediction_limit_and_hears_of_the_reload() -> None:
    machines = [Machine(), Machine(reloads=((3000, 6000),))]
    game = SimulatedGame(StubGame, game_config(**LONG), 1, Network(), machines)
    game.run(until_ms=5900)
    partner = game.players[0].result
    assert partner["frame"] - (partner["confirmed_frame"] + 1) == game.config.max_prediction
    heard = set()
    for until_ms in range(6000, 6400, 20):
        game.run(until_ms)
        heard.add(game.players[0].result["peers"][0]["resuming"])
    assert heard == {True, False}
    game.run().verify()


def test_a_participant_who_is_resuming_draws_nothing_and_says_how_far_it_is() -> None:
    machines = [Machine(), Machine(reloads=((8000, 9000),))]
    config = game_config(num_episodes=20)
    game = SimulatedGame(StubGame, config, 1, Network(), machines)
    seen = []
    for until_ms in range(9000, 9500, 20):
        result = game.run(until_ms).players[1].result
        if result and result["resuming"]:
            assert result["draw"] is None and not result["advanced"]
            seen.append((result["resuming"]["frame"], result["resuming"]["of"]))
    assert seen[0] == (0, 0)
    assert seen == sorted(seen)
    assert seen[-1][1] > 200
    assert result["draw"] and result["resuming"] is None


def test_twenty_minutes_of_play_are_back_within_seconds() -> None:
    """The partner's copy is given its history by hand and has to work through it, too."""
    frames = 36_000
    config = game_config(num_episodes=10**6)
    machines = [Machine(reloads=((10, 20),)), Machine()]
    game = SimulatedGame(StubGame, config, 1, Network(delay_ms=75, loss=0.1), machines)
    for seat, queue in enumerate(game.players[1].loop._session.queues):
        history = bytes([0, 0]) + bytes([(seat + 1) % 4]) * (frames - 2)
        queue.extend(queue.count, history[queue.count :])
    game.run(until_ms=4000)
    assert game.players[0].incarnation == 1
    for player in game.players:
        assert player.result["confirmed_frame"] >= frames
        assert player.result["resuming"] is None
        assert len(player.rows) > 2 * (frames - 20)


def test_when_everybody_reloads_nobody_goes_on_with_another_past() -> None:
    machines = [Machine(reloads=((3000, 3500),)), Machine(reloads=((3200, 3600),))]
    game = SimulatedGame(StubGame, game_config(**LONG), 1, Network(), machines).run(20_000)
    for player in game.players:
        assert player.result["frame"] == 0
        assert player.result["resuming"] == {"frame": 0, "of": 0}
        assert player.rows == []
        assert len(player.earlier_rows[0]) > 100
