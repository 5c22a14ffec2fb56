"""Reads an experiment out of a researcher's script, without serving it.

The script is run as `python my_study.py` would run it, up to the moment at which it serves the
experiment: `run(config)` or `create_app(config)`. There it ends, and the config is taken.
"""

from __future__ import annotations

import contextlib
import inspect
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.server.matchmaker import Matchmaker


class _Served(BaseException):
    """The script serves its experiment. No `except Exception` of the script stops this."""

    def __init__(self, config: ExperimentConfig) -> None:
        self.config = config


@dataclass(frozen=True)
class ScriptScene:
    """What a script says of matching in one of its game scenes."""

    scene_id: str
    """The scene's id."""

    group_size: int
    """How many play together."""

    patience_s: float | None
    """The patience of participants in seconds; `None` without a limit."""

    matchmaker: Matchmaker
    """The scene's own matchmaker."""

    has_relay: bool
    """Whether the experiment names a TURN server."""

    @property
    def threshold_ms(self) -> float | None:
        """The threshold of the script, in milliseconds."""
        return self.matchmaker.max_p2p_rtt_ms

    def make_matchmaker(self, threshold_ms: float) -> Matchmaker:
        """The scene's matchmaker with another threshold.

        Expansions that are not above the threshold are left out, and so is `compatible`, as nothing
        is known of simulated participants that it could ask for.

        Raises:
            ValueError: if it cannot be made from its public attributes.
        """
        return _with_threshold(self.matchmaker, threshold_ms)

    @property
    def notes(self) -> list[str]:
        """What of the script cannot be simulated."""
        notes = []
        if self.matchmaker.compatible is not None:
            notes.append("compatible is left out: nobody knows the attributes of those to come")
        if self.patience_s is None:
            notes.append("the script has no limit of waiting")
        return notes


def scenes_of(script: Path) -> list[ScriptScene]:
    """The scenes of a script in which several participants play together, in order.

    Raises:
        ValueError: if the script cannot be run, serves nothing, or has no such scene.
    """
    config = load_config(script)
    has_relay = any(
        str(url).startswith(("turn:", "turns:"))
        for server in config.ice_servers
        for url in _listed(server["urls"])
    )
    scenes = [
        ScriptScene(
            scene.scene_id,
            len(scene.human_agents),
            None if scene.waitroom_timeout_ms is None else scene.waitroom_timeout_ms / 1000,
            scene.matchmaker,
            has_relay,
        )
        for scene in config.stager.scenes
        if isinstance(scene, GymScene) and len(scene.human_agents) > 1
    ]
    if not scenes:
        raise ValueError(
            f"{script} has no scene in which several participants play together, so there is "
            f"nothing to plan."
        )
    return scenes


def load_config(script: Path) -> ExperimentConfig:
    """The experiment that a script serves, or the only one that it describes.

    Raises:
        ValueError: if it cannot be run, or describes none or several and serves none.
    """
    if not script.is_file():
        raise ValueError(f"{script} is no file: give the script that serves your experiment.")
    try:
        with _not_serving(script):
            names = runpy.run_path(str(script), run_name="__main__")
    except _Served as served:
        return served.config
    except SystemExit as error:
        raise ValueError(
            f"{script} ended by itself ({error.code}) before it served an experiment: plan runs it "
            f"without arguments."
        ) from error
    except Exception as error:
        raise ValueError(f"{script} cannot be run: {type(error).__name__}: {error}") from error
    configs = {id(of): of for of in names.values() if isinstance(of, ExperimentConfig)}
    if len(configs) != 1:
        raise ValueError(
            f"{script} serves no experiment and describes {len(configs)}: it must come to "
            f"run(config) when it is run without arguments."
        )
    return next(iter(configs.values()))


@contextlib.contextmanager
def _not_serving(script: Path) -> Iterator[None]:
    """Let a script run as if from a shell, until it serves. What it prints goes to stderr."""
    # Looked up as the script does it; a plan without a script needs no web server.
    app: Any = import_module("interactive_gym.server.app")

    def serve(config: ExperimentConfig) -> Any:
        raise _Served(config)

    before = app.run, app.create_app, sys.argv, sys.path[:]
    app.run, app.create_app, sys.argv = serve, serve, [str(script)]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        app.run, app.create_app, sys.argv, sys.path[:] = before


def _with_threshold(matchmaker: Matchmaker, threshold_ms: float) -> Matchmaker:
    make: Callable[..., Matchmaker] = type(matchmaker)
    options: dict[str, Any] = {
        name: getattr(matchmaker, name)
        for name in inspect.signature(make).parameters
        if hasattr(matchmaker, name)
    }
    for name, value in options.items():
        if isinstance(value, Matchmaker) and value.max_p2p_rtt_ms is not None:
            options[name] = _with_threshold(value, threshold_ms)
    if "rtt_expansions" in options:
        options["rtt_expansions"] = [
            (wait_s, ms) for wait_s, ms in options["rtt_expansions"] if ms > threshold_ms
        ]
    if "compatible" in options:
        options["compatible"] = None
    options["max_p2p_rtt_ms"] = threshold_ms
    try:
        return make(**options)
    except Exception as error:
        raise ValueError(
            f"{type(matchmaker).__name__} cannot be made with {options}: {type(error).__name__}: "
            f"{error}. Its public attributes must be what its constructor takes; or give "
            f"--matchmaker."
        ) from error


def _listed(urls: Any) -> list[Any]:
    return [urls] if isinstance(urls, str) else list(urls)
