"""Draws a forecast: who is matched, how long people wait, and what probing costs, by threshold.

Needs matplotlib, which the package does not otherwise use (`pip install interactive-gym[plots]`).
The colours are those of M. Okabe and K. Ito, "Color Universal Design" (2008), which people with
colour vision deficiencies can tell apart; line styles differ, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from interactive_gym.simulation.forecast import ThresholdForecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, GREEN, VERMILION, GREY = "#0072B2", "#009E73", "#D55E00", "#666666"
CURVES = (
    (VERMILION, "-"),
    ("#E69F00", "--"),
    (GREEN, "-."),
    ("#56B4E9", ":"),
    (BLUE, "-"),
    ("#CC79A7", "--"),
)
"""Colours and line styles of thresholds, in turn."""

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


def draw_forecast(
    forecasts: Sequence[ThresholdForecast], title: str, patience_s: float, path: Path
) -> None:
    """Draw a forecast into a file; its suffix decides the format.

    Args:
        forecasts: the forecast of each threshold.
        title: one sentence that says what was simulated.
        patience_s: where the waits end, in seconds.
        path: the file, overwritten if it exists.

    Raises:
        ValueError: see `check_can_draw`.
    """
    check_can_draw(path)
    import matplotlib
    from matplotlib.figure import Figure

    forecasts = sorted(forecasts, key=lambda each: each.threshold_ms)
    # A fixed salt and no date: the same forecast gives the same file. Text stays searchable.
    style = {"svg.hashsalt": "plan", "svg.fonttype": "none", "font.size": 9}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(11.0, 4.0), layout="constrained")
        matched, waits, probes = figure.subplots(1, 3)
        _draw_matched(matched, forecasts)
        _draw_waits(waits, forecasts, patience_s)
        _draw_probes(probes, forecasts)
        for axes in (matched, waits, probes):
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
            axes.set_axisbelow(True)
        figure.suptitle(title, fontsize=9, color=GREY, wrap=True)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=150, metadata=metadata)


def _draw_matched(axes: Axes, forecasts: Sequence[ThresholdForecast]) -> None:
    places = range(len(forecasts))
    matched = [each.mean.match_rate * 100 for each in forecasts]
    possible = [(1.0 - each.mean.excluded_share) * 100 for each in forecasts]
    axes.bar(places, matched, width=0.7, color=BLUE, label="matched")
    axes.plot(places, possible, "D", color=VERMILION, label="could be, with patience")
    for place, share in zip(places, matched, strict=True):
        axes.text(
            place, share / 2, f"{share:.3g}", ha="center", va="center", color="white", fontsize=8
        )
    axes.set(title="Who gets a game", ylabel="participants (%)", ylim=(0, 108))
    _label_thresholds(axes, forecasts)
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


def _label_thresholds(axes: Axes, forecasts: Sequence[ThresholdForecast]) -> None:
    axes.set_xticks(range(len(forecasts)), [f"{each.threshold_ms:g}" for each in forecasts])
    axes.set_xlabel("threshold (ms)")


def _put_legend_below(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncol=3, frameon=False, fontsize=8)
