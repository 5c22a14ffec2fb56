"""``interactive-gym plan`` forecasts which latency threshold a study can afford.

Reads options and files, has `simulation.forecast` simulate, and prints the result.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from interactive_gym.commands import option_values
from interactive_gym.commands.option_values import COUNT
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation import chart, report
from interactive_gym.simulation.forecast import forecast
from interactive_gym.simulation.populations.arrivals import Arrivals
from interactive_gym.simulation.populations.ledger_population import LedgerPopulation
from interactive_gym.simulation.populations.population import Population
from interactive_gym.simulation.populations.rtt_matrix import RttMatrix
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.study import StudySettings

PARTICIPANTS = 300
"""How many people arrive in a simulated study, unless told otherwise or there are fewer."""

NOISE_MS = 2.0
"""The standard deviation of measured RTTs around the true ones, in milliseconds."""

LEGEND = """\
wait         who waits in vain counts with all their patience
game RTT     the largest P2P RTT within a group
excluded     participants around whom the threshold allows no group, whoever waits with them"""
"""What the columns of the table mean."""


@click.command("plan", short_help="forecast which latency threshold a study can afford")
@click.option(
    "--rtt",
    metavar="FILE|synthetic",
    help="The RTTs between participants: a square matrix in milliseconds as CSV without a header "
    "(.csv or .csv.gz), or invented ones of people in several countries (the default).",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The RTTs, probe times and probe failures of an earlier study: its matching.jsonl; RTTs "
    "it did not measure are filled in from similar pairs.",
)
@click.option(
    "--thresholds",
    type=option_values.thresholds_ms,
    default="60,100,150,200",
    metavar="MS,MS,…",
    help="The thresholds to compare, in milliseconds.",
)
@click.option(
    "--arrivals",
    type=option_values.arrivals,
    default="10s",
    metavar="TIME|NxTIME",
    help="How often somebody arrives on average, such as 10s, or how many at once and how often, "
    "such as 20x5m.",
)
@click.option("--group-size", type=int, default=2, metavar="N", help="Participants in a game.")
@click.option(
    "--participants",
    type=COUNT,
    metavar="N",
    help=f"How many arrive ({PARTICIPANTS}, or as many as a matrix has).",
)
@click.option(
    "--patience",
    "patience_s",
    type=option_values.duration_s,
    default="300s",
    metavar="TIME",
    help="How long somebody waits at most.",
)
@click.option(
    "--dropout",
    "dropout_s",
    type=option_values.duration_s,
    metavar="TIME",
    help="After which time of waiting people close the page on average (never).",
)
@click.option(
    "--probe-failures",
    type=option_values.share,
    metavar="SHARE",
    help="The share of probes that fail for technical reasons, such as 5% (none, or as in the "
    "ledger).",
)
@click.option(
    "--matchmaker",
    type=option_values.matchmaker,
    default="latency",
    metavar="NAME|MODULE:CLASS",
    help=f"{' or '.join(option_values.MATCHMAKERS)}, or a class of your own.",
)
@click.option(
    "--seeds",
    type=COUNT,
    default=10,
    metavar="N",
    help="How many studies to simulate for each threshold.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw a picture (.svg, .png or .pdf).",
)
def command(
    thresholds: list[float],
    matchmaker: Callable[[float], Matchmaker],
    seeds: int,
    as_json: bool,
    plot: Path | None,
    **study: Any,
) -> None:
    """Forecast which latency threshold a study can afford.

    Simulates a study under several latency thresholds, with the matchmaker that would run it, and
    forecasts for each how many participants get a game, how long they wait, and who is left out.
    """
    if plot is not None:
        chart.check_can_draw(plot)
    settings = _settings(**study)
    name = type(matchmaker(thresholds[0])).__name__
    forecasts = forecast(
        settings, matchmaker, thresholds, studies=seeds, on_progress=_show_progress
    )
    title = report.describe_study(settings, name, seeds)
    if plot is not None:
        chart.draw_forecast(forecasts, title, settings.patience_s, plot)
    if as_json:
        click.echo(json.dumps(report.as_record(settings, name, forecasts), indent=2))
    else:
        click.echo(f"{title}\n\n{report.as_table(forecasts)}\n\n{LEGEND}")


def _settings(
    rtt: str | None,
    ledger: Path | None,
    arrivals: Arrivals,
    group_size: int,
    participants: int | None,
    patience_s: float,
    dropout_s: float | None,
    probe_failures: float | None,
) -> StudySettings:
    population = _population(rtt, ledger)
    limit = population.most_participants
    probing = ProbingSettings(noise_ms=NOISE_MS, failure_share=probe_failures or 0.0)
    if isinstance(population, LedgerPopulation):
        probing = replace(probing, accept_s=population.probe_s, reject_s=population.probe_s)
        if probe_failures is None:
            probing = replace(probing, failure_share=population.failure_share)
    return StudySettings(
        population=population,
        arrivals=arrivals,
        participants=participants or min(PARTICIPANTS, limit or PARTICIPANTS),
        group_size=group_size,
        patience_s=patience_s,
        mean_dropout_s=dropout_s,
        server_rtt_noise_ms=NOISE_MS,
        probing=probing,
    )


def _population(rtt: str | None, ledger: Path | None) -> Population:
    if ledger is not None:
        if rtt is not None:
            raise ValueError(
                f"--ledger {ledger} and --rtt {rtt} both say where RTTs come from; give one of "
                "them."
            )
        return LedgerPopulation.read(ledger)
    if rtt is None or rtt == "synthetic":
        return SyntheticPopulation()
    return RttMatrix.read(Path(rtt))


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        print(f"\rsimulated {done} of {of} studies", end=end, file=sys.stderr, flush=True)
