"""Whole games over a simulated network, each held against a replay of the inputs really made."""

from typing import Any

import pytest

from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
from interactive_gym.netcode.game_config import GameConfig
from tests.support.simulated_network import (
    Machine,
    Network,
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Whole games by the hundred: slow to trace, and what they run the other tests run, too.
pytestmark = pytest.mark.no_cover


class PickledGame(StubGame):
    """A game without get_state, so that it is saved by pickling."""

    get_state = None
    set_state = None


def play_badly_connected(seed: int, make_env: Any, config: GameConfig) -> SimulatedGame:
    network, draws = bad_network(seed)
    machines = bad_machines(len(config.agents), draws)
    return SimulatedGame(make_env, config, seed, network, machines).run()


@pytest.mark.parametrize("first_seed", range(0, 300, 50))
def test_two_players_record_what_they_played_on_any_network(first_seed: int) -> None:
    rollbacks = 0
    for seed in range(first_seed, first_seed + 50):
        game = play_badly_connected(seed, StubGame, game_config(seed=seed))
        game.verify()
        rollbacks += game.players[0].result["rollbacks"]
    assert rollbacks > 500


@pytest.mark.parametrize("num_seats", [3, 4])
def test_more_players_record_what_they_played_on_any_network(num_seats: int) -> None:
    for seed in range(120 // num_seats):
        config = game_config(num_seats, seed=seed)
        play_badly_connected(seed, lambda: StubGame(num_seats), config).verify()


def test_a_game_saved_by_pickling_is_recorded_like_any_other() -> None:
    for seed in range(30):
        play_badly_connected(seed, PickledGame, game_config(seed=seed)).verify()


def test_slime_volleyball_is_recorded_as_played_on_any_network() -> None:
    for seed in range(25):
        config = game_config(
            agents=["left", "right"],
            actions=list(range(6)),
            num_episodes=2,
            max_steps=150,
            seed=seed,
        )
        play_badly_connected(seed, SlimeVolleyball, config).verify()


@pytest.mark.parametrize("input_delay", [0, 1, 6])
def test_an_input_is_applied_after_the_input_delay(input_delay: int) -> None:
    for seed in range(10):
        config = game_config(input_delay=input_delay, seed=seed)
        play_badly_connected(seed, StubGame, config).verify()


def test_a_long_enough_input_delay_spares_every_rollback() -> None:
    game = SimulatedGame(StubGame, game_config(input_delay=6), 1, Network(delay_ms=100)).run()
    game.verify()
    assert [player.result["rollbacks"] for player in game.players] == [0, 0]


def test_a_cut_of_two_seconds_is_made_good() -> None:
    for seed in range(10):
        network = Network(loss=0.1, cut=(800, 2800))
        SimulatedGame(StubGame, game_config(num_episodes=5), seed, network).run().verify()


def test_a_player_whose_machine_freezes_holds_up_the_game_but_spoils_nothing() -> None:
    for seed in range(10):
        machines = [Machine(), Machine(freezes=(700, 3000))]
        config = game_config(num_episodes=5)
        SimulatedGame(StubGame, config, seed, Network(), machines).run().verify()


def test_every_participant_drains_under_heavy_loss() -> None:
    for seed in range(100):
        config = game_config(num_episodes=1, max_steps=10, seed=seed)
        SimulatedGame(StubGame, config, seed, Network(loss=0.35, jitter_ms=60)).run().verify()


def test_a_silent_peer_stalls_the_game_at_the_prediction_limit() -> None:
    network = Network(cut=(1000, 1e9))
    game = SimulatedGame(StubGame, game_config(num_episodes=50), 3, network).run(until_ms=4000)
    for player in game.players:
        result = player.result
        assert not result["advanced"]
        assert result["frame"] - (result["confirmed_frame"] + 1) == game.config.max_prediction
        assert result["peers"][0]["silence_ms"] > 2900
        assert not result["finished"]


def test_participants_whose_environments_differ_report_a_desync_and_stop() -> None:
    class Odd(StubGame):
        def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
            self.totals[0] += 1e-9
            return super().step(actions)

    environments = iter([StubGame, Odd])
    config = game_config(num_episodes=50)
    game = SimulatedGame(lambda: next(environments)(), config, 3, Network(loss=0.2)).run()
    for seat, player in enumerate(game.players):
        result = player.result
        assert result["desync"] == {"frame": 7, "seat": 1 - seat, "part": "rows"}
        assert result["frame"] < 40
        assert not result["finished"] and not result["advanced"]


def test_a_hidden_state_that_differs_is_reported_before_it_reaches_a_row() -> None:
    class Biding(StubGame):
        """Gathers something that its rows show only after ten seconds."""

        gathered = 0
        drift = 0

        def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
            self.gathered += 1 + (self.drift if actions["player_1"] == 2 else 0)
            results = super().step(actions)
            results[1]["player_0"] += max(0, self.gathered - 300)
            return results

        def get_state(self) -> tuple[Any, ...]:
            return (*super().get_state(), self.gathered)

        def set_state(self, state: tuple[Any, ...]) -> None:
            super().set_state(state[:3])
            self.gathered = state[3]

    class Drifting(Biding):
        drift = 1

    environments = iter([Biding, Drifting])
    config = game_config(num_episodes=50)
    game = SimulatedGame(lambda: next(environments)(), config, 3, Network(loss=0.2)).run()
    for seat, player in enumerate(game.players):
        desync = player.result["desync"]
        assert (desync["seat"], desync["part"]) == (1 - seat, "state")
        assert player.result["frame"] < 90
    shared = min(len(player.rows) for player in game.players)
    assert shared > 10
    assert game.players[0].rows[:shared] == game.players[1].rows[:shared]


def test_a_difference_in_the_very_last_frame_is_reported() -> None:
    class Odd(StubGame):
        frames = 0

        def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
            results = super().step(actions)
            if self.frames == 12:
                results[1]["player_0"] += 1
            self.frames += 1
            return results

    environments = iter([StubGame, Odd])
    config = game_config(num_episodes=1, max_steps=13, input_delay=10)
    game = SimulatedGame(lambda: next(environments)(), config, 3, Network(delay_ms=5)).run(9000)
    assert [player.result["desync"]["frame"] for player in game.players] == [12, 12]


def frames_apart(game: SimulatedGame, after_ms: float) -> float:
    """The largest mean distance over windows of a second, so that the tick raster averages out."""
    first, second = (player.leads for player in game.players)
    windows: dict[int, list[float]] = {}
    position = 0
    for time_ms, frame in first:
        while position + 1 < len(second) and second[position + 1][0] <= time_ms:
            position += 1
        if time_ms >= after_ms:
            windows.setdefault(int(time_ms // 1000), []).append(frame - second[position][1])
    means = [sum(window) / len(window) for window in windows.values() if len(window) > 10]
    return max(abs(mean) for mean in means)


@pytest.mark.parametrize(
    "late",
    [
        Machine(starts_at_ms=1700),
        Machine(speed=1.02),
        Machine(speed=0.98),
        Machine(starts_at_ms=900, speed=0.99, tick_jitter_ms=3),
    ],
)
def test_participants_come_together_whatever_their_clocks_do(late: Machine) -> None:
    network = Network(delay_ms=60, jitter_ms=20, loss=0.1)
    config = game_config(num_episodes=1000)
    game = SimulatedGame(StubGame, config, 5, network, [Machine(), late]).run(until_ms=30_000)
    assert frames_apart(game, after_ms=6_000) < 1.5
    slowest_fps = min(player.leads[-1][1] for player in game.players) / 30
    assert slowest_fps > 25


def test_without_time_sync_a_faster_clock_runs_ahead_to_the_prediction_limit() -> None:
    network = Network(delay_ms=20)
    config = game_config(num_episodes=1000)
    game = SimulatedGame(
        StubGame, config, 5, network, [Machine(), Machine(speed=1.02)], obeys_wait=False
    ).run(until_ms=30_000)
    assert frames_apart(game, after_ms=20_000) > 3


def test_the_measured_rtt_is_that_of_the_network_and_the_raster_of_ticks() -> None:
    config = game_config(num_episodes=100)
    game = SimulatedGame(StubGame, config, 5, Network(delay_ms=80)).run(until_ms=10_000)
    frame_ms = 1000 / config.fps
    for player in game.players:
        assert 160 <= player.result["peers"][0]["rtt_ms"] <= 160 + 2 * frame_ms


def test_a_participant_sends_less_than_3_kb_a_second_at_15_percent_loss() -> None:
    network = Network(delay_ms=60, jitter_ms=20, loss=0.15)
    game = SimulatedGame(StubGame, game_config(num_episodes=100), 5, network).run(until_ms=20_000)
    for player in game.players:
        assert player.bytes_sent / 20 < 3000
