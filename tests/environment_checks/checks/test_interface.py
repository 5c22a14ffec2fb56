from types import SimpleNamespace
from typing import Any

import pytest

from interactive_gym.environment_checks.checks.interface import (
    InterfaceCheck,
    InterfaceError,
    actions_of,
    agents_of,
    has_agents,
)

ACTIONS = (0, 1)
INPUTS = [b"\0\1"] * 5


class Duel:
    """Two agents, three steps; what it returns can be replaced."""

    possible_agents = ("left", "right")

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.agents: list[str] = []
        self.steps = 0

    def reset(self, seed: int) -> Any:
        self.agents = list(self.possible_agents)
        observations, infos = {"left": 0, "right": 0}, {"left": {"hits": 0}, "right": {}}
        return self.told.get("reset", (observations, infos))

    def step(self, actions: dict[str, Any]) -> Any:
        self.steps += 1
        over = self.steps == 3
        if over:
            self.agents = []
        parts = {
            "observations": {"left": 0, "right": 0},
            "rewards": {"left": 1, "right": 0.5},
            "terminations": {"left": over, "right": over},
            "truncations": {"left": False, "right": False},
            "infos": {"left": {"hits": self.steps}, "right": {}},
        }
        return self.told.get("step", tuple({**parts, **self.told}[name] for name in parts))


class Solo:
    """One agent, as Gymnasium has it."""

    action_space = SimpleNamespace(n=2, start=1)

    def __init__(self, *, reward: Any = 1.0) -> None:
        self.reward = reward
        self.actions: list[Any] = []

    def reset(self, seed: int) -> Any:
        return 0, {"score": seed}

    def step(self, action: Any) -> Any:
        self.actions.append(action)
        return 0, self.reward, len(self.actions) == 2, False, {"score": 3}


def checked(**told: Any):
    return InterfaceCheck(Duel(**told), Duel.possible_agents).run(ACTIONS, INPUTS, seed=1)


def test_the_agents_are_those_that_are_possible_or_those_there_are() -> None:
    assert agents_of(Duel()) == ("left", "right")
    assert agents_of(SimpleNamespace(agents=[0, 1])) == (0, 1)


def test_an_environment_without_agents_is_gymnasiums_and_has_one() -> None:
    assert not has_agents(Solo())
    assert agents_of(Solo()) == ("agent",)


@pytest.mark.parametrize(
    ("agents", "sentence"),
    [
        ([], "possible_agents is .*: make it a list of agent ids"),
        ({"left", "right"}, "make it a list of agent ids"),
        ("left", "make it a list of agent ids"),
        (["left", 1.5], "has 1.5: use strings or whole numbers"),
        ([True, False], "has True: use strings or whole numbers"),
        (["left", "left"], "names an agent twice"),
    ],
)
def test_what_is_no_list_of_different_agents_is_refused(agents: Any, sentence: str) -> None:
    with pytest.raises(InterfaceError, match=sentence):
        agents_of(SimpleNamespace(possible_agents=agents))


def test_the_actions_are_those_of_the_first_agents_space_or_of_the_only_one() -> None:
    sizes = {"left": SimpleNamespace(n=3), "right": SimpleNamespace(n=5)}
    env = SimpleNamespace(agents=["left", "right"], action_space=sizes.get)
    assert actions_of(env, ("left", "right")) == (0, 1, 2)
    assert actions_of(Solo(), ("agent",)) == (1, 2)


@pytest.mark.parametrize("size", [1, 126])
def test_a_game_can_have_one_to_126_actions(size: int) -> None:
    env = SimpleNamespace(action_space=SimpleNamespace(n=size))
    assert actions_of(env, ("agent",)) == tuple(range(size))


@pytest.mark.parametrize("size", [0, 127])
def test_another_number_of_actions_is_refused(size: int) -> None:
    env = SimpleNamespace(action_space=SimpleNamespace(n=size))
    with pytest.raises(InterfaceError, match=f"has {size} actions"):
        actions_of(env, ("agent",))


@pytest.mark.parametrize("space", [None, SimpleNamespace(shape=(2,)), SimpleNamespace(n="many")])
def test_actions_must_be_named_where_the_space_is_not_discrete(space: Any) -> None:
    with pytest.raises(InterfaceError, match="name actions to play with, such as --actions"):
        actions_of(SimpleNamespace(action_space=space), ("agent",))


def test_what_was_played_is_told_up_to_the_end_of_the_episode() -> None:
    interface, infos = checked()
    assert (interface.status, interface.text) == (
        "ok",
        "PettingZoo's ParallelEnv, agents left, right, 2 actions, 3 steps played",
    )
    assert (infos.status, infos.text) == ("ok", "recorded columns: hits")


def test_a_gymnasium_environment_is_given_its_actions_bare() -> None:
    env = Solo()
    interface, infos = InterfaceCheck(env, ("agent",)).run((7, 8), [b"\1", b"\0"], seed=4)
    assert env.actions == [8, 7]
    assert interface.text == "Gymnasium's Env, agents agent, 2 actions, 2 steps played"
    assert infos.text == "recorded columns: score"


def test_an_agent_that_has_left_is_given_no_action_and_owes_nothing() -> None:
    given = []

    class Leaving(Duel):
        """The right agent is out after the first step."""

        def step(self, actions: dict[str, Any]) -> Any:
            given.append(list(actions))
            result = super().step(actions)
            if len(given) == 1:
                self.agents = ["left"]
                return result
            return tuple({"left": part["left"]} for part in result)

    interface, _ = InterfaceCheck(Leaving(), ("left", "right")).run(ACTIONS, INPUTS, seed=1)
    assert interface.status == "ok"
    assert given == [["left", "right"], ["left"], ["left"]]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"reset": 3}, "reset returns int, not a tuple of 2"),
        ({"reset": ({}, {}, {})}, "reset returns tuple of 3, not a tuple of 2"),
        ({"reset": ([], {})}, "reset gives list as observations, not a dict by agent"),
        ({"reset": ({"left": 0}, {})}, "observations of reset lacks agent 'right'"),
        ({"step": ()}, "step returns tuple of 0, not a tuple of 5"),
        ({"rewards": {"left": 1}}, "rewards of step lacks agent 'right'"),
        (
            {"rewards": {"left": 1, "right": 0, "crowd": 1}},
            "rewards of step has 'crowd', which is no agent",
        ),
        (
            {"rewards": {"left": "1", "right": 0}},
            "step gives '1' as rewards['left'], not a number",
        ),
        (
            {"truncations": {"left": 0, "right": False}},
            "step gives 0 as truncations['left'], not True or False",
        ),
        ({"infos": []}, "step gives list as infos, not a dict by agent"),
        ({"infos": {"left": "hits"}}, "step gives 'hits' as infos['left'], not a dict"),
        (
            {"infos": {"left": {"hits": 1j}}},
            "infos['left']['hits'] is 1j, which has no form in a table; it was a scalar in the "
            "first reset",
        ),
    ],
)
def test_what_the_interface_does_not_allow_is_named(told: Any, sentence: str) -> None:
    (finding,) = checked(**told)
    assert (finding.check, finding.status, finding.text) == ("interface", "wrong", f"{sentence}.")


def test_a_call_that_raises_is_named_with_what_was_passed() -> None:
    class Broken(Duel):
        def step(self, actions: dict[str, Any]) -> Any:
            raise KeyError("net")

    (finding,) = InterfaceCheck(Broken(), ("left", "right")).run(ACTIONS, INPUTS, seed=1)
    assert finding.text == "step({'left': 0, 'right': 1}) raises KeyError: 'net'."


def test_agents_must_be_gone_when_all_have_ended() -> None:
    class NeverEmpty(Duel):
        def step(self, actions: dict[str, Any]) -> Any:
            result = super().step(actions)
            self.agents = list(self.possible_agents)
            return result

    (finding,) = InterfaceCheck(NeverEmpty(), ("left", "right")).run(ACTIONS, INPUTS, seed=1)
    assert "although every agent has terminated or been truncated: empty it" in finding.text


@pytest.mark.parametrize(
    ("infos", "why"),
    [
        ({"hits": 1, "late": 2}, "the columns are those of the first reset, which lacks it"),
        ({"hits": 1, "late": [2]}, "text, numbers and booleans are, not list"),
    ],
)
def test_an_info_that_is_not_recorded_is_noted(infos: Any, why: str) -> None:
    _, finding = checked(infos={"left": infos, "right": {}})
    assert (finding.status, finding.text) == ("note", f"info 'late' is not recorded: {why}")
