"""``interactive-gym new`` writes a small, complete study to begin with."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from interactive_gym.options.validation import folder_name

TEMPLATE = "my_study"
"""The example that is copied, and the name in it that is replaced."""


@click.command("new", short_help="write a small, complete study to begin with")
@click.argument("path", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Write a small, complete study into a new folder.

    The folder's name is also the experiment's. It gets the experiment script, a game for two on a
    grid, a test that plays it, and a README with the commands to go on with.
    """
    name = folder_name("the name of the study", path.resolve().name)
    if path.exists():
        raise ValueError(f"{path} exists already: give the name of a new folder.")
    path.mkdir(parents=True)
    for source in files(f"interactive_gym.examples.{TEMPLATE}").iterdir():
        if source.name.endswith((".py", ".md")):
            text = source.read_text(encoding="utf-8").replace(TEMPLATE, name)
            (path / source.name).write_text(text, encoding="utf-8")
    click.echo(
        f"{path} is a study for two. See it in the browser, in two windows:\n\n"
        f"    interactive-gym run {path / 'study.py'}\n\n"
        f"{path / 'README.md'} says how to go on."
    )
