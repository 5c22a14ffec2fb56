"""The paragraph for the methods section of a paper, with the figures of the study filled in."""

from __future__ import annotations

from collections.abc import Sequence

from interactive_gym.reporting.exclusion import Seeker
from interactive_gym.reporting.flow import Stage
from interactive_gym.reporting.plans import Plan
from interactive_gym.reporting.quality import GameQuality
from interactive_gym.reporting.rows import Row, quartiles


def methods(
    flow: Sequence[Stage],
    plans: Sequence[Plan],
    seekers: Sequence[Seeker],
    edges: Sequence[Row],
    games: Sequence[GameQuality],
) -> list[str]:
    """The sentences; those without data are left out.

    Args:
        flow: the stages of the flow.
        plans: the matching plans.
        seekers: everybody who asked for a game.
        edges: the rows of the table `edges`.
        games: how sound every game is.
    """
    said = [
        f"Of {len(flow[0].people)} participants who opened the study, {len(flow[1].people)} asked "
        f"for a game, {len(flow[2].people)} were put in a group, {len(flow[3].people)} began a "
        f"game, and {len(flow[4].people)} have games that can be analysed."
    ]
    said += [_plan(plan) for plan in plans]
    measured = [row["rtt_ms"] for row in edges if row["rtt_ms"] is not None]
    if measured:
        accepted = sum(row["verdict"] == "accepted" for row in edges)
        said.append(
            f"{len(measured)} round-trip times between participants' browsers were measured over "
            f"WebRTC before play (median {_range(measured, 'ms')}); {accepted} of {len(edges)} "
            "verdicts on pairs were accepted."
        )
    waits = [it.waited_ms / 1000 for it in seekers if it.fate == "matched" and it.waited_ms]
    if waits:
        said.append(f"Those who got a game waited a median of {_range(waits, 's')}.")
    rejected = sum(it.fate == "rejected" for it in seekers)
    never = sum(it.fate == "never tried" for it in seekers)
    if seekers:
        said.append(
            f"{rejected} of {len(seekers)} requests for a game ended without one although an RTT "
            f"had been measured, and {never} without any attempt."
        )
    if games:
        equal = sum(game.verified == "equal" for game in games)
        frames = sum(game.frames for game in games)
        said.append(
            f"{len(games)} games with {frames} frames were recorded; simulated again from the "
            f"recorded inputs, {equal} of them were equal in every frame."
        )
    played = [game.rtt_ms for game in games if game.rtt_ms is not None]
    if played:
        said.append(
            f"While they were played, the median RTT of a game's links was {_range(played, 'ms')}."
        )
    return said


def _plan(plan: Plan) -> str:
    if plan.threshold_ms is None:
        limit = "without a limit on latency"
    else:
        limit = f"if every pair's RTT was at most {plan.threshold_ms:g} ms"
        limit += "".join(
            f", or {limit_ms:g} ms once they had waited {after_s:g} s"
            for after_s, limit_ms in plan.expansions
        )
    patience = "" if plan.patience_s is None else f", and waited for at most {plan.patience_s:g} s"
    return (
        f"In {plan.scene_id}, participants formed groups of {plan.group_size} {limit}{patience} "
        f"({plan.matchmaker}, interactive-gym {plan.version}, plan {plan.digest[:12]})."
    )


def _range(values: Sequence[float], unit: str) -> str:
    found = quartiles(values)
    assert found is not None
    low, middle, high = (f"{value:.3g}" for value in found)
    return f"{middle} {unit}, interquartile range {low}–{high} {unit}"
