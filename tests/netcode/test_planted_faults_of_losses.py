"""Faults in what reloads and cuts need, planted one by one: the sweep must catch each."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from interactive_gym.netcode import wire
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop
from interactive_gym.netcode.mesh import Mesh
from interactive_gym.netcode.peer import Peer
from tests.support.simulated_network import (
    SimulatedGame,
    WrongRecordError,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Whole games by the hundred: slow to trace, and what they run the other tests run, too.
pytestmark = pytest.mark.no_cover


def loop_with(mesh_class: type[Mesh]) -> type[GameLoop]:
    class Faulty(GameLoop):
        def __init__(self, env: Any, config: GameConfig, *others: Any) -> None:
            super().__init__(env, config, *others)
            self._mesh = mesh_class(config, self._session, self._checkpoints)

    return Faulty


class ReleasesAtOnce(Mesh):
    """Hands rows out as soon as they are confirmed here."""

    @property
    def held(self) -> int | None:
        return None


class CutsAtOwnCount(Mesh):
    """Ends a cut seat where it stopped hearing it."""

    def cut(self, seat: int) -> None:
        super().cut(seat)
        self._session.close(seat)


class HearsNoCuts(Mesh):
    """Agrees on a cut with peers that still hear the lost seat."""

    def settle(self) -> None:
        for peer in self.peers.values():
            peer.cut_seats = self._cut_mask()
        super().settle()


class RelaysNothing(Mesh):
    """Sends its own inputs only."""

    def _relays(self, peer: Peer) -> Iterator[wire.RelayMessage]:
        return iter(())


class RecallsTooLittle(Mesh):
    """Goes on as soon as one peer has been heard."""

    def _has_recalled(self) -> bool:
        return any(peer.was_heard for peer in self.peers.values())


class IgnoresIncarnations(Mesh):
    """Takes a reloaded peer for the one that it was."""

    def _current(self, message: wire.Message) -> Peer | None:
        return self.peers[message.seat]


class ComparesThePresentState(GameLoop):
    """Makes the checksum of a state that has seen predicted inputs."""

    def _add_checkpoint(self) -> None:
        self._states.pop(self._recorder.frames, None)
        super()._add_checkpoint()


def complaints(
    make_loop: type[GameLoop], on_cut: str = "neutral", seeds: Iterable[int] = range(14)
) -> list[str]:
    """What the sweep finds in games of three of whom one reloads and another leaves."""
    found = []
    for seed in seeds:
        network, draws = bad_network(seed)
        machines = bad_machines(3, draws)
        at_ms = 1800 + 1500 * draws[0]
        machines[1].reloads = ((at_ms, at_ms + 300 + 600 * draws[1]),)
        machines[2].leaves_at_ms = 5000 + 500 * draws[2]
        config = game_config(3, seed=seed, num_episodes=5, on_cut=on_cut)
        game = SimulatedGame(lambda: StubGame(3), config, seed, network, machines, make_loop)
        try:
            game.run(until_ms=25_000).verify()
        except (WrongRecordError, KeyError) as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("on_cut", ["end", "neutral"])
def test_without_a_planted_fault_the_sweep_is_content(on_cut: str) -> None:
    assert complaints(GameLoop, on_cut) == []


@pytest.mark.parametrize(
    ("fault", "at_least"),
    [
        (CutsAtOwnCount, 2),
        (HearsNoCuts, 1),
        (RelaysNothing, 8),
        (RecallsTooLittle, 2),
        (IgnoresIncarnations, 8),
    ],
)
def test_the_sweep_catches_a_mesh_with_a_planted_fault(fault: type[Mesh], at_least: int) -> None:
    assert len(complaints(loop_with(fault))) >= at_least


def test_the_sweep_catches_rows_that_are_released_before_all_hold_their_inputs() -> None:
    """It takes a loss at the wrong moment, as in few games."""
    assert complaints(GameLoop, seeds=[71]) == []
    assert complaints(loop_with(ReleasesAtOnce), seeds=[71])


def test_the_sweep_catches_checksums_of_states_that_are_not_confirmed() -> None:
    found = complaints(ComparesThePresentState)
    assert len([text for text in found if "'part': 'state'" in text]) >= 8
