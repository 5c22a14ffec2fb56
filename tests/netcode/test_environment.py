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


@pytest.mark.parametrize("name", ["reset", "step", "render"])
@pytest.mark.parametrize("value", [None, 5])
def test_the_method_that_an_environment_lacks_is_named(name: str, value: Any) -> None:
    env = StubGame()
    setattr(env, name, value)
    with pytest.raises(TypeError, match=rf"StubGame has no {name}\(\) method"):
        adapt(env, AGENTS)


def test_agents_are_known_by_those_that_are_possible_or_else_by_those_that_are_there() -> None:
    class Present(StubGame):
        def __init__(self) -> None:
            super().__init__()
            self.agents = list(self.possible_agents)

    env = Present()
    env.agents = []
    assert not isinstance(adapt(env, AGENTS), SingleAgentEnvironment)
    for possible in (None, []):
        env = Present()
        env.possible_agents = possible  # type: ignore[assignment]
        assert not isinstance(adapt(env, AGENTS), SingleAgentEnvironment)
        with pytest.raises(ValueError, match="no seat controls"):
            adapt(env, AGENTS[:1])
    env = Present()
    del env.possible_agents
    assert not isinstance(adapt(env, AGENTS), SingleAgentEnvironment)


def test_an_environment_with_possible_agents_alone_is_one_of_several() -> None:
    class Quiet(Leaving):
        def __init__(self) -> None:
            super().__init__()
            del self.agents

    assert not isinstance(adapt(Quiet(), AGENTS), SingleAgentEnvironment)


@pytest.mark.parametrize("lacking", ["get_state", "set_state"])
def test_an_environment_with_half_of_the_two_methods_is_pickled(lacking: str) -> None:
    half = type("Half", (StubGame,), {lacking: None})
    globals()["Half"] = half
    half.__module__ = __name__
    environment = adapt(half(), AGENTS)
    environment.reset(7)
    state = environment.save()
    assert isinstance(state, bytes)
    assert environment.unpack(state).rng == 7
    environment.step([1, 1])
    environment.load(state)
    assert environment.unpack(environment.save()).rng == 7


def test_an_environment_with_both_methods_is_asked_for_its_state() -> None:
    environment = adapt(StubGame(), AGENTS)
    environment.reset(7)
    state = environment.save()
    assert state == (7, (0.0, 0.0), ("player_0", "player_1"))
    assert environment.unpack(state) is state
    environment.step([1, 1])
    assert environment.save() != state
    environment.load(state)
    assert environment.save() == state


def test_an_environment_with_both_methods_need_not_be_pickled() -> None:
    env = StubGame()
    env.lock = threading.Lock()  # type: ignore[attr-defined]
    assert adapt(env, AGENTS).save()


def test_what_an_agent_is_not_told_is_nothing_and_what_else_reset_returns_is_not_used() -> None:
    class Terse(StubGame):
        def reset(self, seed: int | None = None, options: Any = None) -> Any:
            super().reset(seed)
            return {"player_1": 5}, {"player_0": {"a": 1}}, "more"

        def step(self, actions: dict[str, int]) -> tuple[Any, ...]:
            return (*super().step(actions)[:4], {"player_1": {"b": 2}})

    environment = adapt(Terse(), AGENTS)
    assert environment.reset(3) == ([None, 5], [{"a": 1}, {}])
    observations, outcomes = environment.step([0, 0])
    assert observations == [None, None]
    assert [outcome and outcome[3] for outcome in outcomes] == [{}, {"b": 2}]


def test_an_outcome_is_reward_terminated_truncated_and_info() -> None:
    class Told(StubGame):
        def step(self, actions: dict[str, int]) -> tuple[Any, ...]:
            values = ({"player_0": one} for one in ("see", 1.5, True, False, {"a": 1}))
            return tuple(values)

    environment = adapt(Told(), AGENTS)
    environment.reset(3)
    assert environment.step([0, 0]) == (["see", None], [(1.5, True, False, {"a": 1}), None])


def test_draw_commands_are_given_as_they_are_and_none_are_none() -> None:
    environment = adapt(StubGame(), AGENTS)
    environment.reset(1)
    assert [command["id"] for command in environment.render()] == [0, 1]

    class Blank(StubGame):
        def render(self) -> Any:
            return None

    assert adapt(Blank(), AGENTS).render() == []
