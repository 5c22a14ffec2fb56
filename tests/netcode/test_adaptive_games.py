"""Whole games whose input delay changes, over simulated networks that change."""

import json
from random import Random
from typing import Any

import pytest

from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop
from interactive_gym.netcode.recorder import BASE_COLUMNS
from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from tests.support.simulated_network import (
    Machine,
    MakeLoop,
    Network,
    SimulatedGame,
    WrongRecordError,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

DELAY = BASE_COLUMNS.index("truncated") + 1


def adaptive(num_seats: int = 2, **changes: Any) -> GameConfig:
    options = {"num_episodes": 40, "adapts_input_delay": True, "input_delay": 2, **changes}
    return game_config(num_seats, **options)


def changing(
    config: GameConfig,
    seed: int,
    delays_ms: list[tuple[float, float]],
    make_loop: MakeLoop = GameLoop,
    **options: Any,
) -> SimulatedGame:
    """A game on a network whose one-way delay changes at these times."""
    network = Network(delay_ms=delays_ms[0][1], jitter_ms=6)
    game = SimulatedGame(
        lambda: StubGame(config.num_seats), config, seed, network, make_loop=make_loop, **options
    )
    for at_ms, delay_ms in delays_ms[1:]:
        game._at(at_ms, lambda _, delay_ms=delay_ms: setattr(network, "delay_ms", delay_ms))
    return game


def delays_of(game: SimulatedGame) -> list[int]:
    """The input delay of every frame, as the first seat has recorded it."""
    agents = len(game.config.agents)
    return [int(row.split(",")[DELAY]) for row in game.players[0].rows[::agents]]


def test_the_delay_follows_a_lasting_change_of_the_rtt_up_and_down() -> None:
    game = changing(adaptive(), 1, [(0, 30), (10_000, 85), (25_000, 20)]).run()
    game.verify()
    delays = delays_of(game)
    assert delays[250] == 2
    assert delays[700] == 3
    assert delays[-1] < 3
    fixed = game_config(num_episodes=40)
    assert rollbacks(game) * 2 < rollbacks(changing(fixed, 1, [(0, 30), (10_000, 85)]).run())


def rollbacks(game: SimulatedGame) -> int:
    """Frames simulated again while the RTT was high."""
    rows = [row for player in game.players for row in player.network]
    return sum(row["rollback_frames"] for row in rows if 13_000 < row["time_ms"] < 25_000)


def test_beyond_what_is_comfortable_only_what_would_stall_makes_it_longer() -> None:
    game = changing(adaptive(), 2, [(0, 20), (6_000, 130)]).run()
    game.verify()
    assert max(delays_of(game)) == 3
    game = changing(adaptive(max_prediction=4), 2, [(0, 20), (6_000, 220)]).run()
    game.verify()
    assert max(delays_of(game)) > 4


def test_a_steady_network_has_a_steady_delay() -> None:
    for delay_ms in (20, 45, 60):
        for seed in range(3):
            game = changing(adaptive(), seed, [(0, delay_ms)]).run()
            game.verify()
            settled = delays_of(game)[450:]
            assert len(set(settled)) == 1, (delay_ms, seed)


def test_a_cut_of_the_network_is_no_slow_connection() -> None:
    game = changing(adaptive(), 3, [(0, 30)])
    game.network.cut = (8_000, 14_000)
    game.run().verify()
    assert set(delays_of(game)) == {2}


def test_one_bad_link_raises_the_delay_of_all_at_the_same_frame() -> None:
    config = adaptive(3, num_episodes=20)
    game = changing(config, 4, [(0, 20)])
    send, slow = game._send, {1, 2}

    def send_slowly(sender: Any, receiver: Any, datagram: bytes, time_ms: float) -> None:
        game.network.delay_ms = 90 if {sender.seat, receiver.seat} == slow else 20
        send(sender, receiver, datagram, time_ms)

    game._send = send_slowly  # type: ignore[method-assign]
    game.run().verify()
    assert delays_of(game)[-1] == 3
    assert game.players[0].rows == game.players[1].rows == game.players[2].rows


def test_the_delays_are_in_the_rows_and_the_rows_give_the_same_game_again() -> None:
    game = changing(adaptive(num_episodes=15), 5, [(0, 20), (4_000, 90)]).run()
    assert len(set(delays_of(game))) > 1
    for player in game.players:
        inputs = inputs_from_rows(player.rows, game.config)
        assert resimulate(StubGame(), game.config, inputs) == (player.rows, player.digest)
    with pytest.raises(ValueError, match="'x' is none"):
        inputs_from_rows([row.replace(",2,", ",x,") for row in game.players[0].rows], game.config)


@pytest.mark.parametrize("seed", range(40))
def test_every_copy_is_the_replay_on_bad_networks_that_change(seed: int) -> None:
    rng = Random(f"adaptive {seed}")
    seats = rng.choice([2, 2, 3, 4])
    network, draws = bad_network(seed)
    machines = bad_machines(seats, draws)
    if seed % 3 == 0:
        machines[0].reloads = ((rng.uniform(3000, 9000), 10_000),)
    elif seed % 5 == 1:
        machines[-1].leaves_at_ms = rng.uniform(4000, 9000)
    config = adaptive(
        seats,
        num_episodes=8,
        input_delay=rng.choice([1, 2, 5]),
        on_cut=rng.choice(["end", "neutral"]),
        max_prediction=rng.choice([4, 8]),
    )
    game = SimulatedGame(lambda: StubGame(seats), config, seed, network, machines)
    for at_ms in range(2000, 30_000, 3000):
        delay_ms = rng.uniform(1, 200)
        game._at(at_ms, lambda _, delay_ms=delay_ms: setattr(network, "delay_ms", delay_ms))
    game.run()
    game.verify()


class _Early(DelaySchedule):
    """The fault of beginning a change before everybody can know of it."""

    def __init__(self, input_delay: int, max_prediction: int, wish_frames: int) -> None:
        super().__init__(input_delay, max_prediction, wish_frames)
        self._lead = 0


class _Sooner(DelaySchedule):
    """The fault of taking a wish to lower for the wish of all, on one machine alone."""

    def _all_wish(self, values: Any, frame: int) -> bool:
        return True


class _OwnDelay:
    """Makes loops with a schedule of their own, on one seat or on all."""

    def __init__(self, schedule: type[DelaySchedule], seats: tuple[int, ...]) -> None:
        self._schedule, self._seats = schedule, seats

    def __call__(self, env: Any, config: GameConfig, namespace: Any) -> GameLoop:
        loop = GameLoop(env, config, namespace)
        if config.seat in self._seats:
            loop._session._delays = self._schedule(
                config.input_delay, config.max_prediction, round(15 * config.fps)
            )
        return loop


@pytest.mark.parametrize(
    "fault", [_OwnDelay(_Early, (0, 1)), _OwnDelay(_Early, (1,)), _OwnDelay(_Sooner, (1,))]
)
def test_a_fault_in_the_schedule_is_seen(fault: _OwnDelay) -> None:
    delays_ms = [(0, 30), (4_000, 110), (12_000, 5)]
    # A freeze is a silence for the other alone, so that both wish at different times.
    machines = [Machine(), Machine(freezes=(13_000, 14_000))]
    game = changing(adaptive(), 6, delays_ms, make_loop=fault, machines=machines)
    with pytest.raises(WrongRecordError):
        game.run().verify()
    changing(adaptive(), 6, delays_ms, machines=machines).run().verify()


def test_a_freeze_or_a_machine_that_is_slow_for_a_moment_changes_nothing() -> None:
    game = changing(
        adaptive(), 7, [(0, 25)], machines=[Machine(), Machine(freezes=(9_000, 10_500))]
    ).run()
    game.verify()
    assert set(delays_of(game)) == {2}


def test_the_result_of_a_tick_tells_the_delay() -> None:
    game = changing(adaptive(num_episodes=10), 8, [(0, 90)]).run()
    told = {player.result["input_delay"] for player in game.players}
    assert told == {delays_of(game)[-1]} == {3}
    config = game_config(1, num_episodes=1, max_steps=5, input_delay=4)
    alone = json.loads(GameLoop(StubGame(1), config).tick(0, 0, False, b""))
    assert alone["input_delay"] == 4
