"""A sound environment, and the same one broken in one way after the other.

Named on the command line as a file with a function, so that it runs as ``__main__``.
"""

import os
import random
import time
import types
from typing import Any


class Ball:
    __slots__ = ("speed", "x")

    def __init__(self) -> None:
        self.x = 0
        self.speed = 1


class Sound:
    """Two agents push a ball; saved by what get_state copies."""

    def __init__(self) -> None:
        self.possible_agents = ["left", "right"]
        self.reset(seed=0)

    def action_space(self, agent: str) -> Any:
        return types.SimpleNamespace(n=3)

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.agents = list(self.possible_agents)
        self.rng = (seed or 0) & 0xFFFFFFFF
        self.balls = [Ball(), Ball()]
        self.steps = 0
        return self.observations(), self.infos()

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.steps += 1
        self.rng = (self.rng * 1664525 + 1013904223) & 0xFFFFFFFF
        for ball, agent in zip(self.balls, self.possible_agents, strict=True):
            ball.x += ball.speed * (actions[agent] - 1) + (self.rng >> 30)
        over = self.steps >= 60
        told = self.observations(), dict.fromkeys(self.possible_agents, 0.5)
        ended = dict.fromkeys(self.possible_agents, over)
        if over:
            self.agents = []
        return *told, ended, dict.fromkeys(self.possible_agents, False), self.infos()

    def observations(self) -> dict[str, Any]:
        return dict.fromkeys(self.possible_agents, (self.balls[0].x, self.balls[1].x))

    def infos(self) -> dict[str, Any]:
        return {agent: {"steps": self.steps} for agent in self.possible_agents}

    def get_state(self) -> Any:
        balls = [[ball.x, ball.speed] for ball in self.balls]
        return {"rng": self.rng, "balls": balls, "steps": self.steps}

    def set_state(self, state: Any) -> None:
        self.rng, self.steps = state["rng"], state["steps"]
        for ball, numbers in zip(self.balls, state["balls"], strict=True):
            ball.x, ball.speed = numbers
        self.agents = [] if self.steps >= 60 else list(self.possible_agents)

    def render(self) -> list[Any]:
        return [
            {
                "type": "circle",
                "id": f"ball_{number}",
                "x": ball.x,
                "y": 5,
                "radius": 3,
                "color": "red",
            }
            for number, ball in enumerate(self.balls)
        ]


class Pickled(Sound):
    """Saved by pickling."""

    get_state = None  # type: ignore[assignment]


class UnsavedAttribute(Sound):
    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.wind = 0
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.wind += 1
        self.balls[1].x += self.wind
        return super().step(actions)


class UnsavedSlot(Pickled):
    """Its pickle leaves out an attribute of an object with slots."""

    def __getstate__(self) -> Any:
        return {**self.__dict__, "balls": [Ball(), self.balls[1]]}


class SharedMutableState(Pickled):
    """All its instances, and all its snapshots, share one list."""

    gusts = [0]  # noqa: RUF012

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.gusts[0] += 1
        self.balls[0].x += self.gusts[0] % 5
        return super().step(actions)


class WallClock(Sound):
    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.balls[0].speed = int(time.time()) % 1000
        return super().step(actions)


class GlobalRandom(Pickled):
    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.balls[1].x += random.randrange(1000)
        return super().step(actions)


class GlobalRandomSeeded(GlobalRandom):
    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        random.seed(seed)
        return super().reset(seed, options)


class SystemRandom(Sound):
    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        result = super().reset(seed, options)
        self.rng = int.from_bytes(os.urandom(4), "big")
        return result


class SetOrder(Sound):
    """Iterates over a set of strings, whose order the hash seed decides."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        for place, name in enumerate({"blue", "green", "orange", "purple", "red", "white"}):
            self.balls[0].speed += place * len(name)
        return super().step(actions)


class Identity(Sound):
    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        result = super().reset(seed, options)
        self.balls[1].speed = hash("a serve") % 1000
        return result


class MissingSeed(Sound):
    def reset(self) -> tuple[Any, Any]:  # type: ignore[override]
        return super().reset(seed=1)

    def __init__(self) -> None:
        self.possible_agents = ["left", "right"]


class IgnoredSeed(Sound):
    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        return super().reset(5, options)


class LeftOver(Sound):
    """A reset does not reset everything."""

    level = 1

    def get_state(self) -> Any:
        return {**super().get_state(), "level": self.level}

    def set_state(self, state: Any) -> None:
        super().set_state(state)
        self.level = state["level"]

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.level += 1
        return super().step(actions)


class BadDrawing(Sound):
    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__()

    def render(self) -> list[Any]:
        return [*super().render(), {**super().render()[0], "id": "bad", **self.fields}]


def not_json() -> Any:
    return BadDrawing(x=1 + 2j)


def not_finite() -> Any:
    return BadDrawing(y=float("nan"))


def misspelt_field() -> Any:
    return BadDrawing(colour="red")


def twice_the_same_id() -> Any:
    return BadDrawing(id="ball_1")


def unknown_type() -> Any:
    return BadDrawing(type="disc")


class DrawingChangesState(Sound):
    def render(self) -> list[Any]:
        self.balls[0].x += 1
        return super().render()


class Unpicklable(Pickled):
    def __init__(self) -> None:
        super().__init__()
        self.rule = lambda x: x


class AliasedWhenSaved(Sound):
    def get_state(self) -> Any:
        return {**super().get_state(), "live": self.live}

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.live = [0, 0, 0]
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.live[2] += 1
        return super().step(actions)

    def set_state(self, state: Any) -> None:
        super().set_state(state)
        self.live = list(state["live"])


class AliasedWhenLoaded(AliasedWhenSaved):
    def get_state(self) -> Any:
        return {**super().get_state(), "live": list(self.live)}

    def set_state(self, state: Any) -> None:
        super().set_state(state)
        self.live = state["live"]


class SingleAgent:
    """Follows Gymnasium's Env, without deriving from it."""

    action_space = types.SimpleNamespace(n=2, start=1)

    def __init__(self) -> None:
        self.total = 0

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.total = (seed or 0) % 100
        return self.total, {"total": self.total}

    def step(self, action: int) -> tuple[Any, Any, Any, Any, Any]:
        self.total += action
        return self.total, float(action), self.total > 130, False, {"total": self.total}

    def render(self) -> None:
        return None


def steady(observation: Any, agent: Any) -> int:
    return 1 + (observation[0] % 2 if agent == "left" else observation[1] % 2)


COUNT = [0]


def forgetful(observation: Any, agent: Any) -> int:
    """Remembers how often it was called, where no snapshot sees it."""
    COUNT[0] += 1
    return COUNT[0] % 3


class Counting:
    """A policy that may remember, as its pickle does."""

    def __init__(self) -> None:
        self.calls = 0

    def reset(self, seed: int) -> None:
        self.calls = 0

    def __call__(self, observation: Any, agent: Any) -> int:
        self.calls += 1
        return self.calls % 3


counting = Counting()


class LongText(Sound):
    """Tells a story that grows beyond what a row can hold."""

    def infos(self) -> dict[str, Any]:
        return {agent: {"story": "once " * 120 * self.steps} for agent in self.possible_agents}


class ManyInfos(Sound):
    def infos(self) -> dict[str, Any]:
        return {agent: {f"key_{n}": n for n in range(92)} for agent in self.possible_agents}
