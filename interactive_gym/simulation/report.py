"""A forecast as text for people and as JSON-compatible fields for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from interactive_gym import __version__
from interactive_gym.simulation.recommendation import InTime, in_words
from interactive_gym.simulation.study_forecast import StudyForecast
from interactive_gym.simulation.threshold_forecast import ThresholdForecast

LEGEND = """\
within       who got a game in this time, on average of the studies; Student's interval of the mean
wait         who waits in vain counts with all their patience
game RTT     the largest P2P RTT within a group
excluded     participants around whom the threshold allows no group, whoever waits with them"""
"""What the columns of the table mean."""


def headings(study: StudyForecast) -> tuple[str, ...]:
    """The columns of the table."""
    return (
        "threshold",
        "matched",
        f"within {study.recommendation.budget.within_s:g} s (95% interval)",
        "median wait",
        "p95 wait",
        "probes/game",
        "game RTT median",
        "game RTT p95",
        "excluded",
    )


def as_text(study: StudyForecast) -> str:
    """All of a forecast, for people."""
    notes = [f"note: {note}" for note in study.notes]
    said = [study.title, study.conditions, *notes]
    return "\n".join([*said, "", as_table(study), "", LEGEND, "", *study.findings])


def as_table(study: StudyForecast) -> str:
    """The figures as text, a line for every threshold."""
    shares = study.recommendation.in_time
    figures = [_row(*pair) for pair in zip(study.thresholds, shares, strict=True)]
    rows = [headings(study), *figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def as_record(study: StudyForecast) -> dict[str, Any]:
    """All of a forecast as JSON-compatible fields, with the figures of every simulated study."""
    settings, recommendation = study.settings, study.recommendation
    return {
        "package_version": __version__,
        "scene_id": study.scene_id,
        "population": settings.population.description,
        "arrivals": settings.arrivals.description,
        "participants": settings.participants,
        "group_size": settings.group_size,
        "patience_s": settings.patience_s,
        "mean_dropout_s": settings.mean_dropout_s,
        "server_rtt_noise_ms": settings.server_rtt_noise_ms,
        "probing": asdict(settings.probing),
        "connections": asdict(settings.connections),
        "matchmaker": study.matchmaker,
        "first_seed": settings.seed,
        "notes": list(study.notes),
        "budget": asdict(recommendation.budget),
        "recommended_threshold_ms": recommendation.threshold_ms,
        "findings": study.findings,
        "present_threshold_ms": study.present_ms,
        "thresholds": [
            {
                "threshold_ms": each.threshold_ms,
                **asdict(each.mean),
                "matched_in_time": asdict(in_time),
                "studies": [asdict(figures) for figures in each.studies],
            }
            for each, in_time in zip(study.thresholds, recommendation.in_time, strict=True)
        ],
    }


def _row(forecast: ThresholdForecast, in_time: InTime) -> tuple[str, ...]:
    mean = forecast.mean
    return (
        f"{forecast.threshold_ms:g} ms",
        f"{mean.match_rate:.1%}",
        in_words(in_time),
        f"{mean.median_wait_s:.1f} s",
        f"{mean.p95_wait_s:.1f} s",
        "–" if mean.probes_per_game is None else f"{mean.probes_per_game:.1f}",
        "–" if mean.median_game_rtt_ms is None else f"{mean.median_game_rtt_ms:.0f} ms",
        "–" if mean.p95_game_rtt_ms is None else f"{mean.p95_game_rtt_ms:.0f} ms",
        f"{mean.excluded_share:.1%}",
    )
