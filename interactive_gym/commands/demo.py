"""``interactive-gym demo`` serves an example experiment, for one participant or several.

Passes options to the experiment's own setters.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from interactive_gym.commands.hosting import hosting_options, set_hosting
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker

EXAMPLES = ("slime_volleyball", "kitchen")
"""The experiments of `interactive_gym/examples/`, the default first."""


def _first_come(threshold_ms: str) -> Matchmaker:
    """A matchmaker that groups by arrival, with a threshold in milliseconds or `none`."""
    if threshold_ms == "none":
        return FIFOMatchmaker()
    with suppress(ValueError):
        return FIFOMatchmaker(max_p2p_rtt_ms=int(threshold_ms))
    raise click.BadParameter(f"{threshold_ms!r} is not a positive number of milliseconds or none.")


@click.command("demo", short_help="serve an example: slime volleyball, or a kitchen for up to four")
@click.argument("example", type=click.Choice(EXAMPLES), default=EXAMPLES[0])
@click.option(
    "--players",
    type=int,
    metavar="N",
    help="How many participants play together, 2 unless given; 1 plays with the computer.",
)
@hosting_options
@click.option(
    "--max-p2p-rtt-ms",
    "matchmaker",
    type=_first_come,
    metavar="MS",
    help="Highest P2P RTT at which two participants play together, or none not to measure.",
)
def command(
    example: str,
    players: int | None,
    matchmaker: Matchmaker | None,
    **hosting: Any,
) -> None:
    """Serve an example experiment, slime volleyball unless another is named, until interrupted."""
    # Imported here, as other commands need no web server.
    from interactive_gym.server.app import run

    experiment = import_module(f"interactive_gym.examples.{example}.experiment")
    config, game = experiment.config, experiment.game
    if players is not None:
        experiment.set_players(players)
    set_hosting(config, **hosting)
    if matchmaker is not None:
        game.matchmaking(matchmaker=matchmaker)
    run(config)
