"""``interactive-gym demo`` serves an example experiment, for one participant or several.

Only passes options to the experiment's own setters.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

EXAMPLES = ("slime_volleyball", "kitchen")
"""The experiments of `interactive_gym/examples/`, the default first."""


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "demo", help="serve an example: slime volleyball, or a kitchen for up to four"
    )
    parser.add_argument(
        "example",
        nargs="?",
        choices=EXAMPLES,
        default=EXAMPLES[0],
        help=f"the game to play, {EXAMPLES[0]} unless given",
    )
    parser.add_argument(
        "--players",
        type=int,
        metavar="N",
        help="how many participants play together, 2 unless given; 1 plays with the computer",
    )
    parser.add_argument("--host", help="address to listen on, 0.0.0.0 for every interface")
    parser.add_argument("--port", type=int, help="TCP port to listen on")
    parser.add_argument(
        "--max-p2p-rtt-ms",
        type=_threshold,
        metavar="MS",
        default=argparse.SUPPRESS,
        help="highest P2P RTT at which two participants play together, or none not to measure",
    )
    parser.add_argument("--data-dir", type=Path, help="folder for the data")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Serve the experiment until the process is told to stop."""
    from interactive_gym.server.app import run as serve
    from interactive_gym.server.matchmaker import FIFOMatchmaker

    experiment = import_module(f"interactive_gym.examples.{options.example}.experiment")
    config, game = experiment.config, experiment.game
    if options.players is not None:
        experiment.set_players(options.players)
    if options.host is not None:
        config.hosting(host=options.host)
    if options.port is not None:
        config.hosting(port=options.port)
    if options.data_dir is not None:
        config.experiment(data_dir=options.data_dir)
    if "max_p2p_rtt_ms" in options:
        game.matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=options.max_p2p_rtt_ms))
    serve(config)


def _threshold(value: str) -> float | None:
    if value == "none":
        return None
    try:
        return int(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r} is not a number of milliseconds or none"
        ) from None
