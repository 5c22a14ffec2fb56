"""Whom latency kept from a game, and how they differ from those who got one."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from interactive_gym.reporting.rows import Row, Tables, rows_of

Fate = Literal["matched", "rejected", "not connected", "never tried", "undecided"]
"""What became of a participant's wish for a game. `rejected`: every measurement was above the
threshold, or a partner was taken before it was used; `not connected`: tried, but never measured;
`never tried`: no probe; `undecided`: they may still wait."""

FATES: tuple[Fate, ...] = ("matched", "rejected", "not connected", "never tried", "undecided")


@dataclass(frozen=True)
class Seeker:
    """A participant who asked for a game in a scene."""

    scene_id: str
    """The scene."""
    subject_id: str
    """Who they are."""
    plan_digest: str | None
    """The plan that held when they first asked."""
    fate: Fate
    """What became of it."""
    exit_reason: str | None
    """Why they left without a game; `None` if they did not."""
    server_rtt_ms: float | None
    """Their RTT to the server, in milliseconds, when it was first known."""
    waited_ms: float | None
    """How long they waited, in milliseconds; `None` while they do."""
    rtts_ms: tuple[float, ...]
    """The measured RTTs to others, in milliseconds."""
    probes: int
    """How many verdicts there were on pairs with them."""
    route: str | None
    """The type of address by which they were reached most; `None` if that was not told."""


def seekers_of(tables: Tables) -> list[Seeker]:
    """Everybody who asked for a game, by scene and in the order of their arrival.

    Args:
        tables: the tables of a study.
    """
    first: dict[tuple[str, str], Row] = {}
    for row in rows_of(tables, "arrivals"):
        known = first.setdefault((row["scene_id"], row["subject_id"]), row)
        if known["server_rtt_ms"] is None:
            known["server_rtt_ms"] = row["server_rtt_ms"]
    waits: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(tables, "waits"):
        waits.setdefault((row["scene_id"], row["subject_id"]), []).append(row)
    verdicts: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(tables, "edges"):
        for subject in row["pair"]:
            verdicts.setdefault((row["scene_id"], subject), []).append(row)
    routes = _routes(tables)
    return [
        _seeker(key, row, waits.get(key, []), verdicts.get(key, []), routes.get(key))
        for key, row in first.items()
    ]


def _seeker(
    key: tuple[str, str], arrival: Row, waits: list[Row], verdicts: list[Row], route: str | None
) -> Seeker:
    rtts_ms = tuple(row["rtt_ms"] for row in verdicts if row["rtt_ms"] is not None)
    fate: Fate
    if any(wait["reason"] == "matched" for wait in waits):
        fate = "matched"
    elif not waits:
        fate = "undecided"
    elif rtts_ms:
        fate = "rejected"
    else:
        fate = "not connected" if verdicts else "never tried"
    last = waits[-1] if waits else None
    return Seeker(
        *key,
        arrival["plan_digest"],
        fate,
        None if last is None or fate == "matched" else last["reason"],
        arrival["server_rtt_ms"],
        None if last is None else last["waited_ms"],
        rtts_ms,
        len(verdicts),
        route,
    )


def _routes(tables: Tables) -> dict[tuple[str, str], str]:
    """How each participant was reached, by the local candidate of most of their probes."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    for row in rows_of(tables, "probes"):
        for side in row["sides"] or []:
            if side.get("local_candidate_type") is not None:
                key = (row["scene_id"], side["subject_id"])
                seen.setdefault(key, Counter())[side["local_candidate_type"]] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in seen.items()}


def standardized_difference(
    these: list[tuple[float, float]], those: list[tuple[float, float]]
) -> float | None:
    """How far two weighted means are apart, in pooled standard deviations.

    P. Austin, "Balance diagnostics for comparing the distribution of baseline covariates", 2009.
    The deviations are those without weights.

    Args:
        these: value and weight of each of one group.
        those: likewise of the other.

    Returns:
        The difference; `None` if a group has fewer than two, or nobody differs.
    """
    if min(len(these), len(those)) < 2:
        return None
    means = [sum(v * w for v, w in group) / sum(w for _, w in group) for group in (these, those)]
    pooled = math.sqrt((_variance(these) + _variance(those)) / 2)
    return (means[0] - means[1]) / pooled if pooled > 0 else None


def _variance(group: list[tuple[float, float]]) -> float:
    mean = sum(value for value, _ in group) / len(group)
    return sum((value - mean) ** 2 for value, _ in group) / (len(group) - 1)
