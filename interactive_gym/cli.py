"""The command line: ``interactive-gym demo`` serves the example experiment.

Only reads options and passes them to the experiment's own setters.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from interactive_gym import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; *arguments* are those of the process unless given."""
    parser = argparse.ArgumentParser(
        prog="interactive-gym",
        description="Real-time multiplayer experiments, matched by measured latency.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_demo(commands.add_parser("demo", help="serve the slime volleyball example"))
    options = parser.parse_args(arguments)
    try:
        _demo(options)
    except ValueError as error:
        print(f"interactive-gym: {error}", file=sys.stderr)
        return 2
    return 0


def _add_demo(parser: argparse.ArgumentParser) -> None:
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


def _demo(options: argparse.Namespace) -> None:
    from interactive_gym.examples.slime_volleyball.experiment import config, game
    from interactive_gym.server.app import run
    from interactive_gym.server.matchmaker import FIFOMatchmaker

    if options.host is not None:
        config.hosting(host=options.host)
    if options.port is not None:
        config.hosting(port=options.port)
    if options.data_dir is not None:
        config.experiment(data_dir=options.data_dir)
    if "max_p2p_rtt_ms" in options:
        game.matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=options.max_p2p_rtt_ms))
    run(config)


def _threshold(value: str) -> float | None:
    if value == "none":
        return None
    try:
        return int(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r} is not a number of milliseconds or none"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
