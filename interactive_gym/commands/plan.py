"""``interactive-gym plan`` forecasts which latency threshold a study can afford.

Reads a script, options and files, has `simulation.forecast` simulate, and prints the result.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from interactive_gym.commands import option_values
from interactive_gym.commands.experiment_script import ScriptScene, scenes_of
from interactive_gym.commands.option_values import COUNT
from interactive_gym.commands.planned_study import (
    FAILURE_SHARE,
    NEEDING_A_RELAY_SHARE,
    PARTICIPANTS,
    PROBE_S,
    PlannedStudy,
)
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import describe_matchmaker, plan_matchmaker
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.simulation import chart, report
from interactive_gym.simulation.forecast import forecast
from interactive_gym.simulation.recommendation import Budget, recommend
from interactive_gym.simulation.study import StudySettings
from interactive_gym.simulation.study_forecast import StudyForecast
from interactive_gym.simulation.threshold_forecast import ThresholdForecast


@click.command("plan", short_help="forecast which latency threshold a study can afford")
@click.argument("script", required=False, type=click.Path(path_type=Path))
@click.option(
    "--scene",
    "scene_id",
    metavar="ID",
    help="The game scene of SCRIPT to plan (all of them, one after the other).",
)
@click.option(
    "--rtt",
    metavar="FILE|synthetic",
    help="The RTTs between participants: a square matrix in milliseconds as text (.csv or "
    ".csv.gz), or invented ones of people in several countries (the default).",
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
    help="The thresholds to compare, in milliseconds; the script's own is added.",
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
    "--probe-time",
    "probe_s",
    type=option_values.duration_s,
    metavar="TIME",
    help=f"How long a probe takes ({PROBE_S:g}s, or as in the ledger).",
)
@click.option(
    "--probe-failures",
    type=option_values.share,
    metavar="SHARE",
    help="The share of probes that fail for technical reasons, such as 5% "
    f"({FAILURE_SHARE:.0%}, or as in the ledger).",
)
@click.option(
    "--never-connecting",
    type=option_values.share,
    metavar="SHARE",
    help="The share of pairs that can never be connected (none, or "
    f"{NEEDING_A_RELAY_SHARE:.0%} if SCRIPT names no TURN server).",
)
@click.option(
    "--matched",
    type=option_values.share,
    default="95%",
    metavar="SHARE",
    help="Recommend the lowest threshold that matches this share of participants …",
)
@click.option(
    "--within",
    "within_s",
    type=option_values.duration_s,
    default="60s",
    metavar="TIME",
    help="… within this time.",
)
@click.option(
    "--matchmaker",
    type=option_values.matchmaker,
    default="latency",
    metavar="NAME|MODULE:CLASS",
    help=f"{' or '.join(option_values.MATCHMAKERS)}, or a class of your own.",
)
@click.option(
    "--prior",
    "priors",
    type=click.Path(),
    multiple=True,
    metavar="LEDGER",
    help="Begin predictions from the matching.jsonl of an earlier study; may be repeated.",
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
    script: Path | None,
    scene_id: str | None,
    thresholds: list[float],
    matchmaker: Callable[[float], Matchmaker],
    priors: tuple[str, ...],
    seeds: int,
    as_json: bool,
    plot: Path | None,
    matched: float,
    within_s: float,
    **study: Any,
) -> None:
    """Forecast which latency threshold a study can afford.

    Simulates a study under several latency thresholds, with the matchmaker that would run it,
    forecasts for each how many participants get a game, how long they wait, and who is left out,
    and recommends the lowest that a budget of waiting allows.

    SCRIPT is the script that serves your experiment: threshold, patience, group size and matchmaker
    are those of its game scenes, unless an option says otherwise. It is run as by python, up to the
    moment at which it would serve.
    """
    if plot is not None:
        chart.check_can_draw(plot)
    scenes = _scenes(script, scene_id, is_one=plot is not None)
    given = _given(click.get_current_context())
    planned = PlannedStudy.of(study, given)
    budget = Budget(matched, within_s)
    found = []
    for scene in scenes:
        make = matchmaker
        if "matchmaker" not in given and scene is not None:
            make = scene.make_matchmaker
        if priors:
            make = partial(_with_priors, make, priors)
        compared = planned.thresholds_ms(thresholds, scene)
        settings = planned.for_scene(scene)
        forecasts = _simulate(settings, make, compared, seeds, scene)
        found.append(
            StudyForecast(
                settings,
                type(make(compared[0])).__name__,
                forecasts,
                recommend(forecasts, budget),
                None if scene is None else scene.scene_id,
                None if scene is None else scene.threshold_ms,
                planned.notes(scene, settings),
            )
        )
    if plot is not None:
        chart.draw_forecast(found[0], plot)
    if as_json:
        records = [report.as_record(each) for each in found]
        click.echo(json.dumps(records[0] if script is None else {"scenes": records}, indent=2))
    else:
        click.echo("\n\n\n".join(report.as_text(each) for each in found))


def _with_priors(
    make: Callable[[float], Matchmaker], priors: tuple[str, ...], threshold_ms: float
) -> Matchmaker:
    """A matchmaker whose predictions begin from these ledgers, in place of its own priors."""
    made = make(threshold_ms)
    if not isinstance(made, LatencyMatchmaker):
        name = type(made).__name__
        raise ValueError(f"--prior {priors[0]} needs a LatencyMatchmaker, but {name} is planned.")
    described = describe_matchmaker(made)
    parameters = {**described["parameters"], "prior": list(priors)}
    return plan_matchmaker({"matchmaker": {**described, "parameters": parameters}}, type(made))


def _scenes(script: Path | None, scene_id: str | None, *, is_one: bool) -> list[ScriptScene | None]:
    """The scenes to plan; one that is `None` stands for no script."""
    if script is None:
        if scene_id is not None:
            raise ValueError(f"--scene {scene_id} needs the SCRIPT that has this scene.")
        return [None]
    scenes = scenes_of(script)
    ids = ", ".join(scene.scene_id for scene in scenes)
    if scene_id is not None:
        scenes = [scene for scene in scenes if scene.scene_id == scene_id]
        if not scenes:
            raise ValueError(f"--scene {scene_id} is none of the game scenes of {script}: {ids}.")
    if is_one and len(scenes) > 1:
        raise ValueError(f"--plot draws one scene: choose it with --scene, of {ids}.")
    return [*scenes]


def _given(context: click.Context) -> set[str]:
    """The parameters that were written on the command line."""
    source = context.get_parameter_source
    return {name for name in context.params if source(name) is ParameterSource.COMMANDLINE}


def _simulate(
    settings: StudySettings,
    matchmaker: Callable[[float], Matchmaker],
    thresholds: list[float],
    seeds: int,
    scene: ScriptScene | None,
) -> list[ThresholdForecast]:
    """Forecast, with progress and the time left where somebody looks on."""
    label = "simulating" if scene is None else f"simulating {scene.scene_id}"
    with click.progressbar(
        length=len(thresholds) * seeds,
        label=label,
        file=sys.stderr,
        show_pos=True,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        return forecast(
            settings,
            matchmaker,
            thresholds,
            studies=seeds,
            on_progress=lambda done, of: bar.update(1),
        )
