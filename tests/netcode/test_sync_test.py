import random
from collections import Counter, deque
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


class Noting(StubGame):
    """Knows how often it has simulated every frame, and gives that to what a test tells it to."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = 0
        self.times: Counter[int] = Counter()

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.times[self.frame] += 1
        frame, times = self.frame, self.times[self.frame]
        self.frame += 1
        return self.changed(frame, times, super().step(actions))

    def changed(self, frame: int, times: int, results: Any) -> Any:
        return results

    def get_state(self) -> tuple[Any, ...]:
        return self.frame, super().get_state()

    def set_state(self, state: tuple[Any, ...]) -> None:
        self.frame = state[0]
        super().set_state(state[1])


FRAME = 5
"""The frame that comes out differently in the environments below."""


@pytest.mark.parametrize(("depth", "times"), [(1, 2), (3, 2), (3, 3), (3, 4), (8, 9)])
def test_the_frame_is_named_that_came_out_differently_however_late_it_did(
    depth: int, times: int
) -> None:
    class Rewarding(Noting):
        def changed(self, frame: int, simulated: int, results: Any) -> Any:
            if (frame, simulated) == (FRAME, times):
                results[1]["player_1"] = 99.0
            return results

    found = run(Rewarding(), depth)
    assert found is not None
    assert (found.frame, found.where, found.second) == (FRAME, "reward of agent player_1", "99.0")


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_every_frame_is_simulated_again_as_often_as_the_depth_says(depth: int) -> None:
    env = Noting()
    assert (
        sync_test(env, game_config(max_steps=None, num_episodes=10**6), inputs(20), depth) is None
    )
    frames = env.frame
    assert [env.times[frame] for frame in range(frames)] == [
        1 + min(depth, frames - frame) for frame in range(frames)
    ]


def test_an_info_that_differs_is_named_by_its_column() -> None:
    class Telling(Noting):
        def changed(self, frame: int, times: int, results: Any) -> Any:
            results[4]["player_0"]["rng"] = times if frame == FRAME else 0
            return results

    assert run(Telling()) == Divergence(FRAME, "info_rng of agent player_0", "1", "2")


def test_an_agent_that_takes_part_in_one_of_the_two_only_is_named() -> None:
    class Leaving(Noting):
        def changed(self, frame: int, times: int, results: Any) -> Any:
            if frame == FRAME and times == self.left_in:
                del results[1]["player_1"]
            return results

        left_in = 2

    class Returning(Leaving):
        left_in = 1

    there, gone = "taking part", "no longer taking part"
    assert run(Leaving()) == Divergence(FRAME, "agent player_1", there, gone)
    assert run(Returning()) == Divergence(FRAME, "agent player_1", gone, there)


def test_an_agent_that_left_for_good_is_no_difference() -> None:
    class Left(Noting):
        def changed(self, frame: int, times: int, results: Any) -> Any:
            if frame >= FRAME:
                del results[1]["player_1"]
            return results

    assert run(Left()) is None


def test_the_action_of_a_policy_that_differs_is_named() -> None:
    asked: Counter[int] = Counter()

    def forgetful(observation: int, agent: str) -> int:
        asked[observation] += 1
        return 5 if observation == FRAME and asked[observation] > 1 else 0

    class Showing(Noting):
        def changed(self, frame: int, times: int, results: Any) -> Any:
            return dict.fromkeys(self.possible_agents, frame), *results[1:]

    config = game_config(policies=[None, "forgetful"], max_steps=None)
    half = [row[:1] for row in inputs(30)]
    found = sync_test(Showing(), config, half, 8, {"forgetful": forgetful})
    assert found is not None
    # What the policy decides after a frame is in the state behind it.
    assert (found.frame, found.where) == (FRAME, "policies[0][1]")
    assert (found.first, found.second) == ("0", "5")


def test_a_game_shorter_than_the_depth_is_tested_and_inputs_beyond_its_end_are_not_used() -> None:
    class Late(Noting):
        def changed(self, frame: int, times: int, results: Any) -> Any:
            results[1]["player_0"] = float(times) if frame == 2 else 0.0
            return results

    config = game_config(num_episodes=1, max_steps=3)
    assert sync_test(Noting(), config, inputs(50), 8) is None
    found = sync_test(Late(), config, inputs(50), 8)
    assert found == Divergence(2, "reward of agent player_0", "1.0", "2.0")


def test_the_depth_is_eight_frames_unless_told_otherwise() -> None:
    env = Noting()
    sync_test(env, game_config(max_steps=None, num_episodes=10**6), inputs(20))
    assert env.times[0] == 9
