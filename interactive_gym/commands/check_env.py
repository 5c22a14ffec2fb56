"""``interactive-gym check-env`` tells before a study whether an environment is fit for one.

Reads options, has the checks made and prints a line for each; it checks nothing by itself.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from interactive_gym.commands import option_values
from interactive_gym.environment_checks.checker import CheckOptions, check_environment
from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.pyodide_run import PyodideRunner
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.server.browser_packages import PackageCache

FRAMES = 300
"""How many frames each check plays, unless told otherwise."""


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "check-env",
        help="check that an environment is deterministic, can be rolled back and is fast enough",
        description="Plays an environment again and again and compares: with the same seed, in two "
        "processes, and after going back by up to 8 frames. Says in one line what is wrong and "
        "where. Ends with status 0 if all is well, else with 1.",
    )
    parser.add_argument(
        "environment",
        metavar="ENV",
        help="module:function that makes it, file.py that defines env, or file.py:function",
    )
    parser.add_argument(
        "--actions",
        type=_actions,
        metavar="A,B,…",
        help="the actions to play with, as JSON or names, if the action space is not discrete",
    )
    parser.add_argument(
        "--policy",
        dest="policies",
        action="append",
        default=[],
        metavar="NAME",
        help="also check this policy that the environment's code defines; may be repeated",
    )
    parser.add_argument(
        "--frames",
        type=option_values.count,
        default=FRAMES,
        metavar="N",
        help=f"how many frames each check plays ({FRAMES})",
    )
    parser.add_argument(
        "--fps",
        type=option_values.count,
        default=30,
        metavar="N",
        help="frames per second of the game, which give the frame budget (30)",
    )
    parser.add_argument(
        "--pyodide",
        action="store_true",
        help="measure the cost in Pyodide, run by Node.js, instead of estimating it",
    )
    parser.add_argument(
        "--package",
        dest="packages",
        action="append",
        default=[],
        metavar="REQUIREMENT",
        help="with --pyodide, a package that the environment imports there, such as msgpack==1.2.4",
    )
    parser.add_argument(
        "--pyodide-index-url",
        metavar="URL",
        help="with --package, the address of Pyodide's own distribution",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check and print; returns the exit status.

    Raises:
        ValueError: if the environment is named in a way that cannot be read, or a package cannot
            be had.
    """
    if options.packages and not options.pyodide:
        raise ValueError(
            "--package is only used with --pyodide: elsewhere the packages of this Python count."
        )
    check_options = CheckOptions(
        actions=options.actions,
        policies=tuple(options.policies),
        frames=options.frames,
        fps=float(options.fps),
    )
    in_pyodide = PyodideRunner(_wheels(options)) if options.pyodide else None
    findings = []
    with EnvironmentSource(options.environment) as source:
        for finding in check_environment(source, check_options, time.perf_counter, in_pyodide):
            findings.append(finding)
            if not options.json:
                _print(finding)
    wrong = [finding for finding in findings if finding.status == "wrong"]
    if options.json:
        records = [finding.as_record() for finding in findings]
        report = {"environment": options.environment, "ok": not wrong, "findings": records}
        print(json.dumps(report, indent=2))
    return 1 if wrong else 0


def _wheels(options: argparse.Namespace) -> list[Path]:
    """The files of the packages, as the server would serve them."""
    try:
        packages = PackageCache.of_user().packages(options.packages, options.pyodide_index_url)
    except ValueError as error:
        raise ValueError(f"--package: {error}.") from error
    return [package.file for package in packages]


def _print(finding: Finding) -> None:
    print(f"{finding.status:<8} {finding.check}: {finding.text}", flush=True)
    for cause in finding.causes:
        print(f"{'':<8} likely cause: {cause}", flush=True)


def _actions(text: str) -> tuple[Any, ...]:
    try:
        values = json.loads(text if text.startswith("[") else f"[{text}]")
    except ValueError:
        values = [part.strip() for part in text.split(",")]
    if not values or "" in values:
        raise argparse.ArgumentTypeError(f"{text!r} names no actions; write for example 0,1,2,3.")
    return tuple(values)
