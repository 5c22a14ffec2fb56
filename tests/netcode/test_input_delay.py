import math

import pytest

from interactive_gym.netcode.input_delay import (
    JITTER_MS,
    input_delay_for,
    input_delay_of_target,
    largest_equal_rtt_ms,
)
from tests.support.simulated_network import Machine, Network, SimulatedGame, game_config
from tests.support.stub_game import StubGame


@pytest.mark.parametrize(
    ("rtt_ms", "fps", "frames"),
    [
        (0, 30, 1),
        (40, 30, 1),
        (80, 30, 2),
        (150, 30, 3),
        (300, 30, 3),
        (150, 60, 5),
        (500, 30, 4),
        (1010, 30, 12),
        (9999, 30, 30),
        (0, 1, 1),
        (49.9, 40, 1),
        (50, 40, 2),
        (133.3, 30, 2),
        (133.4, 30, 3),
        (200, 20, 2),
        (300, 49.75, 4),
        (500, 5, 1),
    ],
)
def test_the_delay_covers_the_way_as_far_as_it_is_hardly_felt(
    rtt_ms: float, fps: float, frames: int
) -> None:
    assert input_delay_for(rtt_ms, fps) == frames


@pytest.mark.parametrize(("max_prediction", "frames"), [(1, 8), (2, 7), (3, 7), (8, 4), (60, 3)])
def test_what_may_be_predicted_spares_a_long_delay_but_for_half_of_it(
    max_prediction: int, frames: int
) -> None:
    assert input_delay_for(500, 30, max_prediction) == frames


def test_a_longer_way_never_means_a_shorter_delay() -> None:
    delays = [input_delay_for(rtt_ms, 30) for rtt_ms in range(2000)]
    assert delays == sorted(delays)


@pytest.mark.parametrize("rtt_ms", [10, 60, 120, 180])
def test_on_a_steady_network_the_delay_spares_nearly_every_rollback(rtt_ms: int) -> None:
    def rollbacks(input_delay: int) -> int:
        config = game_config(num_episodes=10, input_delay=input_delay)
        game = SimulatedGame(StubGame, config, 3, Network(delay_ms=rtt_ms / 2)).run()
        game.verify()
        return sum(player.result["rollbacks"] for player in game.players)

    assert rollbacks(input_delay_for(rtt_ms, 30)) * 4 <= rollbacks(0)


@pytest.mark.parametrize(
    "arguments",
    [(-0.1, 30), (math.nan, 30), (math.inf, 30), (10, 0), (10, -1), (10, 30, 0), (10, 30, -1)],
)
def test_what_is_no_measurement_is_an_error(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rtt_ms must be"):
        input_delay_for(*arguments)


@pytest.mark.parametrize(
    ("target_ms", "fps", "frames"),
    [(120, 30, 4), (120, 60, 7), (50, 30, 2), (49.9, 30, 1), (0, 9, 0)],
)
def test_the_input_delay_comes_closest_to_its_target(
    target_ms: float, fps: float, frames: int
) -> None:
    assert input_delay_of_target(target_ms, fps) == frames


@pytest.mark.parametrize("fps", [20, 30, 60])
@pytest.mark.parametrize("apart_ms", [0, 11, 700])
def test_at_the_largest_equal_rtt_every_input_arrives_before_its_frame(
    fps: int, apart_ms: float
) -> None:
    input_delay = input_delay_of_target(150, fps)
    delay_ms = largest_equal_rtt_ms(input_delay, fps) / 2
    config = game_config(num_episodes=10, input_delay=input_delay, fps=fps)
    machines = [Machine(), Machine(starts_at_ms=apart_ms)]

    def rollbacks(delay_ms: float) -> int:
        network = Network(delay_ms=delay_ms, jitter_ms=JITTER_MS)
        game = SimulatedGame(StubGame, config, 5, network, machines).run()
        game.verify()
        # In the first seconds the one who begins earlier is held back.
        return sum(row["rollbacks"] for player in game.players for row in player.network[2:])

    assert rollbacks(delay_ms) == 0
    assert rollbacks(delay_ms + 3000 / fps) > 0
