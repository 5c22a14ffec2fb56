"""The options of commands that serve an experiment: what differs between a lab and a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from interactive_gym.configurations.experiment_config import ExperimentConfig

_OPTIONS = (
    click.option(
        "--host",
        envvar="INTERACTIVE_GYM_HOST",
        show_envvar=True,
        help="Address to listen on, 0.0.0.0 for every interface.",
    ),
    click.option(
        "--port",
        type=int,
        envvar="INTERACTIVE_GYM_PORT",
        show_envvar=True,
        help="TCP port to listen on.",
    ),
    click.option(
        "--base-path",
        envvar="INTERACTIVE_GYM_BASE_PATH",
        show_envvar=True,
        help="Path under which a proxy serves the experiment, such as /study1.",
    ),
    click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        envvar="INTERACTIVE_GYM_DATA_DIR",
        show_envvar=True,
        help="Folder for the data.",
    ),
)


def hosting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options host, port, base_path and data_dir, also from the environment."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def set_hosting(
    config: ExperimentConfig,
    *,
    host: str | None,
    port: int | None,
    base_path: str | None,
    data_dir: Path | None,
) -> None:
    """Set what was given; the rest stays as the experiment has it.

    Raises:
        ValueError: a value cannot be used.
    """
    hosting: dict[str, Any] = {"host": host, "port": port, "base_path": base_path}
    config.hosting(**{name: value for name, value in hosting.items() if value is not None})
    if data_dir is not None:
        config.experiment(data_dir=data_dir)
