"""Groups in which some links are bad: inputs travel around them, and nobody's record changes."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from interactive_gym.netcode import wire
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop
from interactive_gym.netcode.mesh import Mesh
from interactive_gym.netcode.peer import Peer
from tests.support.simulated_network import (
    Network,
    SimulatedGame,
    WrongRecordError,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Whole games by the dozen: slow to trace, and what they run the other tests run, too.
pytestmark = pytest.mark.no_cover

GOOD = Network(delay_ms=20, jitter_ms=5)
BAD = [
    Network(delay_ms=25, jitter_ms=100, loss=0.25),
    Network(delay_ms=20, bytes_per_s=3000),
    Network(delay_ms=20, cut=(2000, 6000)),
    Network(delay_ms=400, jitter_ms=100),
]
"""Lossy, behind a queue of two seconds, dead for four, and far away."""
CUT = Network(delay_ms=20, cut=(1500, 5500))


def both_ways(one: int, other: int, network: Network) -> dict[tuple[int, int], Network]:
    return {(one, other): network, (other, one): network}


def play_three(make_loop: Any = GameLoop, seats: int = 3, **options: Any) -> SimulatedGame:
    """A game in which the link between the first two is bad; *ways* and *good* are networks."""
    ways = options.pop("ways", None) or both_ways(0, 1, options.pop("bad", CUT))
    good = options.pop("good", GOOD)
    config = game_config(seats, num_episodes=8, **options)
    return SimulatedGame(lambda: StubGame(seats), config, 7, good, None, make_loop, ways=ways)


@pytest.mark.parametrize("seats", [3, 4])
@pytest.mark.parametrize("bad", BAD)
def test_no_bad_link_holds_up_a_group_that_has_a_way_around_it(seats: int, bad: Network) -> None:
    game = play_three(seats=seats, bad=bad).run()
    game.verify()
    for player in game.players:
        assert player.stalled_share() <= 0.02
        assert max(player.freezes_ms()) < 200


@pytest.mark.parametrize("bad", BAD[1:])
def test_without_the_way_around_it_a_bad_link_holds_up_the_group(bad: Network) -> None:
    """Otherwise the test above would show nothing; losses alone are made good in time here."""
    game = play_three(loop_with(AsksNobody), bad=bad).run()
    game.verify()
    assert max(player.stalled_share() for player in game.players) > 0.05


def test_one_participant_relays_a_message_a_tick_and_only_while_the_link_is_bad() -> None:
    game = play_three(seats=4, bad=CUT).run()
    relayed = [player.relayed_bytes for player in game.players]
    assert relayed[:2] == [0, 0] and relayed[3] == 0
    # Four seconds of the cut, some to be sure that it is over, and two directions.
    largest_relay = 21 + 20
    assert 0 < relayed[2] < 2 * largest_relay * 30 * (4 + 4)


@pytest.mark.parametrize("seats", [3, 4])
def test_over_good_links_nothing_is_relayed(seats: int) -> None:
    game = play_three(seats=seats, bad=GOOD).run()
    game.verify()
    assert [player.relayed_bytes for player in game.players] == [0] * seats


def test_wishes_for_another_input_delay_travel_around_a_bad_link_as_they_were_made() -> None:
    for seed in range(5):
        play_badly(seed, adapts_input_delay=True, fps=15).verify()


def play_badly(seed: int, make_loop: Any = GameLoop, **options: Any) -> SimulatedGame:
    """A game of three or four with bad links, of whom some reload and one may leave."""
    rng = Random(f"bad links {seed}")
    seats = rng.choice([3, 4])
    network, draws = bad_network(seed)
    network.loss = min(network.loss, 0.05)
    machines = bad_machines(seats, draws)
    ways: dict[tuple[int, int], Network] = {}
    for _ in range(rng.choice([1, 1, 2])):
        one, other = rng.sample(range(seats), 2)
        bad = rng.choice(BAD)
        ways |= both_ways(one, other, bad) if rng.random() < 0.7 else {(one, other): bad}
    if rng.random() < 0.5:
        at_ms = rng.uniform(500, 5000)
        machines[1].reloads = ((at_ms, at_ms + rng.uniform(100, 1500)),)
    if rng.random() < 0.4:
        machines[2].leaves_at_ms = rng.uniform(500, 7000)
    options = {"num_episodes": 6, "on_cut": rng.choice(["end", "neutral"]), **options}
    config = game_config(seats, seed=seed, **options)
    return SimulatedGame(
        lambda: StubGame(seats), config, seed, network, machines, make_loop, ways=ways
    ).run()


@pytest.mark.parametrize("chunk", range(4))
def test_whatever_links_are_bad_every_record_is_what_was_played(chunk: int) -> None:
    for seed in range(chunk, 32, 4):
        try:
            play_badly(seed).verify()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


class AsksNobody(Mesh):
    """Waits for what comes directly."""

    def __init__(self, *others: Any) -> None:
        super().__init__(*others)
        self._detours.choose = lambda *_: None  # type: ignore[method-assign]


class AcknowledgesWhatCameAround(Mesh):
    """Tells the origin that it need not send what others have relayed."""

    def messages(self, *others: Any) -> Iterator[tuple[int, bytes]]:
        tag = self._config.session_tag
        for seat, datagram in super().messages(*others):
            message = wire.decode(datagram, tag)
            if isinstance(message, wire.InputMessage):
                counts = tuple(queue.count for queue in self._session.queues)
                datagram = wire.encode(message._replace(counts=counts), tag)
            yield seat, datagram


class RelaysWhatWasApplied(Mesh):
    """Relays the actions that were simulated in place of what was made."""

    def _relays(self, peer: Peer) -> Iterator[wire.RelayMessage]:
        for relay in super()._relays(peer):
            queue = self._session.queues[relay.origin]
            frames = range(relay.first_input, relay.first_input + len(relay.inputs))
            yield relay._replace(inputs=bytes(queue[frame] for frame in frames))


class Forges(Mesh):
    """Relays other inputs than its partner has made."""

    def _relays(self, peer: Peer) -> Iterator[wire.RelayMessage]:
        for relay in super()._relays(peer):
            yield relay._replace(inputs=bytes((value + 1) % 4 for value in relay.inputs))


class HandsOutAtOnce(Mesh):
    """Records inputs that only a third participant has vouched for."""

    def _brought(self) -> Iterator[int]:
        return (2**31 for _ in self.peers)


def loop_with(*mesh_classes: type[Mesh]) -> type[GameLoop]:
    """A loop with the mesh of these faults; the first seat's, or that of all if there is one."""

    class Faulty(GameLoop):
        def __init__(self, env: Any, config: GameConfig, *others: Any) -> None:
            super().__init__(env, config, *others)
            mesh_class = mesh_classes[min(config.seat, len(mesh_classes) - 1)]
            self._mesh = mesh_class(config, self._session, self._checkpoints)

    return Faulty


def test_what_came_around_must_come_from_its_origin_too() -> None:
    ways = {(0, 1): CUT}
    play_three(ways=ways).run().verify()
    game = play_three(loop_with(AcknowledgesWhatCameAround), ways=ways).run(until_ms=30_000)
    with pytest.raises(WrongRecordError, match="did not finish"):
        game.verify()


def test_relays_of_other_than_what_was_made_are_found() -> None:
    far = {"adapts_input_delay": True, "good": Network(delay_ms=110), "bad": Network(delay_ms=400)}
    play_three(**far).run().verify()
    with pytest.raises(WrongRecordError):
        play_three(loop_with(RelaysWhatWasApplied), **far).run(until_ms=30_000).verify()


def rows_and_truth(game: SimulatedGame) -> Iterator[tuple[list[str], list[str]]]:
    """What the first two players have recorded, and what they must have."""
    rows, _ = game.replay()
    for player in game.players[:2]:
        yield player.rows, rows[: len(player.rows)]


def test_a_forger_ends_the_game_but_does_not_get_into_anybodys_record() -> None:
    game = play_three(loop_with(Mesh, Mesh, Forges)).run(until_ms=20_000)
    assert all(player.result["desync"] for player in game.players[:2])
    for rows, truth in rows_and_truth(game):
        assert rows and rows == truth


def test_without_the_origins_word_a_forger_would_get_into_the_record() -> None:
    game = play_three(loop_with(HandsOutAtOnce, HandsOutAtOnce, Forges)).run(until_ms=20_000)
    assert any(rows != truth for rows, truth in rows_and_truth(game))
