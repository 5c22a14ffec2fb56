"""``interactive-gym replay`` re-runs the decisions of a match ledger and confirms each of them.

Reads the file and prints what the replay found; it changes nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from interactive_gym.commands import option_values
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.simulation.ledger_replay import parse_ledger, replay


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "replay",
        help="confirm that a study's matching followed its plan",
        description="Feeds the arrivals, measurements and exits of a match ledger to the real "
        "matching and compares every proposal, verdict and match. Ends with status 0 if all are "
        "confirmed, with 1 at the first that differs.",
    )
    parser.add_argument("ledger", type=Path, metavar="FILE", help="a scene's matching.jsonl")
    parser.add_argument(
        "--matchmaker",
        type=option_values.matchmaker_class,
        metavar="MODULE:CLASS",
        help="the matchmaker's class, if its name in the ledger cannot be imported, as when it was "
        "defined in the experiment script",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Replay and print; returns the exit status.

    Raises:
        ValueError: if the ledger cannot be read or replayed.
    """
    try:
        text = options.ledger.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{options.ledger} cannot be read: {error}.") from error
    result = replay(parse_ledger(text), lambda plan: plan_matchmaker(plan, options.matchmaker))
    for note in result.notes:
        print(f"note: {note}")
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(result.confirmed.items()))
    print(f"confirmed {sum(result.confirmed.values())} lines: {counts or 'none'}")
    if result.difference is None:
        return 0
    print(f"line {result.difference.line_number} differs")
    print(f"  expected: {result.difference.expected}")
    print(f"  got:      {result.difference.got}")
    return 1
