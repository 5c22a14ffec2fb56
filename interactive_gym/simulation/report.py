"""A forecast as a table for people and as JSON-compatible fields for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from interactive_gym import __version__
from interactive_gym.simulation.forecast import ThresholdForecast
from interactive_gym.simulation.study import StudySettings

HEADINGS = (
    "threshold",
    "matched",
    "median wait",
    "p95 wait",
    "probes/game",
    "game RTT median",
    "game RTT p95",
    "excluded",
)
"""The columns of the table."""


def describe_study(settings: StudySettings, matchmaker: str, studies: int) -> str:
    """One sentence that says what was simulated."""
    return (
        f"{settings.participants} participants in groups of {settings.group_size} from "
        f"{settings.population.description}, {settings.arrivals.description}, patience "
        f"{settings.patience_s:g} s, {matchmaker}; means of {studies} simulated "
        f"{'study' if studies == 1 else 'studies'}."
    )


def as_table(forecasts: Sequence[ThresholdForecast]) -> str:
    """The forecast as text, a line for every threshold."""
    rows = [HEADINGS, *(_row(each) for each in forecasts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def as_record(
    settings: StudySettings, matchmaker: str, forecasts: Sequence[ThresholdForecast]
) -> dict[str, Any]:
    """The forecast as JSON-compatible fields, with the figures of every simulated study."""
    return {
        "package_version": __version__,
        "population": settings.population.description,
        "arrivals": settings.arrivals.description,
        "participants": settings.participants,
        "group_size": settings.group_size,
        "patience_s": settings.patience_s,
        "mean_dropout_s": settings.mean_dropout_s,
        "server_rtt_noise_ms": settings.server_rtt_noise_ms,
        "probing": asdict(settings.probing),
        "matchmaker": matchmaker,
        "first_seed": settings.seed,
        "thresholds": [
            {
                "threshold_ms": each.threshold_ms,
                **asdict(each.mean),
                "studies": [asdict(study) for study in each.studies],
            }
            for each in forecasts
        ],
    }


def _row(forecast: ThresholdForecast) -> tuple[str, ...]:
    mean = forecast.mean
    return (
        f"{forecast.threshold_ms:g} ms",
        f"{mean.match_rate:.1%}",
        f"{mean.median_wait_s:.1f} s",
        f"{mean.p95_wait_s:.1f} s",
        "–" if mean.probes_per_game is None else f"{mean.probes_per_game:.1f}",
        "–" if mean.median_game_rtt_ms is None else f"{mean.median_game_rtt_ms:.0f} ms",
        "–" if mean.p95_game_rtt_ms is None else f"{mean.p95_game_rtt_ms:.0f} ms",
        f"{mean.excluded_share:.1%}",
    )
