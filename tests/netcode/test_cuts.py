"""Participants who are lost for good: the others agree where they end, and lose nothing else."""

from typing import Any

import pytest

from interactive_gym.netcode.game_loop import GameLoop
from tests.support.simulated_network import (
    Network,
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Slow to trace, and what they run other tests run, too.
pytestmark = pytest.mark.no_cover

ON_CUT = ["end", "neutral"]


def play(seed: int, num_seats: int, leaving: int, **changes: Any) -> SimulatedGame:
    """A game that the last *leaving* seats leave at some time."""
    network, draws = bad_network(seed)
    machines = bad_machines(num_seats, draws)
    for number in range(leaving):
        machines[-1 - number].leaves_at_ms = 300 + 5000 * draws[number]
    config = game_config(num_seats, seed=seed, num_episodes=6, **changes)
    game = SimulatedGame(lambda: StubGame(num_seats), config, seed, network, machines)
    return game.run()


@pytest.mark.parametrize("on_cut", ON_CUT)
@pytest.mark.parametrize(("num_seats", "leaving"), [(2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (4, 3)])
def test_survivors_agree_on_every_row(num_seats: int, leaving: int, on_cut: str) -> None:
    unequal = 0
    for seed in range(8):
        game = play(seed, num_seats, leaving, on_cut=on_cut)
        game.verify()
        held = {len(player.rows) for player in game.players}
        unequal += len(held) > 1
    assert unequal > 2


def test_a_game_that_a_cut_ends_is_complete_up_to_the_last_input_anybody_has() -> None:
    for seed in range(20):
        game = play(seed, 3, 1, on_cut="end")
        game.verify()
        frames = game.cuts()[2]
        for player in game.survivors:
            assert len(player.rows) == 3 * frames
            assert player.result["finished"] and player.result["cut_short"]


def test_a_game_goes_on_with_the_neutral_action_and_no_participant_on_the_seat() -> None:
    game = play(5, 3, 1, on_cut="neutral", max_steps=200)
    game.verify()
    assert not any(player.result["cut_short"] for player in game.survivors)
    frames = game.cuts()[2]
    cells = [row.split(",") for row in game.players[0].rows]
    seen = {(int(row[0]) < frames, row[5]) for row in cells if row[3] == "player_2"}
    assert seen - {(True, "true")} == {(True, "false"), (False, "")}
    assert {row[4] for row in cells if row[3] == "player_2" and row[5] == ""} == {"0"}
    assert all(row[5] for row in cells if row[3] != "player_2")


def test_a_survivor_who_holds_less_of_the_lost_seat_gets_it_from_the_other() -> None:
    relayed = 0
    for seed in range(30):
        network, draws = bad_network(seed)
        machines = bad_machines(3, draws)
        machines[2].leaves_at_ms = 2000 + 500 * draws[0]
        config = game_config(3, seed=seed, num_episodes=6, on_cut="end")
        game = SimulatedGame(lambda: StubGame(3), config, seed, network, machines)
        game.run(until_ms=machines[2].leaves_at_ms + network.delay_ms + network.jitter_ms)
        counts = [player.loop._session.queues[2].count for player in game.survivors]
        game.run().verify()
        relayed += counts[0] != counts[1]
    assert relayed > 5


def test_a_survivor_may_reload_while_the_others_wait_for_it() -> None:
    for seed in range(12):
        network, draws = bad_network(seed)
        machines = bad_machines(3, draws)
        machines[2].leaves_at_ms = 2000
        at_ms = 1500 + 3000 * draws[0]
        machines[1].reloads = ((at_ms, at_ms + 1500),)
        on_cut = ON_CUT[seed % 2]
        config = game_config(3, seed=seed, num_episodes=6, on_cut=on_cut)
        SimulatedGame(lambda: StubGame(3), config, seed, network, machines).run().verify()


def test_two_who_lose_each_other_record_the_same_as_far_as_both_go() -> None:
    network = Network(loss=0.2, cut=(2500, 1e9))
    game = SimulatedGame(StubGame, game_config(num_episodes=9), 4, network).run(until_ms=6000)
    for player in game.players:
        player.loop.cut(1 - player.seat)
    game.run(until_ms=12_000)
    first, second = (player.rows for player in game.players)
    shared = min(len(first), len(second))
    assert shared > 100 and first[:shared] == second[:shared]
    for player in game.players:
        assert player.result["finished"] and player.result["drained"]


def test_no_row_is_handed_out_before_every_participant_can_make_it() -> None:
    network = Network(delay_ms=100, jitter_ms=60, loss=0.3)
    game = SimulatedGame(lambda: StubGame(3), game_config(3, num_episodes=4), 2, network)
    for until_ms in range(0, 6000, 20):
        game.run(until_ms)
        out = max(len(player.rows) for player in game.players) // 3
        for player in game.players:
            assert player.loop._session.known >= out


def test_a_lost_seat_is_not_heard_again() -> None:
    game = SimulatedGame(lambda: StubGame(3), game_config(3, on_cut="neutral"), 2, Network())
    game.run(until_ms=1000)
    for player in game.players[:2]:
        player.loop.cut(2)
    game._cut_seats.append(2)
    game.run(until_ms=60_000)
    game.verify()
    assert not game.players[2].result["finished"]


def test_only_another_participant_can_be_cut_and_twice_is_once() -> None:
    loop = GameLoop(StubGame(3), game_config(3))
    for seat in (0, 3, -1):
        with pytest.raises(ValueError, match="another participant"):
            loop.cut(seat)
    loop.cut(2)
    loop.cut(2)
