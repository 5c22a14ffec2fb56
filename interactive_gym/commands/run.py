"""``interactive-gym run`` serves an experiment script, with what differs between lab and server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from interactive_gym.commands.experiment_script import load_config
from interactive_gym.commands.hosting import hosting_options, set_hosting


@click.command("run", short_help="serve an experiment script")
@click.argument("script", type=click.Path(path_type=Path))
@hosting_options
@click.option(
    "--ice-server",
    "ice_urls",
    multiple=True,
    metavar="URL",
    envvar="INTERACTIVE_GYM_ICE_SERVERS",
    show_envvar=True,
    help="A STUN or TURN server in place of the script's, such as turn:turn.example.org:3478; may "
    "be given several times, and in the environment separated by spaces.",
)
@click.option(
    "--turn-username",
    envvar="INTERACTIVE_GYM_TURN_USERNAME",
    show_envvar=True,
    help="User name for the TURN servers.",
)
@click.option(
    "--turn-credential",
    envvar="INTERACTIVE_GYM_TURN_CREDENTIAL",
    show_envvar=True,
    help="Password for the TURN servers. Better in the environment: all users of a machine can see "
    "the arguments of its programs.",
)
def command(
    script: Path,
    ice_urls: tuple[str, ...],
    turn_username: str | None,
    turn_credential: str | None,
    **hosting: Any,
) -> None:
    """Serve the experiment of a script until interrupted.

    The script is run up to its own run(config). What is given here replaces what it says there;
    the rest stays. All of it can also stand in environment variables, which are named below, so
    that the same script runs in the lab and on the server.
    """
    # Imported here, as other commands need no web server.
    from interactive_gym.server.app import run

    config = load_config(script)
    # What the script imports later, in its functions, lies beside it too.
    sys.path.insert(0, str(script.resolve().parent))
    set_hosting(config, **hosting)
    webrtc: dict[str, Any] = {
        "turn_username": turn_username,
        "turn_credential": turn_credential,
        "ice_servers": [{"urls": url} for url in ice_urls] or None,
    }
    config.webrtc(**{name: value for name, value in webrtc.items() if value is not None})
    run(config)
