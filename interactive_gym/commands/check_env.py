"""``interactive-gym check-env`` checks an environment before a study.

Reads options, runs `environment_checks.checker` and prints one line for each check.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interactive_gym.commands.option_values import COUNT
from interactive_gym.environment_checks.checker import CheckOptions, check_environment
from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.pyodide_run import PyodideRunner
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.packages.cache import PackageCache


def _actions(text: str) -> tuple[Any, ...]:
    """Actions as JSON, or names separated by commas."""
    try:
        values = json.loads(text if text.startswith("[") else f"[{text}]")
    except ValueError:
        values = [part.strip() for part in text.split(",")]
    if not values or "" in values:
        raise click.BadParameter(f"{text!r} names no actions; write for example 0,1,2,3.")
    return tuple(values)


@click.command(
    "check-env",
    short_help="check that an environment is deterministic, can be rolled back and is fast enough",
)
@click.argument("environment", metavar="ENV")
@click.option(
    "--actions",
    type=_actions,
    metavar="A,B,…",
    help="The actions to play with, as JSON or names, if the action space is not discrete.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help="Also check this policy that the environment's code defines; may be repeated.",
)
@click.option("--frames", type=COUNT, default=300, metavar="N", help="How many each check plays.")
@click.option(
    "--fps",
    type=COUNT,
    default=30,
    metavar="N",
    help="Frames per second of the game, which give the frame budget.",
)
@click.option(
    "--pyodide",
    is_flag=True,
    help="Measure the cost in Pyodide, run by Node.js, instead of estimating it.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="REQUIREMENT",
    help="A package that browsers install for it, as named in packages_to_install, such as "
    "msgpack==1.2.4; may be repeated.",
)
@click.option(
    "--pyodide-index-url",
    metavar="URL",
    help="With --package, the address of Pyodide's own distribution.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def command(
    environment: str,
    actions: tuple[Any, ...] | None,
    policies: tuple[str, ...],
    frames: int,
    fps: int,
    pyodide: bool,
    packages: tuple[str, ...],
    pyodide_index_url: str | None,
    as_json: bool,
) -> int:
    """Check that an environment is deterministic, can be rolled back and is fast enough.

    ENV is module:function that makes the environment, file.py that defines env, or
    file.py:function. It is played again and again and compared: with the same seed, in two
    processes, and after going back by up to 8 frames. A line says what is wrong and where. Ends
    with status 0 if all is well, else with 1.
    """
    wheels = _wheels(packages, pyodide_index_url)
    check_options = CheckOptions(actions, policies, frames, float(fps), tuple(wheels))
    in_pyodide = PyodideRunner(wheels) if pyodide else None
    findings = []
    with EnvironmentSource(environment) as source:
        for finding in check_environment(source, check_options, time.perf_counter, in_pyodide):
            findings.append(finding)
            if not as_json:
                _print(finding)
    wrong = [finding for finding in findings if finding.status == "wrong"]
    if as_json:
        records = [finding.as_record() for finding in findings]
        report = {"environment": environment, "ok": not wrong, "findings": records}
        click.echo(json.dumps(report, indent=2))
    return 1 if wrong else 0


def _wheels(requirements: Sequence[str], index_url: str | None) -> list[Path]:
    """The files of the packages, as the server would serve them."""
    try:
        packages = PackageCache.of_user().packages(requirements, index_url)
    except ValueError as error:
        raise ValueError(f"--package: {error}.") from error
    return [package.file for package in packages]


def _print(finding: Finding) -> None:
    click.echo(f"{finding.status:<8} {finding.check}: {finding.text}")
    for cause in finding.causes:
        click.echo(f"{'':<8} likely cause: {cause}")
