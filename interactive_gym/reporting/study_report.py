"""Makes the report on a study of its tables and plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from interactive_gym.reporting.balance import Level, balance_of
from interactive_gym.reporting.exclusion import (
    FATES,
    Seeker,
    seekers_of,
    standardized_difference,
)
from interactive_gym.reporting.figures import figures_of
from interactive_gym.reporting.flow import Stage, flow_of
from interactive_gym.reporting.methods import methods
from interactive_gym.reporting.page import (
    Cell,
    figure,
    listed,
    page,
    paragraph,
    section,
    table,
)
from interactive_gym.reporting.plans import Plan
from interactive_gym.reporting.quality import (
    HIDDEN_SHARE,
    IDLE_SHARE,
    ROLLED_BACK_SHARE,
    STALLED_SHARE,
    GameQuality,
    quality_of,
)
from interactive_gym.reporting.rows import Tables, quartiles, rows_of
from interactive_gym.reporting.weighting import SMALL_PROBABILITY, Weighting, weightings_of

ASSUMPTIONS = (
    "Nothing but the server RTT decides both who gets a game and what is measured in it.",
    "Everybody who asked for a game could have got one: no probability is zero.",
    "The log odds of a game are a straight line in the logarithm of the server RTT.",
    "One participant's chance does not hang on who else was there at that time.",
    "The plan did not change; each plan has a regression of its own.",
)
"""What the weights rest on."""


@dataclass(frozen=True)
class Report:
    """A report."""

    html: str
    """The page."""
    figures: dict[str, str]
    """Its figures by name, as SVG."""
    flow: list[Stage]
    """The stages of the flow."""
    weightings: list[Weighting]
    """The weights."""


def report_on(name: str, tables: Tables, plans: Sequence[Plan]) -> Report:
    """The report on a study.

    Args:
        name: its name.
        tables: its tables.
        plans: its matching plans.

    Raises:
        ImportError: matplotlib is not installed.
    """
    flow = flow_of(tables)
    seekers = seekers_of(tables)
    edges = rows_of(tables, "edges")
    games = quality_of(tables)
    weightings = weightings_of(seekers)
    figures = figures_of(flow, plans, seekers, edges, games)
    sections = [
        section("Methods", paragraph(" ".join(methods(flow, plans, seekers, edges, games)))),
        _flow(flow, figures),
        _latency(figures),
        _exclusion(seekers, figures),
        _weights(weightings),
        _balance(balance_of(tables, seekers)),
        _quality(games),
    ]
    return Report(page(f"Report on {name}", filter(None, sections)), figures, flow, weightings)


def _flow(flow: Sequence[Stage], figures: dict[str, str]) -> str:
    rows: list[list[Cell]] = []
    for stage in flow:
        rows += [[f"… did not: {reason}", count] for reason, count in stage.left.items()]
        rows.append([stage.name, len(stage.people)])
    return section(
        "From the link to the analysis",
        figure("flow", figures, "Flow of participants, over all scenes.", is_wide=True),
        table("The same as a table: each stage is what the last one leaves.", ["stage", "n"], rows),
    )


def _latency(figures: dict[str, str]) -> str:
    parts = [
        figure("rtt", figures, "RTTs between participants, and the thresholds."),
        figure("waits", figures, "How long participants waited in a scene."),
        figure(
            "forecast",
            figures,
            "What the matchmaker predicted of pairs from their server RTTs before it probed them, "
            "and what came of it, with 95% intervals and numbers of pairs.",
        ),
    ]
    return section("Latency and waiting", *parts) if any(parts) else ""


def _exclusion(seekers: Sequence[Seeker], figures: dict[str, str]) -> str:
    if not seekers:
        return ""
    matched = _log_rtts(seekers, "matched")
    rows: list[list[Cell]] = []
    for fate in FATES:
        group = [it for it in seekers if it.fate == fate]
        if group:
            difference = standardized_difference(_log_rtts(group, fate), matched)
            rows.append(
                [
                    fate,
                    len(group),
                    _quartiles([it.server_rtt_ms for it in group]),
                    None if fate == "matched" else difference,
                    _quartiles([min(it.rtts_ms) for it in group if it.rtts_ms]),
                    sum(it.probes for it in group) / len(group),
                    _counted([it.route for it in group]),
                    _counted([it.exit_reason for it in group]),
                ]
            )
    header = ["", "n", "server RTT (ms)", "difference", "best P2P RTT (ms)", "verdicts each"]
    return section(
        "Whom latency excluded",
        paragraph(
            "Everybody who asked for a game, once for each scene. Rejected: left without a game "
            "although an RTT to somebody was measured. Not connected: tried, but never measured. "
            "Never tried: no verdict at all. Medians with quartiles; the difference is that of "
            "log server RTT to the matched, in pooled standard deviations. The type of address is "
            "the one by which most probes reached them. Browsers and time zones are not recorded."
        ),
        table("What became of the wish for a game.", [*header, "address", "left by"], rows),
        figure("server_rtt", figures, "RTTs to the server, with medians and quartiles."),
    )


def _log_rtts(seekers: Sequence[Seeker], fate: str) -> list[tuple[float, float]]:
    from math import log

    return [
        (log(it.server_rtt_ms), 1.0)
        for it in seekers
        if it.fate == fate and it.server_rtt_ms is not None and it.server_rtt_ms > 0
    ]


def _weights(weightings: Sequence[Weighting]) -> str:
    if not weightings:
        return ""
    rows: list[list[Cell]] = []
    notes = []
    for it in weightings:
        where = f"{it.scene_id}, plan {(it.plan_digest or 'unknown')[:12]}"
        if it.reason is not None:
            notes.append(f"{where}: no weights, as there are {it.reason}.")
            continue
        weights = [weight for *_, weight in it.weights]
        counts: list[Cell] = [where, it.matched, it.others, it.left_out, it.slope]
        spread: list[Cell] = [min(weights), max(weights), it.effective]
        rows.append([*counts, *spread, it.difference_before, it.difference_after])
        few = sum(probability < SMALL_PROBABILITY for _, probability, _ in it.weights)
        if few:
            notes.append(f"{where}: {few} with a probability below {SMALL_PROBABILITY:g}.")
    header = ["", "matched", "others", "left out", "slope", "least", "largest", "effective n"]
    columns = [*header, "difference before", "after"]
    return section(
        "Weights for being matched",
        paragraph(
            "Analyses of games are about those who got one. With these weights, in weights.csv, "
            "they stand for all who asked, as far as the server RTT tells them apart: the share of "
            "the matched, divided by the probability of being matched that a logistic regression "
            "on the logarithm of the server RTT gives. The slope is the change of the log odds "
            "when the RTT doubles; differences are those to everybody who asked."
        ),
        paragraph("They are right only as far as this holds:"),
        listed(ASSUMPTIONS),
        table("The weights of each plan.", columns, rows) if rows else "",
        *map(paragraph, notes),
    )


def _balance(levels: Sequence[Level]) -> str:
    if not levels:
        return ""
    rows: list[list[Cell]] = [
        [f"{it.scene_id}: {it.condition}", it.value, it.asked, it.matched, it.games, it.analysable]
        for it in levels
    ]
    header = ["condition", "value", "asked for a game", "matched", "games", "can be analysed"]
    return section(
        "Balance of conditions",
        table("Participants, or games where games have the condition.", header, rows),
    )


def _quality(games: Sequence[GameQuality]) -> str:
    if not games:
        return section("Games", paragraph("There are no games yet."))
    rows: list[list[Cell]] = [
        [
            f"{it.scene_id}/{it.game_id}",
            it.end_reason,
            it.frames,
            it.rtt_ms,
            _percent(it.rolled_back),
            _percent(it.stalled),
            _percent(it.hidden),
            _percent(it.idle),
            it.verified,
            ", ".join(it.flags) or "none",
        ]
        for it in games
    ]
    header = ["game", "ended by", "frames", "RTT (ms)", "rolled back (%)", "stalled (%)"]
    flagged = sum(bool(it.flags) for it in games)
    return section(
        "Games",
        paragraph(
            f"{flagged} of {len(games)} games are flagged. Rolled back: frames simulated again, of "
            f"all that were played (flagged above {ROLLED_BACK_SHARE:.0%}). Stalled: ticks that "
            f"had to wait for a partner ({STALLED_SHARE:.0%}). Hidden: frames with the page out "
            f"of sight ({HIDDEN_SHARE:.0%}). Idle: frames with the default action, of the "
            f"participant with most ({IDLE_SHARE:.0%}). Verified: what came of simulating the "
            "game again."
        ),
        table("Every game.", [*header, "hidden (%)", "idle (%)", "verified", "flags"], rows),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _quartiles(values: Sequence[float | None]) -> str | None:
    found = quartiles([value for value in values if value is not None])
    return None if found is None else f"{found[1]:.3g} [{found[0]:.3g}–{found[2]:.3g}]"


def _counted(values: Sequence[str | None]) -> str | None:
    counts = Counter(value.replace("_", " ") for value in values if value is not None)
    return ", ".join(f"{value} {count}" for value, count in counts.most_common()) or None
