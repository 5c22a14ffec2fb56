import pytest

from interactive_gym.netcode.network_statistics import COLUMNS, NetworkStatistics
from tests.support.simulated_network import Machine, Network, SimulatedGame, game_config
from tests.support.stub_game import StubGame


def test_a_row_sums_up_a_second_for_every_peer() -> None:
    statistics = NetworkStatistics(input_delay=1)
    rows = []
    for number in range(11):
        advanced = number not in (4, 5)
        statistics.note_tick(500 + 100 * number, number, advanced, 3 if number == 6 else 0)
        statistics.note_peer(1, number % 2, 10.0 * number, 80.04)
        statistics.note_peer(2, 0, 5, None)
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
    }
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
