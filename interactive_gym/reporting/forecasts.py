"""Holds what came of a study against what ``interactive-gym plan --json`` had forecast."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interactive_gym.reporting.exclusion import Seeker
from interactive_gym.reporting.plans import Plan
from interactive_gym.reporting.rows import Row, quantile

Comparison = tuple[str, float | None, float | None, float | None, float | None]
"""A figure: its name, its forecast, the least and most of the simulated studies, and what came."""


def read_forecast(path: Path) -> list[dict[str, Any]]:
    """The forecasts of scenes in a file.

    Args:
        path: what ``interactive-gym plan --json`` printed.

    Raises:
        ValueError: it is not that.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        scenes = content.get("scenes", [content])
        if all(isinstance(scene["thresholds"], list) for scene in scenes):
            return list(scenes)
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise ValueError(
        f"--forecast is {str(path)!r}, which is not what `interactive-gym plan --json` prints."
    )


def compared(
    scene: Mapping[str, Any],
    plan: Plan,
    seekers: Sequence[Seeker],
    games: Sequence[Row],
) -> list[Comparison] | None:
    """The figures of a scene; `None` if its threshold was not among those that were forecast.

    Waits are counted as in the forecast: those without a game with all they waited.

    Args:
        scene: the forecast of the scene.
        plan: the plan that held.
        seekers: everybody who asked for a game in it.
        games: its rows of the table `games`.
    """
    found = [it for it in scene["thresholds"] if it["threshold_ms"] == plan.threshold_ms]
    if not found:
        return None
    decided = [it for it in seekers if it.fate != "undecided"]
    waits_s = sorted(it.waited_ms / 1000 for it in decided if it.waited_ms is not None)
    largest = (
        [edge["rtt_ms"] for edge in game["edges"] or [] if edge.get("rtt_ms") is not None]
        for game in games
    )
    rtts_ms = sorted(max(edges) for edges in largest if edges)
    matched = sum(it.fate == "matched" for it in decided)
    came = {
        "match_rate": matched / len(decided) if decided else None,
        "median_wait_s": quantile(waits_s, 0.5) if waits_s else None,
        "p95_wait_s": quantile(waits_s, 0.95) if waits_s else None,
        "median_game_rtt_ms": quantile(rtts_ms, 0.5) if rtts_ms else None,
        "p95_game_rtt_ms": quantile(rtts_ms, 0.95) if rtts_ms else None,
    }
    names = {
        "match_rate": "share who got a game",
        "median_wait_s": "median wait (s)",
        "p95_wait_s": "95th percentile of the wait (s)",
        "median_game_rtt_ms": "median of games' largest RTTs (ms)",
        "p95_game_rtt_ms": "their 95th percentile (ms)",
    }
    return [_comparison(found[0], key, name, came[key]) for key, name in names.items()]


def _comparison(forecast: Mapping[str, Any], key: str, name: str, came: float | None) -> Comparison:
    studies = [it[key] for it in forecast.get("studies", []) if it.get(key) is not None]
    return (
        name,
        forecast.get(key),
        min(studies, default=None),
        max(studies, default=None),
        came,
    )
