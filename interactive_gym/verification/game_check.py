"""Holds the files of one game against the resimulation of its inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from interactive_gym.server.data.frame_rows import is_played
from interactive_gym.verification.copies import (
    Copy,
    config_of,
    first_difference,
    inputs_of,
    read_copies,
)
from interactive_gym.verification.outcome import Difference, GameOutcome
from interactive_gym.verification.resimulator import Played

Play = Callable[[Mapping[str, Any], Sequence[bytes]], Played]
"""Plays a game again from its config and its inputs."""

_MATCH = "match.json"


def check_game(folder: Path, match: Mapping[str, Any], play: Play) -> GameOutcome:
    """Check a game.

    Args:
        folder: its folder.
        match: the content of its ``match.json``.
        play: plays it again, by its code.

    Raises:
        OSError, KeyError, TypeError, ValueError: a file cannot be read, or its ``match.json`` is
            not that of a game.
    """
    rows_per_frame = len(match["agents"])
    common, own = read_copies(folder, len(match["group"]), rows_per_frame)
    frames = len(common.rows) // rows_per_frame
    outcome = GameOutcome(folder.parent.name, folder.name, frames)
    if "ended_at" not in match:
        outcome.missing.append("the game was not closed")
    is_over = _check_frames(outcome, match, play, common, own)
    outcome.differences += _wrong_in_match(match, common, own)
    if not outcome.differences:
        outcome.missing += _missing(match, is_over, frames)
    return outcome


def _check_frames(
    outcome: GameOutcome,
    match: Mapping[str, Any],
    play: Play,
    common: Copy,
    own: Mapping[int, Copy],
) -> bool:
    """Simulate every copy; whether one of them came to the end of the game."""
    is_over = False
    for seat, copy in own.items() or [(None, common)]:
        found, ended = _check_copy(outcome, match, play, copy)
        is_over |= ended
        if seat is not None:
            outcome.copies[seat] = "true" if found is None else str(found)
        if found is not None:
            outcome.differences.append(found)
    if own and not outcome.differences:
        first = min(own.values(), key=lambda copy: len(copy.rows))
        what = Difference(
            first.file, outcome.frames, "action", "inputs of its own", "those of the other copies"
        )
        outcome.differences.append(what)
    return is_over


def _check_copy(
    outcome: GameOutcome, match: Mapping[str, Any], play: Play, copy: Copy
) -> tuple[Difference | None, bool]:
    """The first difference of a copy, and whether it comes to the end of the game."""
    rows_per_frame = len(match["agents"])
    if not copy.rows and not copy.leftover:
        return None, False
    inputs = inputs_of(copy, match)
    if isinstance(inputs, Difference):
        # What comes before the row that is not where it must be can differ earlier.
        rows = copy.rows[: (inputs.frame or 0) * rows_per_frame]
        before = Copy(copy.file, copy.columns, rows, 0)
        earlier = inputs_of(before, match)
        if isinstance(earlier, Difference) or not rows:
            return inputs, False
        played = play(config_of(match), earlier)
        found = first_difference(before, played.columns or [], played.rows, rows_per_frame)
        return (found if played.columns and found else inputs), False
    played = play(config_of(match), inputs)
    if played.columns is None:
        outcome.is_simulated = False
        outcome.missing.append(f"{copy.file} could not be simulated: {played.error}")
        return None, False
    found = first_difference(copy, played.columns, played.rows, rows_per_frame)
    if played.error is not None and found is not None and found.computed == "no such frame":
        computed = f"an error: {played.error}"
        found = Difference(found.file, found.frame, found.column, found.stored, computed)
    return found, played.is_over


def _wrong_in_match(
    match: Mapping[str, Any], common: Copy, own: Mapping[int, Copy]
) -> list[Difference]:
    """What ``match.json`` says otherwise than the files of frames."""
    found = []
    rows_per_frame = len(match["agents"])
    frames = len(common.rows) // rows_per_frame
    if "ended_at" in match and match.get("frames") != frames:
        found.append(Difference(_MATCH, None, "frames", str(match.get("frames")), str(frames)))
    if own and match.get("desync") is None:
        found.append(Difference(_MATCH, None, "desync", "nothing", "copies differ"))
    for seat, recording in enumerate(match.get("recordings", [])):
        if recording["frames"] is None:
            continue
        copy = own.get(seat, common)
        expected = _digest(copy, recording["frames"], rows_per_frame)
        if recording["digest"] != expected:
            name = f"recordings[{seat}].digest"
            found.append(Difference(_MATCH, None, name, recording["digest"], expected))
        if seat in own and recording["agreed"]:
            name = f"recordings[{seat}].agreed"
            found.append(Difference(_MATCH, None, name, "true", "false"))
    if match.get("agreed") and any(it["agreed"] is False for it in match["recordings"]):
        found.append(Difference(_MATCH, None, "agreed", "true", "false"))
    for cut in match.get("cuts", []):
        counted = _played_frames(common, match, cut["seat"])
        if "ended_at" in match and cut.get("frames", counted) != counted:
            name = f"cuts of seat {cut['seat']}"
            found.append(Difference(_MATCH, None, name, str(cut["frames"]), str(counted)))
    return found


def _digest(copy: Copy, frames: int, rows_per_frame: int) -> str:
    """The digest of the first frames of a copy; that of nothing if there are none."""
    content = copy.content(frames, rows_per_frame) if frames else ""
    if frames * rows_per_frame > len(copy.rows):
        return f"only {len(copy.rows) // rows_per_frame} frames are stored"
    return hashlib.sha256(content.encode()).hexdigest()


def _played_frames(common: Copy, match: Mapping[str, Any], seat: int) -> int:
    """How many of the common frames the participant of a seat has played."""
    agents = list(match["agents"])
    position = agents.index(match["group"][seat]["agent"])
    rows = common.rows[position :: len(agents)]
    return max((frame + 1 for frame, row in enumerate(rows) if is_played(row)), default=0)


def _missing(match: Mapping[str, Any], is_over: bool, frames: int) -> list[str]:
    """What is not there of a game of which nothing differs."""
    missing = []
    if match.get("end_reason") == "completed" and not is_over:
        missing.append(f"the game was completed, but its {frames} frames do not reach its end")
    cuts = {cut["seat"] for cut in match.get("cuts", [])}
    for seat, recording in enumerate(match.get("recordings", [])):
        if seat in cuts or recording["frames"] is None or recording["frames"] >= frames:
            continue
        missing.append(f"seat {seat} has uploaded {recording['frames']} of {frames} frames")
    if "ended_at" in match and match.get("agreed") is None:
        missing.append("the server was stopped before it could compare the copies")
    return missing
