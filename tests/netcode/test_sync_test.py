import random
from collections import deque
from typing import Any

import pytest

from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
from interactive_gym.netcode.sync_test import Divergence, sync_test
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame


def inputs(frames: int = 200, actions: int = 4) -> list[bytes]:
    rng = random.Random(4)
    return [bytes([rng.randrange(actions), rng.randrange(actions)]) for _ in range(frames)]


def run(env: Any, depth: int = 8) -> Divergence | None:
    return sync_test(env, game_config(), inputs(), depth)


class Pickled(StubGame):
    """Saved by pickling, with parts that pickle stores in its several ways."""

    get_state = None

    def __init__(self) -> None:
        super().__init__()
        self.generator = random.Random(3)
        self.recent: deque[int] = deque(maxlen=4)
        self.itself = self

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.rng += self.generator.randrange(3)
        self.recent.append(self.rng)
        return super().step(actions)


class HiddenVariable(StubGame):
    """Every tenth step since it was made is different."""

    steps = 0

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.steps += 1
        results = super().step(actions)
        self.rng ^= self.steps % 10 == 0
        return results


class LiveState(StubGame):
    """Hands out its own variables as the snapshot."""

    def get_state(self) -> Any:
        return self.__dict__

    def set_state(self, state: Any) -> None:
        self.__dict__.update(state)


class GlobalGenerator(Pickled):
    """Draws from the generator that everybody shares."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.rng += random.randrange(1000)
        return super().step(actions)


class HiddenCache(StubGame):
    """Keeps something from its reset outside the snapshot; only the next episode shows it."""

    bias = 0

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.bias = (seed or 0) % 97
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.rng += self.bias
        return super().step(actions)


class UnsavedAttribute(Pickled):
    """Leaves an attribute out of its pickle."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "drift": 0}

    drift = 0

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.drift += 1
        self.seen = self.drift
        return super().step(actions)


@pytest.mark.parametrize("make_env", [StubGame, Pickled])
def test_a_sound_environment_passes(make_env: Any) -> None:
    assert run(make_env()) is None


def test_slime_volleyball_passes() -> None:
    config = game_config(agents=["left", "right"], actions=list(range(6)), max_steps=300)
    assert sync_test(SlimeVolleyball(), config, inputs(1000, 6)) is None


@pytest.mark.parametrize("depth", [1, 3, 8])
@pytest.mark.parametrize("make_env", [HiddenVariable, LiveState, GlobalGenerator, HiddenCache])
def test_an_environment_that_cannot_be_rolled_back_is_found(make_env: Any, depth: int) -> None:
    assert run(make_env(), depth) is not None


def test_the_place_of_the_difference_is_named() -> None:
    found = run(UnsavedAttribute())
    assert found is not None
    assert found.where == "env.seen"
    found = run(HiddenVariable())
    assert found is not None
    assert found.where == "state[0]"
    assert found.first != found.second
