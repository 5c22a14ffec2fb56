"""The frozen matching plans of a study, as its ledgers name them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.data.game_steps import whole_lines


@dataclass(frozen=True)
class Plan:
    """What was fixed before the first participant of a scene came."""

    scene_id: str
    """The scene."""
    digest: str
    """Its digest."""
    matchmaker: str
    """The class of the matchmaker."""
    group_size: int
    """How many make a group."""
    threshold_ms: float | None
    """The largest acceptable RTT before it relaxes, in milliseconds; `None` for none."""
    expansions: tuple[tuple[float, float], ...]
    """After how many seconds of waiting which threshold holds, in milliseconds."""
    patience_s: float | None
    """How long participants wait at most, in seconds."""
    version: str
    """The version of interactive_gym."""


def plans_of(folder: Path) -> list[Plan]:
    """Every plan once, in the order in which they held.

    Args:
        folder: the experiment's folder.

    Raises:
        OSError: a ledger cannot be read.
    """
    found: dict[tuple[str, str], Plan] = {}
    for path in sorted(folder.glob("*/matching.jsonl")):
        for text in whole_lines(path):
            if '"kind": "plan"' in text[:200]:
                line = json.loads(text)
                plan = _plan(path.parent.name, line["plan_digest"], line["plan"])
                found.setdefault((plan.scene_id, plan.digest), plan)
    return list(found.values())


def _plan(scene_id: str, digest: str, plan: dict[str, Any]) -> Plan:
    parameters = plan["matchmaker"]["parameters"]
    patience_ms = plan.get("patience_ms")
    return Plan(
        scene_id,
        digest,
        plan["matchmaker"]["class"].rsplit(".", 1)[-1],
        plan["group_size"],
        parameters.get("max_p2p_rtt_ms"),
        tuple((after_s, limit) for after_s, limit in parameters.get("rtt_expansions") or []),
        None if patience_ms is None else patience_ms / 1000,
        plan.get("package_version", ""),
    )
