"""Types of options that click does not have: durations, thresholds, arrivals, matchmakers.

Functions for the `type` of an option; each raises BadParameter with a sentence that says what to
write instead, and click adds the option's name. Also the option that several commands have.
"""

from __future__ import annotations

import importlib
import math
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import click

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.simulation.populations.arrivals import Arrivals, BurstArrivals, PoissonArrivals

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
"""The units of durations, in seconds."""

MATCHMAKERS: dict[str, type[Matchmaker]] = {
    "latency": LatencyMatchmaker,
    "fifo": FIFOMatchmaker,
}
"""The matchmakers that have a short name."""

COUNT = click.IntRange(min=1)
"""A whole number of at least 1."""


def duration_s(text: str) -> float:
    """A positive time with its unit, such as `10s`, `500ms`, `5m` or `1h`, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|min|m|h)", text.strip())
    if found is None or float(found[1]) == 0.0:
        raise click.BadParameter(
            f"{text!r} is not a positive time with a unit; write for example 10s, 500ms or 5m."
        )
    return float(found[1]) * UNITS_S[found[2]]


def arrivals(text: str) -> Arrivals:
    """`10s`: one arrival every 10 s on average; `20x5m`: 20 at once every 5 minutes."""
    size, times, gap = text.partition("x")
    if not times:
        return PoissonArrivals(duration_s(text))
    return BurstArrivals(COUNT(size), duration_s(gap))


def thresholds_ms(text: str) -> list[float]:
    """Different positive numbers of milliseconds, separated by commas, in ascending order."""
    values = []
    for part in text.split(","):
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > 0.0):
            raise click.BadParameter(
                f"{part!r} is not a positive number of milliseconds; "
                "write for example 60,100,150,200."
            )
        values.append(value)
    return sorted(set(values))


def share(text: str) -> float:
    """A share from 0 to 1, also written as a percentage."""
    try:
        value = float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise click.BadParameter(f"{text!r} is not a share; write for example 0.05 or 5%.")
    return value


def matchmaker(text: str) -> Callable[[float], Matchmaker]:
    """A factory of matchmakers, given a threshold: a short name, or `module:Class`."""
    named = matchmaker_class(text)

    def make(threshold_ms: float) -> Matchmaker:
        return named(max_p2p_rtt_ms=threshold_ms)

    try:
        made = make(100.0)
    except Exception as error:
        raise click.BadParameter(
            f"{text}(max_p2p_rtt_ms=100.0) cannot be made: {type(error).__name__}: {error}"
        ) from error
    if made.max_p2p_rtt_ms != 100.0:
        raise click.BadParameter(
            f"{text} ignores max_p2p_rtt_ms; hand it on with super().__init__(max_p2p_rtt_ms)."
        )
    return make


def matchmaker_class(text: str) -> type[Matchmaker]:
    """A matchmaker's class, by its short name or as `module:Class`."""
    return MATCHMAKERS.get(text) or _imported_class(text)


study_argument = click.argument(
    "study",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DATA_DIR",
)
"""The folder of an experiment, as the parameter `study`."""

ledger_matchmaker_option = click.option(
    "--matchmaker",
    "named",
    type=matchmaker_class,
    metavar="MODULE:CLASS",
    help="The matchmaker's class, if its name in the ledger cannot be imported, as when it was "
    "defined in the experiment script.",
)
"""The option of commands that take a ledger's decisions again, as their parameter `named`."""


def _imported_class(text: str) -> type[Matchmaker]:
    module_name, colon, class_name = text.partition(":")
    if not colon:
        raise click.BadParameter(
            f"{text!r} is no matchmaker; use {', '.join(MATCHMAKERS)} or module:Class."
        )
    # As with `python -m`, scripts in the working directory can be imported.
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise click.BadParameter(
            f"{text!r} cannot be imported ({error}); name a module that can be imported from here."
        ) from error
    if not (isinstance(found, type) and issubclass(found, Matchmaker)):
        raise click.BadParameter(
            f"{text!r} is no subclass of interactive_gym.server.matchmaker.Matchmaker."
        )
    return found
