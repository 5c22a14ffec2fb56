import pytest

from interactive_gym.netcode.effect_delay import Effects
from interactive_gym.netcode.network_statistics import COLUMNS, NetworkStatistics
from tests.support.simulated_network import Machine, Network, SimulatedGame, game_config
from tests.support.stub_game import StubGame


def test_a_row_sums_up_a_second_for_every_peer() -> None:
    statistics = NetworkStatistics(input_delay=1)
    rows = []
    for number in range(11):
        advanced = number not in (4, 5)
        statistics.note_tick(500 + 100 * number, number, advanced, 3 if number == 6 else 0)
        statistics.note_peer(1, number % 2, 10.0 * number, 80.04, Effects([number, 40.0], 2))
        statistics.note_peer(2, 0, 5, None, Effects())
        rows += statistics.take_rows(confirmed_frames=number - 1)
    first, second = rows
    assert tuple(first) == COLUMNS
    assert first == {
        "time_ms": 1000,
        "frame": 10,
        "confirmed_frames": 9,
        "ticks": 11,
        "stalled_ticks": 2,
        "rollbacks": 1,
        "rollback_frames": 3,
        "max_rollback_frames": 3,
        "input_delay_ms": 125,
        "max_input_delay_ms": 300,
        "peer_seat": 1,
        "rtt_ms": 80,
        "missing_inputs": 0.45,
        "max_missing_inputs": 1,
        "max_silence_ms": 100,
        "effect_delay_ms": 22.5,
        "max_effect_delay_ms": 40,
        "late_inputs": 22,
    }
    assert (second["effect_delay_ms"], second["late_inputs"]) == (None, 0)
    assert (second["peer_seat"], second["rtt_ms"], second["max_silence_ms"]) == (2, None, 5)


def test_the_next_second_begins_anew() -> None:
    statistics = NetworkStatistics(input_delay=0)
    rows = []
    for number in range(25):
        statistics.note_tick(100 * number, number, False, 0)
        rows += statistics.take_rows(0)
    assert [row["ticks"] for row in rows] == [11, 10]
    assert rows[0]["input_delay_ms"] is None
    assert rows[0]["peer_seat"] is None
    assert tuple(rows[0]) == COLUMNS


def test_a_second_is_over_after_a_thousand_milliseconds_and_not_before() -> None:
    statistics = NetworkStatistics(input_delay=0)
    assert statistics.take_rows(0) == []
    lengths = []
    for now_ms in (500, 1499.9, 1500, 2499.9, 2500.5, 3500):
        statistics.note_tick(now_ms, 1, True, 0)
        lengths.append(len(statistics.take_rows(0)))
    assert lengths == [0, 0, 1, 0, 1, 0]


def test_time_counts_from_the_first_tick_and_to_a_tenth_of_a_millisecond() -> None:
    statistics = NetworkStatistics(input_delay=0)
    times = []
    for now_ms in (500.04, 1600.1, 2700.17):
        statistics.note_tick(now_ms, 1, True, 0)
        times += [row["time_ms"] for row in statistics.take_rows(0)]
    assert times == [1100.1, 2200.1]


def test_rollbacks_are_counted_with_their_frames_and_the_largest_is_told() -> None:
    statistics = NetworkStatistics(input_delay=0)
    for number, frames in enumerate([0, 1, 5, 0, 2, 0]):
        statistics.note_tick(200 * number, number, True, frames)
    (row,) = statistics.take_rows(0)
    assert (row["rollbacks"], row["rollback_frames"], row["max_rollback_frames"]) == (3, 8, 5)


def test_means_and_largest_values_are_rounded() -> None:
    statistics = NetworkStatistics(input_delay=1)
    for now_ms in (0, 100.06, 300.3, 1000):
        statistics.note_tick(now_ms, 1, True, 0)
        statistics.note_peer(1, 1 if now_ms else 0, now_ms, 80.06, Effects())
    (row,) = statistics.take_rows(0)
    assert (row["input_delay_ms"], row["max_input_delay_ms"]) == (333.3, 699.7)
    assert (row["missing_inputs"], row["max_missing_inputs"]) == (0.75, 1)
    assert (row["rtt_ms"], row["max_silence_ms"]) == (80.1, 1000)


def test_a_mean_of_missing_inputs_has_two_decimals() -> None:
    statistics = NetworkStatistics(input_delay=0)
    for number in range(3):
        statistics.note_tick(500 * number, 1, True, 0)
        statistics.note_peer(1, number % 2, 30.26, None, Effects())
    (row,) = statistics.take_rows(0)
    assert (row["missing_inputs"], row["max_silence_ms"]) == (0.33, 30.3)


@pytest.mark.parametrize(("input_delay", "delays_ms"), [(0, [0.0] * 5), (2, [200.0, 200.0, 700.0])])
def test_an_input_waits_for_as_many_frames_as_the_delay_says(
    input_delay: int, delays_ms: list[float]
) -> None:
    statistics = NetworkStatistics(input_delay)
    for now_ms, advanced in ((0, 1), (100, 1), (200, 1), (300, 1), (500, 0), (900, 1), (1000, 0)):
        statistics.note_tick(now_ms, 1, bool(advanced), 0)
    (row,) = statistics.take_rows(0)
    assert row["input_delay_ms"] == round(sum(delays_ms) / len(delays_ms), 1)
    assert row["max_input_delay_ms"] == max(delays_ms)


@pytest.mark.parametrize("input_delay", [0, 3])
def test_a_game_tells_of_its_network_once_a_second_even_while_it_stalls(input_delay: int) -> None:
    config = game_config(num_episodes=50, input_delay=input_delay)
    machines = [Machine(), Machine(freezes=(5000, 8000))]
    game = SimulatedGame(StubGame, config, 3, Network(delay_ms=60), machines).run(until_ms=9900)
    rows = game.players[0].network
    assert len(rows) == 9
    calm, stalled = rows[3], rows[6]
    assert calm["input_delay_ms"] == pytest.approx(input_delay * 1000 / 30, abs=1)
    assert 100 < calm["rtt_ms"] < 200
    assert calm["stalled_ticks"] == 0
    assert (calm["missing_inputs"] > 0) == (input_delay == 0)
    assert stalled["stalled_ticks"] == stalled["ticks"] > 20
    assert stalled["max_silence_ms"] > 1000
    assert stalled["max_missing_inputs"] == 8
