"""Measures what a frame costs, and says whether the worst one fits into the frame budget.

Only the environment is measured, not the session, rows and drawing. The same file runs under
CPython and in Pyodide.
"""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.trial import Trial
from interactive_gym.netcode import strict_json
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.simulation import Simulation

DEPTH = 8
"""Depth of the measured rollback in frames: the most that a game simulates again."""

WARM_UP = 30
"""Frames played before measuring begins."""

PYODIDE_FACTOR = 2.0
"""How many times slower Pyodide is assumed to be if not measured (docs/environments.md)."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Timing:
    """How long something takes."""

    p50_ms: float
    """The median, in milliseconds."""

    p95_ms: float
    """The 95th percentile, in milliseconds."""

    @classmethod
    def from_times(cls, times_s: list[float]) -> "Timing":
        """Summarize at least two times, given in seconds."""
        milliseconds = [time_s * 1000 for time_s in times_s]
        percentiles = statistics.quantiles(milliseconds, n=20)
        return cls(round(statistics.median(milliseconds), 4), round(percentiles[-1], 4))

    def times(self, factor: float) -> "Timing":
        """The timing on a machine that is slower by a factor."""
        return Timing(self.p50_ms * factor, self.p95_ms * factor)


@dataclass(frozen=True)
class Cost:
    """How long the parts of a frame take."""

    step: Timing
    """One frame, policies and episode ends included."""

    save: Timing
    """Saving the state."""

    load: Timing
    """Loading a state."""

    render: Timing
    """Making the draw commands and their JSON."""

    rollback: Timing
    """Loading a state and simulating eight frames from it, saving each."""

    @property
    def worst_frame_ms(self) -> float:
        """A frame with a rollback of eight frames, by medians, in milliseconds."""
        return self.rollback.p50_ms + self.step.p50_ms + self.save.p50_ms + self.render.p50_ms

    def times(self, factor: float) -> "Cost":
        """The cost on a machine that is slower by a factor."""
        return Cost(**{name: timing.times(factor) for name, timing in vars(self).items()})

    def as_record(self) -> dict[str, dict[str, float]]:
        """The cost as JSON-compatible fields."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Mapping[str, float]]) -> "Cost":
        """Read what `as_record` gave."""
        return cls(**{name: Timing(**timing) for name, timing in record.items()})


def measure(loaded: LoadedEnvironment, trial: Trial, clock: Clock) -> Cost:
    """Time the parts of the trial's frames.

    Args:
        loaded: A fresh environment, which the measurement changes.
        trial: What is played; at least one agent is left without a policy.
        clock: Returns seconds, as precise as possible.
    """
    played = trial.policies[: len(trial.agents) - 1]
    humans = len(trial.agents) - len(played)
    config = trial.game_config((*(None for _ in range(humans)), *played))
    simulation = Simulation(adapt(loaded.env, trial.agents), config, loaded.namespace)
    inputs = trial.inputs(humans)
    times: dict[str, list[float]] = {name: [] for name in Cost.__dataclass_fields__}

    def timed(name: str, action: Callable[..., Any], *arguments: Any) -> Any:
        start_s = clock()
        result = action(*arguments)
        times[name].append(clock() - start_s)
        return result

    def draw() -> str:
        return strict_json.dumps(simulation.render())

    def roll_back(state: Any, frames: list[bytes]) -> None:
        simulation.load(state)
        for frame in frames:
            simulation.step(frame)
            simulation.save()

    states: list[Any] = []
    for number, frame in enumerate(inputs):
        if number == WARM_UP:
            for measured in times.values():
                measured.clear()
        states = [*states[1 - DEPTH :], timed("save", simulation.save)]
        timed("step", simulation.step, frame)
        timed("render", draw)
        if len(states) == DEPTH:
            timed("rollback", roll_back, states[0], inputs[number + 1 - DEPTH : number + 1])
            timed("load", simulation.load, simulation.save())
    return Cost(**{name: Timing.from_times(measured) for name, measured in times.items()})


def in_words(cost: Cost, fps: float, where: str) -> tuple[bool, str]:
    """Whether the worst frame fits into the budget, and the cost in words."""
    budget_ms = 1000 / fps
    parts = ", ".join(
        f"{name} {timing.p50_ms:.2f} ({timing.p95_ms:.2f})" for name, timing in vars(cost).items()
    )
    worst_ms = cost.worst_frame_ms
    fits = worst_ms <= budget_ms
    verdict = "fits into" if fits else "does not fit into"
    return fits, (
        f"a frame with a rollback of {DEPTH} takes {worst_ms:.2f} ms {where} and {verdict} the "
        f"{budget_ms:.1f} ms of a frame at {fps:g} fps; medians (95%) in ms: {parts}"
    )
