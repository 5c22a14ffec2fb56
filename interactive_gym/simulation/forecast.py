"""Forecasts what each threshold costs a study, by simulating the study under each.

For every threshold the same studies are simulated, with the same participants arriving at the same
times, so that differences come from the threshold. ``report`` and ``chart`` show the forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation.metrics import Metrics, mean_metrics, metrics_of
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings
from interactive_gym.simulation.threshold_forecast import ThresholdForecast


def forecast(
    settings: StudySettings,
    make_matchmaker: Callable[[float], Matchmaker],
    thresholds_ms: Sequence[float],
    *,
    studies: int,
    on_progress: Callable[[int, int], object] = lambda done, of: None,
) -> list[ThresholdForecast]:
    """Simulate studies under every threshold.

    Args:
        settings: the study. Its seed is that of the first study; each further one has the next.
        make_matchmaker: makes a fresh matchmaker with a threshold in milliseconds.
        thresholds_ms: the thresholds to compare.
        studies: how many studies to simulate under each.
        on_progress: called with how many studies are done, and of how many.
    """
    forecasts = []
    for position, threshold_ms in enumerate(thresholds_ms):
        figures: list[Metrics] = []
        waits_s: list[float] = []
        matched_waits_s: list[tuple[float, ...]] = []
        for number in range(studies):
            result = simulate(
                replace(settings, seed=settings.seed + number), make_matchmaker(threshold_ms)
            )
            figures.append(metrics_of(result))
            waits_s += [participant.wait_s for participant in result.participants]
            matched = [person for person in result.participants if person.fate == "matched"]
            matched_waits_s.append(tuple(person.wait_s for person in matched))
            on_progress(position * studies + number + 1, len(thresholds_ms) * studies)
        forecasts.append(
            ThresholdForecast(
                threshold_ms,
                tuple(figures),
                mean_metrics(figures),
                tuple(sorted(waits_s)),
                tuple(matched_waits_s),
            )
        )
    return forecasts
