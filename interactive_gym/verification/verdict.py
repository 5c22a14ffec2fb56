"""What ``match.json`` says of a game that was simulated again: its field ``verified``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interactive_gym.verification.copies import COMMON_FILE
from interactive_gym.verification.outcome import GameOutcome

MAX_FINDINGS = 20
"""Most findings that are kept."""


def verdict_of(outcome: GameOutcome, match: Mapping[str, Any]) -> dict[str, Any]:
    """What a verification says of a game, with the seats that uploaded something untrue.

    Where all copies are true, but have different inputs, no seat is named: nobody can tell which
    keys were pressed.

    Args:
        outcome: What was found of it.
        match: The content of its ``match.json``.
    """
    return {
        "status": outcome.status,
        "by": outcome.confirmed_by,
        "frames": outcome.frames,
        "findings": outcome.lines()[:MAX_FINDINGS] if outcome.status != "equal" else [],
        "true_seats": [seat for seat, said in outcome.copies.items() if said == "true"],
        "untrue_seats": _untrue_seats(outcome, match),
    }


def _untrue_seats(outcome: GameOutcome, match: Mapping[str, Any]) -> list[int]:
    """The seats whose copies do not follow from their own inputs."""
    untrue = {seat for seat, said in outcome.copies.items() if said != "true"}
    # The common frames are part of every copy that goes as far.
    frames = [
        found.frame
        for found in outcome.differences
        if found.frame is not None
        and found.frame < outcome.frames
        and (found.file == COMMON_FILE or outcome.copies)
    ]
    if frames:
        first = min(frames)
        untrue |= {
            seat
            for seat, recording in enumerate(match.get("recordings", []))
            if recording["frames"] is not None and recording["frames"] > first
        }
    return sorted(untrue)
