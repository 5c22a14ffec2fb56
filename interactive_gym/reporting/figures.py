"""Draws the figures of a report as SVG, the same for the same data.

Needs matplotlib (`pip install interactive-gym[report]`). The colours are those of M. Okabe and
K. Ito, "Color Universal Design" (2008), which people with colour vision deficiencies can tell
apart; line styles differ, too.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interactive_gym.reporting.exclusion import FATES, Seeker
from interactive_gym.reporting.flow import Stage
from interactive_gym.reporting.plans import Plan
from interactive_gym.reporting.quality import GameQuality
from interactive_gym.reporting.rows import Row, quartiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1a1a1b"
"""The colour of text and lines, which a page replaces by its own."""

_BLUE, _VERMILION, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#8a8a8a"
_FATE_COLOURS = dict(zip(FATES, (_BLUE, _VERMILION, "#E69F00", "#CC79A7", _GREY), strict=True))
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    ),
}
_COLUMN_IN = 3.5
"""The width of a journal's column, in inches."""


def figures_of(
    flow: Sequence[Stage],
    plans: Sequence[Plan],
    seekers: Sequence[Seeker],
    edges: Sequence[Row],
    games: Sequence[GameQuality],
) -> dict[str, str]:
    """The figures by name, as SVG; those without data are left out.

    Args:
        flow: the stages of the flow.
        plans: the matching plans.
        seekers: everybody who asked for a game.
        edges: the rows of the table `edges`.
        games: how sound every game is.
    """
    import matplotlib

    drawn: dict[str, str] = {}
    with matplotlib.rc_context(_STYLE):
        drawn["flow"] = _svg("flow", _flow(flow))
        for name, figure in (
            ("rtt", _rtts(plans, edges, games)),
            ("waits", _waits(plans, seekers)),
            ("server_rtt", _server_rtts(seekers)),
            ("forecast", _forecast(edges)),
        ):
            if figure is not None:
                drawn[name] = _svg(name, figure)
    return drawn


def _svg(name: str, figure: Figure) -> str:
    import matplotlib

    buffer = io.StringIO()
    # A fixed salt and no date: the same data give the same file. Each name has a salt of its own,
    # so that ids differ where several figures are on one page.
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return buffer.getvalue()


def _axes(height_in: float = 2.4) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_COLUMN_IN, height_in), layout="constrained")
    return figure, figure.add_subplot()


def _flow(flow: Sequence[Stage]) -> Figure:
    from matplotlib.figure import Figure

    heights = [0.0] + [max(1.0, 0.55 + 0.3 * len(_reasons(stage))) for stage in flow[1:]]
    total = sum(heights) + 0.8
    figure = Figure(figsize=(6.0, 0.62 * total))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, 10), ylim=(-total + 0.4, 0.6))
    axes.axis("off")
    box = {"boxstyle": "square,pad=0.5", "facecolor": "none", "edgecolor": INK, "linewidth": 0.8}
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    place = 0.0
    for stage, height in zip(flow, heights, strict=True):
        if height:
            above, place = place, place - height
            axes.annotate("", (2.3, place + 0.36), (2.3, above - 0.3), arrowprops=arrow)
            if stage.left:
                middle = (above + place) / 2
                axes.annotate("", (5.05, middle), (2.3, middle), arrowprops=arrow)
                said = "\n".join(_reasons(stage))
                axes.text(5.2, middle, said, va="center", bbox=box, fontsize=7, linespacing=1.4)
        text = f"{stage.name[0].upper()}{stage.name[1:]} (n = {len(stage.people)})"
        axes.text(2.3, place, text, ha="center", va="center", bbox=box)
    return figure


def _reasons(stage: Stage) -> list[str]:
    lines = [f"Did not come so far (n = {sum(stage.left.values())})"]
    for reason, count in stage.left.items():
        lines += textwrap.wrap(f"• {reason} (n = {count})", 52, subsequent_indent="   ")
    return lines if stage.left else []


def _rtts(
    plans: Sequence[Plan], edges: Sequence[Row], games: Sequence[GameQuality]
) -> Figure | None:
    probed = [row["rtt_ms"] for row in edges if row["rtt_ms"] is not None]
    accepted = [
        row["rtt_ms"] for row in edges if row["rtt_ms"] is not None and row["verdict"] == "accepted"
    ]
    played = [game.rtt_ms for game in games if game.rtt_ms is not None]
    if not probed and not played:
        return None
    figure, axes = _axes()
    _steps(axes, probed, "pairs probed", _GREY, "--")
    _steps(axes, accepted, "pairs accepted", _BLUE, "-")
    _steps(axes, played, "games, while played", _GREEN, "-.")
    for limit in sorted({plan.threshold_ms for plan in plans if plan.threshold_ms is not None}):
        label = f"threshold {limit:g} ms"
        axes.axvline(limit, color=_VERMILION, linewidth=0.9, linestyle=":", label=label)
    axes.set(xlabel="P2P RTT (ms)", ylabel="share at most so large (%)", xlim=(0, None))
    _legend(axes)
    return figure


def _waits(plans: Sequence[Plan], seekers: Sequence[Seeker]) -> Figure | None:
    matched = _waits_s(seekers, has_game=True)
    others = _waits_s(seekers, has_game=False)
    if not matched and not others:
        return None
    figure, axes = _axes()
    _steps(axes, matched, "until a game", _BLUE, "-")
    _steps(axes, others, "without a game", _VERMILION, "--")
    for patience_s in sorted({plan.patience_s for plan in plans if plan.patience_s is not None}):
        label = f"patience {patience_s:g} s"
        axes.axvline(patience_s, color=_GREY, linewidth=0.9, linestyle=":", label=label)
    axes.set(xlabel="wait (s)", ylabel="share at most so long (%)", xlim=(0, None))
    _legend(axes)
    return figure


def _waits_s(seekers: Sequence[Seeker], *, has_game: bool) -> list[float]:
    return [
        it.waited_ms / 1000
        for it in seekers
        if it.waited_ms is not None and (it.fate == "matched") is has_game
    ]


def _server_rtts(seekers: Sequence[Seeker]) -> Figure | None:
    by_fate: Mapping[str, list[float]] = {
        fate: [
            it.server_rtt_ms
            for it in seekers
            if it.fate == fate and it.server_rtt_ms is not None and it.server_rtt_ms > 0
        ]
        for fate in FATES
    }
    shown = [fate for fate in reversed(FATES) if by_fate[fate]]
    if not shown:
        return None
    figure, axes = _axes(0.9 + 0.36 * len(shown))
    for place, fate in enumerate(shown):
        values = sorted(by_fate[fate])
        # Points are spread by their rank, not at random, so that the figure stays the same.
        spread = [place + 0.26 * ((0.618 * number) % 1 - 0.5) for number in range(len(values))]
        axes.plot(values, spread, ".", color=_FATE_COLOURS[fate], alpha=0.55, markersize=4)
        found = quartiles(values)
        assert found is not None
        axes.plot(found[::2], [place, place], color=INK, linewidth=1.2)
        axes.plot(found[1], place, "|", color=INK, markersize=11, markeredgewidth=1.4)
    names = [f"{fate} (n = {len(by_fate[fate])})" for fate in shown]
    axes.set_yticks(range(len(shown)), names)
    axes.set(xlabel="RTT to the server (ms)", xscale="log", ylim=(-0.6, len(shown) - 0.4))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    return figure


def _forecast(edges: Sequence[Row]) -> Figure | None:
    told = [
        (row["p_accept"], row["verdict"] == "accepted")
        for row in edges
        if row["p_accept"] is not None
        and row["rtt_ms"] is not None
        and row["verdict"] in ("accepted", "rejected")
    ]
    bins = [
        [pair for pair in told if low <= pair[0] < low + 0.2 or (low == 0.8 and pair[0] == 1)]
        for low in (0.0, 0.2, 0.4, 0.6, 0.8)
    ]
    if not told:
        return None
    figure, axes = _axes(2.6)
    axes.plot([0, 100], [0, 100], color=_GREY, linewidth=0.8, linestyle=":", label="exact")
    for found in filter(None, bins):
        foretold = sum(p for p, _ in found) / len(found) * 100
        came = sum(accepted for _, accepted in found) / len(found)
        low, high = _interval(came, len(found))
        axes.plot([foretold] * 2, [low * 100, high * 100], color=_BLUE, linewidth=0.9)
        axes.plot(foretold, came * 100, "o", color=_BLUE, markersize=4)
        axes.annotate(
            f"{len(found)}", (foretold, came * 100), (5, -3), textcoords="offset points", fontsize=7
        )
    axes.set(
        xlabel="predicted probability of acceptance (%)",
        ylabel="pairs accepted (%)",
        xlim=(-3, 106),
        ylim=(-3, 103),
    )
    return figure


def _interval(share: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share (E. Wilson, "Probable inference", 1927)."""
    z2 = 1.96**2
    center = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = (z2 * (share * (1 - share) / count + z2 / (4 * count**2))) ** 0.5 / (1 + z2 / count)
    return max(0.0, center - reach), min(1.0, center + reach)


def _steps(axes: Axes, values: Sequence[float], label: str, colour: str, style: str) -> None:
    """The share of values up to each."""
    if values:
        ordered = sorted(values)
        shares = [100 * (rank + 1) / len(ordered) for rank in range(len(ordered))]
        axes.step(
            [ordered[0], *ordered],
            [0, *shares],
            where="post",
            color=colour,
            linestyle=style,
            linewidth=1.3,
            label=f"{label} (n = {len(ordered)})",
        )


def _legend(axes: Axes) -> None:
    axes.set_ylim(0, 103)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=7, borderaxespad=0)
