"""``interactive-gym plan`` answers before a study which latency threshold it can afford.

Reads options and files, has the planner simulate, and prints; it decides nothing by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from interactive_gym.commands import option_values
from interactive_gym.simulation import chart as picture
from interactive_gym.simulation import report
from interactive_gym.simulation.planner import plan
from interactive_gym.simulation.populations.ledger_population import LedgerPopulation
from interactive_gym.simulation.populations.population import Population
from interactive_gym.simulation.populations.rtt_matrix import RttMatrix
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.study import StudySettings

PARTICIPANTS = 300
"""How many people arrive in a simulated study, unless told otherwise or there are fewer."""

STUDIES = 10
"""How many studies are simulated for each threshold, unless told otherwise."""

NOISE_MS = 2.0
"""The standard deviation of measured RTTs around the true ones, in milliseconds."""

LEGEND = """\
wait         who waits in vain counts with all their patience
game RTT     the largest P2P RTT within a group
excluded     participants around whom the threshold allows no group, whoever waits with them"""
"""What the columns of the table mean."""


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "plan",
        help="find out by simulation which latency threshold a study can afford",
        description="Simulates a study under several latency thresholds, with the matchmaker that "
        "would run it, and says for each how many participants get a game, how long they wait, and "
        "who is left out.",
    )
    parser.add_argument(
        "--rtt",
        metavar="FILE|synthetic",
        help="the RTTs between participants: a square matrix in milliseconds as CSV without a "
        "header (.csv or .csv.gz), or invented ones of people in several countries (the default)",
    )
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="the RTTs, probe times and probe failures of an earlier study: its matching.jsonl; "
        "RTTs it did not measure are filled in from similar pairs",
    )
    parser.add_argument(
        "--thresholds",
        type=option_values.thresholds_ms,
        default=[60.0, 100.0, 150.0, 200.0],
        metavar="MS,MS,…",
        help="the thresholds to compare, in milliseconds (60,100,150,200)",
    )
    parser.add_argument(
        "--arrivals",
        type=option_values.arrivals,
        default="10s",
        metavar="TIME|NxTIME",
        help="how often somebody arrives on average, such as 10s (the default), or how many at "
        "once and how often, such as 20x5m",
    )
    parser.add_argument(
        "--group-size", type=int, default=2, metavar="N", help="participants in a game (2)"
    )
    parser.add_argument(
        "--participants",
        type=option_values.count,
        metavar="N",
        help=f"how many arrive ({PARTICIPANTS}, or as many as a matrix has)",
    )
    parser.add_argument(
        "--patience",
        type=option_values.duration_s,
        default="300s",
        metavar="TIME",
        help="how long somebody waits at most (300s)",
    )
    parser.add_argument(
        "--dropout",
        type=option_values.duration_s,
        metavar="TIME",
        help="after which time of waiting people close the page on average (never)",
    )
    parser.add_argument(
        "--probe-failures",
        type=option_values.share,
        metavar="SHARE",
        help="the share of probes that fail for technical reasons, such as 5%% (none, or as in "
        "the ledger)",
    )
    parser.add_argument(
        "--matchmaker",
        type=option_values.matchmaker,
        default=option_values.DEFAULT_MATCHMAKER,
        metavar="NAME|MODULE:CLASS",
        help=f"{' or '.join(option_values.MATCHMAKERS)}, or a class of your own "
        f"({option_values.DEFAULT_MATCHMAKER})",
    )
    parser.add_argument(
        "--seeds",
        type=option_values.count,
        default=STUDIES,
        metavar="N",
        help=f"how many studies to simulate for each threshold ({STUDIES})",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="also draw a picture (.svg, .png or .pdf)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Simulate and print.

    Raises:
        ValueError: if options contradict each other or a file cannot be used.
    """
    if options.plot is not None:
        picture.check_can_draw(options.plot)
    settings = _settings(options)
    matchmaker = type(options.matchmaker(options.thresholds[0])).__name__
    plans = plan(
        settings,
        options.matchmaker,
        options.thresholds,
        studies=options.seeds,
        on_progress=_show_progress,
    )
    title = report.describe_study(settings, matchmaker, options.seeds)
    if options.plot is not None:
        picture.draw_plan(plans, title, settings.patience_s, options.plot)
    if options.json:
        print(json.dumps(report.as_record(settings, matchmaker, plans), indent=2))
    else:
        print(f"{title}\n\n{report.as_table(plans)}\n\n{LEGEND}")


def _settings(options: argparse.Namespace) -> StudySettings:
    population = _population(options)
    limit = population.most_participants
    probing = ProbingSettings(noise_ms=NOISE_MS, failure_share=options.probe_failures or 0.0)
    if isinstance(population, LedgerPopulation):
        probing = replace(probing, accept_s=population.probe_s, reject_s=population.probe_s)
        if options.probe_failures is None:
            probing = replace(probing, failure_share=population.failure_share)
    return StudySettings(
        population=population,
        arrivals=options.arrivals,
        participants=options.participants or min(PARTICIPANTS, limit or PARTICIPANTS),
        group_size=options.group_size,
        patience_s=options.patience,
        mean_dropout_s=options.dropout,
        server_rtt_noise_ms=NOISE_MS,
        probing=probing,
    )


def _population(options: argparse.Namespace) -> Population:
    if options.ledger is not None:
        if options.rtt is not None:
            raise ValueError(
                f"--ledger {options.ledger} and --rtt {options.rtt} both say where RTTs come from; "
                "give one of them."
            )
        return LedgerPopulation.read(options.ledger)
    if options.rtt is None or options.rtt == "synthetic":
        return SyntheticPopulation()
    return RttMatrix.read(Path(options.rtt))


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        print(f"\rsimulated {done} of {of} studies", end=end, file=sys.stderr, flush=True)
