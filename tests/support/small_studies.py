"""Studies small enough to be worked out by hand, or to be planned in a moment."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from typing import Any

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.forecast import forecast
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.population import Cohort
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.recommendation import Budget, recommend
from interactive_gym.simulation.study import StudySettings
from interactive_gym.simulation.study_forecast import StudyForecast
from interactive_gym.simulation.threshold_forecast import ThresholdForecast

FAR_MS = 200.0
SETTINGS = StudySettings(
    population=SyntheticPopulation(), arrivals=PoissonArrivals(5.0), participants=24
)
"""A study of two dozen people."""


class KnownPopulation:
    """People whose every RTT the test decides: `near` pairs have 50 ms, all others 200 ms."""

    description = "known people"

    def __init__(self, people: int, near: Sequence[tuple[int, int]], near_ms: float = 50.0) -> None:
        self.most_participants = people
        self.near = {frozenset(pair) for pair in near}
        self.near_ms = near_ms

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        def rtt_ms(a: int, b: int) -> float:
            return self.near_ms if frozenset((a, b)) in self.near else FAR_MS

        return Cohort(tuple(30.0 for _ in range(participants)), rtt_ms)


class KnownArrivals:
    """People who arrive at these times."""

    description = "known times"

    def __init__(self, arrival_s: Sequence[float]) -> None:
        self.arrival_s = arrival_s

    def times_s(self, participants: int, rng: random.Random) -> list[float]:
        return list(self.arrival_s[:participants])


def known_study(
    arrival_s: Sequence[float], near: Sequence[tuple[int, int]], **settings: Any
) -> StudySettings:
    """A study in which these people arrive at these times; a probe takes 1 s or 0.6 s."""
    return StudySettings(
        population=KnownPopulation(len(arrival_s), near),
        arrivals=KnownArrivals(arrival_s),
        participants=len(arrival_s),
        **settings,
    )


def small_study() -> StudyForecast:
    """The same, with what follows from it."""
    thresholds = small_forecast()
    found = recommend(thresholds, Budget(0.5, 60.0))
    return StudyForecast(SETTINGS, "FIFOMatchmaker", thresholds, found, notes=("A note.",))


@functools.cache
def small_forecast() -> list[ThresholdForecast]:
    """What to expect of two thresholds in that study; one of them is met by few."""
    return forecast(SETTINGS, FIFOMatchmaker, [20.0, 120.0], studies=3)
