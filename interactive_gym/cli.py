"""The command line: ``interactive-gym demo``, ``interactive-gym plan`` …

Each command is a module of `interactive_gym/commands/`.
"""

import sys
from collections.abc import Sequence

import click

from interactive_gym import __version__
from interactive_gym.commands import (
    check_env,
    codes,
    demo,
    export,
    new,
    payments,
    plan,
    replay,
    report,
    run,
    verify,
)

INTERRUPTED = 130
"""The exit status after an interrupt, as in shells: 128 plus the number of the signal."""


@click.group(
    commands=[
        module.command
        for module in (
            *(new, run, demo, codes, check_env, plan),
            *(replay, verify, export, report, payments),
        )
    ],
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Real-time multiplayer experiments, matched by measured latency."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: By default those of the process.
    """
    try:
        status: int | None = program.main(
            arguments, prog_name="interactive-gym", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except ValueError as error:
        click.echo(f"interactive-gym: {error}", err=True)
        return 2
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
