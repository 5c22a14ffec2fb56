"""The command line: ``interactive-gym demo``, ``interactive-gym plan`` …

Only finds the command; what each does is in `interactive_gym/commands/`.
"""

import argparse
import sys
from collections.abc import Sequence

from interactive_gym import __version__
from interactive_gym.commands import check_env, demo, plan, replay

COMMANDS = (demo, check_env, plan, replay)
"""The modules of the commands, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; *arguments* are those of the process unless given."""
    parser = argparse.ArgumentParser(
        prog="interactive-gym",
        description="Real-time multiplayer experiments, matched by measured latency.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.register(subparsers)
    options = parser.parse_args(arguments)
    try:
        status: int | None = options.run(options)
    except ValueError as error:
        print(f"interactive-gym: {error}", file=sys.stderr)
        return 2
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
