import threading
from typing import Any

import pytest

from interactive_gym.netcode.environment import SingleAgentEnvironment, adapt
from tests.support.stub_game import StubGame

AGENTS = ["player_0", "player_1"]


class SingleGame:
    """Gymnasium's interface."""

    def __init__(self) -> None:
        self.total = 0

    def reset(self, seed: int | None = None) -> tuple[int, dict[str, Any]]:
        self.total = seed or 0
        return self.total, {"total": self.total}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.total += action
        return self.total, float(action), self.total > 9, False, {"total": self.total}

    def render(self) -> None:
        return None


class Leaving(StubGame):
    """Its second agent takes no part after the first step."""

    def step(self, actions: dict[str, int]) -> tuple[Any, ...]:
        self.received = dict(actions)
        alive = self.agents
        self.agents = ["player_0"]
        flags = dict.fromkeys(alive, False)
        return {}, dict.fromkeys(alive, 1.0), flags, flags, {agent: {} for agent in alive}


def test_an_agent_that_no_seat_controls_is_named() -> None:
    with pytest.raises(ValueError, match=r"no seat controls.*player_2"):
        adapt(StubGame(3), AGENTS)


def test_an_agent_that_the_environment_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match=r"does not have.*'extra'"):
        adapt(StubGame(), [*AGENTS, "extra"])


def test_an_environment_that_can_be_saved_in_no_way_is_refused() -> None:
    env = SingleGame()
    env.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"cannot be saved.*get_state\(\).*lock"):
        adapt(env, ["solo"])


def test_what_is_no_environment_is_refused() -> None:
    with pytest.raises(TypeError, match=r"no reset\(\) method"):
        adapt(object(), AGENTS)


def test_seats_map_to_agents_in_seat_order() -> None:
    class Swapped(Leaving):
        pass

    env = Swapped()
    environment = adapt(env, ["player_1", "player_0"])
    environment.reset(1)
    environment.step([5, 6])
    assert env.received == {"player_1": 5, "player_0": 6}


def test_an_agent_that_takes_no_part_any_more_gets_no_action_and_has_no_outcome() -> None:
    env = Leaving()
    environment = adapt(env, AGENTS)
    environment.reset(1)
    assert None not in environment.step([0, 0])[1]
    outcomes = environment.step([3, 4])[1]
    assert env.received == {"player_0": 3}
    assert outcomes[0] is not None
    assert outcomes[1] is None


def test_observations_are_given_in_the_same_order_and_none_for_who_sees_nothing() -> None:
    class Seeing(Leaving):
        def step(self, actions: dict[str, int]) -> tuple[Any, ...]:
            return ({"player_1": "right"}, *super().step(actions)[1:])

    environment = adapt(Seeing(), ["player_1", "player_0"])
    assert environment.reset(5)[0] == [5, 5]
    assert environment.step([0, 0])[0] == ["right", None]


def test_a_gymnasium_environment_is_played_by_one_seat() -> None:
    environment = adapt(SingleGame(), ["solo"])
    assert isinstance(environment, SingleAgentEnvironment)
    assert environment.reset(3) == ([3], [{"total": 3}])
    assert environment.step([4]) == ([7], [(4.0, False, False, {"total": 7})])
    assert environment.render() == []


def test_a_gymnasium_environment_with_two_seats_is_refused() -> None:
    with pytest.raises(ValueError, match="single agent"):
        adapt(SingleGame(), AGENTS)


def test_a_pickled_snapshot_brings_everything_back() -> None:
    environment = adapt(SingleGame(), ["solo"])
    environment.reset(1)
    state = environment.save()
    first = environment.step([5])
    environment.load(state)
    assert environment.step([5]) == first


def test_render_must_return_a_list() -> None:
    class Painter(StubGame):
        def render(self) -> Any:
            return "rgb_array"

    with pytest.raises(TypeError, match="list of draw commands"):
        adapt(Painter(), AGENTS).render()
