"""Faults that rollback is known for, planted one by one: the sweep must catch each."""

from collections.abc import Iterable
from typing import Any

import pytest

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop
from interactive_gym.netcode.rollback_session import LoadState, Request, SaveState
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


class KeptForEver(dict[int, Any]):
    """Forgets nothing, so that a planted fault shows in the rows rather than as a KeyError."""

    def __delitem__(self, key: int) -> None:
        pass

    def pop(self, key: int, *default: Any) -> Any:
        return self[key]


class StaleSave(GameLoop):
    """Saves a frame's state once and not again when the frame is simulated again."""

    def _carry_out(self, requests: Iterable[Request]) -> int:
        return super()._carry_out(
            request
            for request in requests
            if not (isinstance(request, SaveState) and request.frame in self._states)
        )


class ExportsUnconfirmedFrames(GameLoop):
    """Records every frame as soon as it is simulated."""

    def __init__(self, env: Any, config: GameConfig, *others: Any) -> None:
        super().__init__(env, config, *others)
        self._states, self._results = KeptForEver(), KeptForEver()

    def _record(self) -> None:
        session = self._session
        self._session = _EverythingConfirmed(session.frame)  # type: ignore[assignment]
        try:
            super()._record()
        finally:
            self._session = session


class _EverythingConfirmed:
    def __init__(self, frame: int) -> None:
        self.confirmed = frame

    def input_delay_at(self, frame: int) -> int:
        return 0

    def forget_before(self, frame: int) -> None:
        pass


class DropsOldInputs(GameLoop):
    """Sends only the newest three inputs, whatever has been acknowledged."""

    def _report(self, *arguments: Any) -> dict[str, Any]:
        seat, made = self._config.seat, self._session.local_queue.count
        for peer in self._mesh.peers.values():
            peer.counts[seat] = max(peer.counts[seat], made - 3)
        return super()._report(*arguments)


class IgnoresMispredictions(GameLoop):
    """Never simulates anything again."""

    def __init__(self, env: Any, config: GameConfig, *others: Any) -> None:
        super().__init__(env, config, *others)
        self._session.correct = list  # type: ignore[method-assign]


class IgnoresShortMispredictions(GameLoop):
    """Lets the misprediction of only the last frame pass."""

    def _carry_out(self, requests: Iterable[Request]) -> int:
        requests = list(requests)
        if len(requests) == 3:
            return 0
        return super()._carry_out(requests)


class GoesBackTooLittle(GameLoop):
    """Begins the correction one frame after the wrong prediction."""

    def _carry_out(self, requests: Iterable[Request]) -> int:
        requests = list(requests)
        if isinstance(requests[0] if requests else None, LoadState) and len(requests) > 3:
            requests = [LoadState(requests[0].frame + 1), *requests[3:]]
        return super()._carry_out(requests)


class AppliesInputsAtOnce(GameLoop):
    """Forgets that the input delay counts from the sampling."""

    def __init__(self, env: Any, config: GameConfig, *others: Any) -> None:
        super().__init__(env, config, *others)
        del self._session.local_queue._inputs[:]


class HiddenVariable(StubGame):
    """Keeps something that matters outside its state."""

    steps = 0

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.steps += 1
        self.rng += self.steps % 3 == 0
        return super().step(actions)


def complaints(make_env: Any = StubGame, make_loop: Any = GameLoop, seeds: int = 20) -> list[str]:
    found = []
    for seed in range(seeds):
        network, draws = bad_network(seed)
        machines = bad_machines(2, draws)
        game = SimulatedGame(make_env, game_config(), seed, network, machines, make_loop)
        try:
            game.run(until_ms=20_000).verify()
        except WrongRecordError as error:
            found.append(str(error))
    return found


def test_without_a_planted_fault_the_sweep_is_content() -> None:
    assert complaints() == []


@pytest.mark.parametrize(
    ("make_loop", "complaint"),
    [
        (StaleSave, "recorded other rows"),
        (ExportsUnconfirmedFrames, "recorded other rows"),
        (DropsOldInputs, "did not finish"),
        (IgnoresMispredictions, "recorded other rows"),
        (IgnoresShortMispredictions, "recorded other rows"),
        (GoesBackTooLittle, "recorded other rows"),
        (AppliesInputsAtOnce, "recorded other rows"),
    ],
)
def test_the_sweep_catches_a_loop_with_a_planted_fault(
    make_loop: type[GameLoop], complaint: str
) -> None:
    found = complaints(make_loop=make_loop)
    assert len([text for text in found if complaint in text]) >= 10


def test_the_sweep_catches_an_environment_with_a_hidden_variable() -> None:
    found = complaints(make_env=HiddenVariable)
    assert len([text for text in found if "recorded other rows" in text]) >= 10
