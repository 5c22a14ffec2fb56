"""Draws a forecast: who is matched, how soon, what it takes, and how far players are apart.

Needs matplotlib, which the package does not otherwise use (`pip install interactive-gym[plots]`).
The colours are those of M. Okabe and K. Ito, "Color Universal Design" (2008), which people with
colour vision deficiencies can tell apart; line styles differ, too.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from interactive_gym.simulation.recommendation import InTime
from interactive_gym.simulation.study_forecast import StudyForecast
from interactive_gym.simulation.threshold_forecast import ThresholdForecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, GREEN, VERMILION, PURPLE = "#0072B2", "#009E73", "#D55E00", "#CC79A7"
GREY, PALE = "#666666", "#9BB8C9"
CURVES = (
    (VERMILION, "-"),
    ("#E69F00", "--"),
    (GREEN, "-."),
    ("#56B4E9", ":"),
    (BLUE, "-"),
    ("#CC79A7", "--"),
)
"""Colours and line styles of thresholds, in turn."""

WIDTH = 185
"""How many characters fit into a line above the chart."""

SUFFIXES = frozenset({".svg", ".png", ".pdf"})
"""The suffixes of files that can be drawn."""


def check_can_draw(path: Path) -> None:
    """Check before a long simulation that the chart can be drawn after it.

    Raises:
        ValueError: if matplotlib is missing, the suffix is unknown, or the folder does not exist.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"--plot {path} must end with {', '.join(sorted(SUFFIXES))}; "
            "use for example --plot plan.svg."
        )
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--plot {path} lies in a folder that does not exist; make it first.")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "--plot needs matplotlib; install it with pip install 'interactive-gym[plots]'."
        ) from error


def draw_forecast(study: StudyForecast, path: Path) -> None:
    """Draw a forecast into a file; its suffix decides the format.

    Args:
        study: the forecast.
        path: the file, overwritten if it exists.

    Raises:
        ValueError: see `check_can_draw`.
    """
    check_can_draw(path)
    import matplotlib
    from matplotlib.figure import Figure

    pairs = sorted(
        zip(study.thresholds, study.recommendation.in_time, strict=True),
        key=lambda pair: pair[0].threshold_ms,
    )
    forecasts, in_time = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    # A fixed salt and no date: the same forecast gives the same file. Text stays searchable.
    style = {"svg.hashsalt": "plan", "svg.fonttype": "none", "font.size": 9}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(13.0, 5.6), layout="constrained")
        matched, waits, probes, rtts = figure.subplots(1, 4)
        _draw_matched(matched, study, forecasts, in_time)
        _draw_waits(waits, forecasts, study.settings.patience_s)
        _draw_probes(probes, forecasts)
        _draw_rtts(rtts, forecasts)
        for axes in (matched, waits, probes, rtts):
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
            axes.set_axisbelow(True)
        figure.suptitle(_title(study), fontsize=9)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=150, metadata=metadata)


def _title(study: StudyForecast) -> str:
    """What was simulated and what follows, in lines that fit."""
    said = [study.title, study.conditions, *study.notes, *study.findings]
    return "\n".join(line for each in said for line in textwrap.wrap(each, WIDTH))


def _draw_matched(
    axes: Axes,
    study: StudyForecast,
    forecasts: Sequence[ThresholdForecast],
    in_time: Sequence[InTime],
) -> None:
    budget, best_ms = study.recommendation.budget, study.recommendation.threshold_ms
    places = range(len(forecasts))
    possible = [(1.0 - each.mean.excluded_share) * 100 for each in forecasts]
    for place, each, share in zip(places, forecasts, in_time, strict=True):
        matched, soon = each.mean.match_rate * 100, share.mean * 100
        is_best = each.threshold_ms == best_ms
        axes.bar(
            place, matched, width=0.7, color=PALE, label=None if place else "matched (upper figure)"
        )
        axes.bar(
            place,
            soon,
            width=0.45,
            color=BLUE,
            edgecolor="black" if is_best else BLUE,
            linewidth=1.8 if is_best else 0.0,
            label=None if place else f"within {budget.within_s:g} s (lower figure)",
        )
        if share.low is not None and share.high is not None:
            reach = [[soon - share.low * 100], [share.high * 100 - soon]]
            axes.errorbar(place, soon, yerr=reach, color="black", capsize=3, linewidth=1.0)
        axes.text(place, 9, f"{matched:.3g}", ha="center", va="center", color="white", fontsize=8)
        axes.text(place, 3, f"{soon:.3g}", ha="center", va="center", color="white", fontsize=8)
    axes.plot(places, possible, "D", color=VERMILION, label="could be, with patience")
    axes.axhline(budget.matched_share * 100, color=GREY, linestyle=":", label="asked for")
    axes.set(title="Who gets a game", ylabel="participants (%)", ylim=(0, 108))
    _label_thresholds(axes, forecasts, best_ms)
    _put_legend_below(axes)


def _draw_waits(axes: Axes, forecasts: Sequence[ThresholdForecast], patience_s: float) -> None:
    for number, each in enumerate(forecasts):
        colour, style = CURVES[number % len(CURVES)]
        shares = [(rank + 1) / len(each.waits_s) * 100 for rank in range(len(each.waits_s))]
        axes.step(
            [min(wait_s, patience_s) for wait_s in each.waits_s],
            shares,
            where="post",
            color=colour,
            linestyle=style,
            label=f"threshold {each.threshold_ms:g} ms",
        )
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.4)
    ticks = [tick for tick in (0, 1, 3, 10, 30, 100, 300, 1000, 3000) if tick <= patience_s]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set(
        title="How long people wait",
        xlabel="wait (s); in vain: all the patience",
        ylabel="waited at most so long (%)",
        xlim=(0, patience_s * 1.05),
        ylim=(0, 108),
    )
    _put_legend_below(axes)


def _draw_probes(axes: Axes, forecasts: Sequence[ThresholdForecast]) -> None:
    for place, each in enumerate(forecasts):
        probes = each.mean.probes_per_game
        if probes is not None:
            axes.bar(place, probes, width=0.7, color=GREEN)
            axes.text(place, probes, f"{probes:.1f}", ha="center", va="bottom")
    axes.set(title="What it takes", ylabel="probes per game")
    axes.margins(y=0.12)
    _label_thresholds(axes, forecasts)


def _draw_rtts(axes: Axes, forecasts: Sequence[ThresholdForecast]) -> None:
    for place, each in enumerate(forecasts):
        median_ms, p95_ms = each.mean.median_game_rtt_ms, each.mean.p95_game_rtt_ms
        if median_ms is None or p95_ms is None:
            continue
        axes.bar(place, p95_ms, width=0.7, color=PALE, label="95th percentile")
        axes.bar(place, median_ms, width=0.45, color=PURPLE, label="median")
        axes.text(place, p95_ms, f"{p95_ms:.0f}", ha="center", va="bottom")
        axes.text(place, median_ms, f"{median_ms:.0f}", ha="center", va="top", color="white")
    axes.set(title="How far players are apart", ylabel="largest RTT in a game (ms)")
    axes.margins(y=0.12)
    _label_thresholds(axes, forecasts)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles[:2], labels[:2], loc="upper center", bbox_to_anchor=(0.5, -0.13), frameon=False
        )


def _label_thresholds(
    axes: Axes, forecasts: Sequence[ThresholdForecast], best_ms: float | None = None
) -> None:
    axes.set_xticks(range(len(forecasts)), [f"{each.threshold_ms:g}" for each in forecasts])
    axes.set_xlabel("threshold (ms)" + ("" if best_ms is None else "; framed: recommended"))


def _put_legend_below(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncol=2, frameon=False, fontsize=8)
