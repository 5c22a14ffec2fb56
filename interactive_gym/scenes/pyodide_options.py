"""The environment that participants' browsers run: `.pyodide()`.

The code is compiled, to see whether it is Python. It is run in browsers, and by
`interactive-gym check-env`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import (
    UNSET,
    flag,
    number,
    text_or_file,
    web_address_or_folder,
    whole_number,
)
from interactive_gym.packages.game_code import GameCode, code_digest, code_of
from interactive_gym.packages.imports import missing_imports, what_is_missing
from interactive_gym.packages.package import BrowserPackage
from interactive_gym.packages.runtime import pyodide_url, pyodide_version, runtime_sources
from interactive_gym.scenes.environment_code import checked_code, checked_requirements
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.latency import Manipulated
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="PyodideOptions")

MAX_PREDICTION = 8
"""The most frames that a browser simulates beyond the last frame whose inputs it has from all."""
DEFAULT_INPUT_DELAY = 2
"""Frames of input delay by default, and for ``auto`` where nothing was measured."""
DEFAULT_TARGET_MS = 100.0
"""The delay that all play with where latency is equal, if the script names none."""


class PyodideOptions(GameOptions):
    """The code of a game's environment, and what it needs in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.input_delay: int | Literal["auto"] = DEFAULT_INPUT_DELAY
        """Frames between sampling an input and applying it; ``auto`` chooses by the group's RTT."""
        self.packages_to_install: tuple[str, ...] = ()
        """Requirements that the environment's code needs in the browser."""
        self.pyodide_index_url: str | None = None
        """Where packages of Pyodide's own distribution come from."""
        self.environment_digest = ""
        """SHA-256 of what decides a frame: environment code, packages, netcode and Pyodide
        version."""
        self._environment_code = ""
        self._multiplayer: bool | None = None
        self._latency: Literal["equal"] | Manipulated | None = None
        self._target_ms: float | None = None
        self._gives_input_delay = False
        self.packages: tuple[BrowserPackage, ...] = ()
        """The wheels that the server resolved those requirements to, each after what it needs."""

    @setter
    def pyodide(
        self: S,
        *,
        run_through_pyodide: bool = UNSET,
        multiplayer: bool = UNSET,
        environment_initialization_code: str = UNSET,
        environment_initialization_code_filepath: str | Path = UNSET,
        input_delay: int | Literal["auto"] = UNSET,
        latency: Literal["equal"] | Manipulated | None = UNSET,
        target_ms: float = UNSET,
        packages_to_install: Sequence[str] = UNSET,
        pyodide_index_url: str | Path | None = UNSET,
    ) -> S:
        """Set the environment that participants' browsers run.

        Args:
            run_through_pyodide: True, as environments run in participants' browsers only.
            multiplayer: whether several participants play together. It follows from the policy
                mapping and may be left out; if given, the two must agree.
            environment_initialization_code: Python that defines ``env``, a PettingZoo
                ``ParallelEnv`` (or, for a single agent, a Gymnasium ``Env``); it runs with
                ``__name__ == "__main__"``.
            environment_initialization_code_filepath: a file of it, instead.
            input_delay: frames between sampling an input and applying it, 0 to 8; 2 by default.
                More hides more latency and needs fewer rollbacks, but keys respond later.
                ``"auto"`` begins for each group with what its largest measured P2P RTT calls for,
                and 2 where nothing was measured, and follows lasting changes during the game; the
                frames chosen are in the data (docs/latency.md).
            latency: ``"equal"`` lets every participant of every group play with the same delay
                between a key and its effect on the partner's screen, and rejects groups whose
                connections are too slow for it; ``Manipulated(levels_ms=[0, 60, 120])`` adds one of
                these levels to it, by the game; None (the default) for neither. The input delay
                follows, so ``input_delay`` must be left out (docs/latency.md).
            target_ms: that delay, in milliseconds; 100 by default. It is rounded to whole frames.
            packages_to_install: requirements such as ``"msgpack==1.2.4"`` that the code imports.
                The server resolves them when it starts, and serves them (docs/environments.md).
            pyodide_index_url: a folder, or the address of one, with wheels of the distribution of
                the Pyodide that is served, for packages such as numpy that have wheels for browsers
                only there; None (the default) for where Pyodide itself finds it.
        """
        if run_through_pyodide is not UNSET and not flag(
            "run_through_pyodide", run_through_pyodide
        ):
            raise ValueError(
                "run_through_pyodide is False: leave it out or give True, as environments run in "
                "participants' browsers only."
            )
        if multiplayer is not UNSET:
            self._multiplayer = flag("multiplayer", multiplayer)
        self._environment_code = checked_code(
            text_or_file(
                "environment_initialization_code",
                environment_initialization_code,
                environment_initialization_code_filepath,
                self._environment_code,
            )
        )
        if input_delay is not UNSET:
            self.input_delay = _checked_input_delay(input_delay)
            self._gives_input_delay = True
        if latency is not UNSET:
            self._latency = _checked_latency(latency)
        if target_ms is not UNSET:
            self._target_ms = number("target_ms", target_ms, "milliseconds", minimum=0)
        if packages_to_install is not UNSET:
            self.packages_to_install = checked_requirements(packages_to_install)
            self.packages = ()
        if pyodide_index_url is not UNSET:
            self.pyodide_index_url = web_address_or_folder("pyodide_index_url", pyodide_index_url)
            self.packages = ()
        self.environment_digest = self._digest()
        return self

    def serve_packages(self, packages: Sequence[BrowserPackage]) -> None:
        """Take the wheels that the server resolved `packages_to_install` to."""
        self.packages = tuple(packages)
        self.environment_digest = self._digest()

    def check_imports(self) -> None:
        """Raise ValueError if the environment's code imports what browsers do not have.

        Call it once the packages are there.
        """
        wheels = [package.file for package in self.packages]
        missing = missing_imports(self._environment_code, wheels)
        if missing:
            raise ValueError(
                f"environment_initialization_code in the scene {self.scene_id!r} does not run in "
                f"browsers: {what_is_missing(missing)}."
            )

    def check(self) -> None:
        """Raise ValueError unless there is an environment."""
        if not self._environment_code.strip():
            raise ValueError(
                f"environment_initialization_code is missing in the scene {self.scene_id!r}: give "
                f"it, or its filepath, with .pyodide(…)."
            )
        self._check_latency()
        super().check()

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the ``game`` object with how far browsers may predict."""
        return {**super().game_config(rtt_ms), "max_prediction": MAX_PREDICTION}

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its environment and what that needs."""
        return {
            **super().to_client(participant),
            "environment": {
                "code": self._environment_code,
                "digest": self.environment_digest,
                "packages": [package.url for package in self.packages],
            },
            "pyodide_url": pyodide_url(),
        }

    def game_code(self) -> GameCode:
        """Return the code of the scene's games, which ``environment_digest`` names.

        Raises:
            OSError: a wheel cannot be read.
        """
        wheels = [package.file for package in self.packages]
        return code_of(self._environment_code, wheels, runtime_sources(), pyodide_version())

    def _check_latency(self) -> None:
        if self._latency is None and self._target_ms is not None:
            raise ValueError(
                f"target_ms is {self._target_ms:g} in the scene {self.scene_id!r}, but without "
                f'latency="equal" nothing follows from it: give latency, or leave target_ms out.'
            )
        if self._latency is not None and self._gives_input_delay:
            raise ValueError(
                f"input_delay is {self.input_delay!r} in the scene {self.scene_id!r} besides "
                f"latency: leave input_delay out, as it follows from target_ms."
            )

    def _digest(self) -> str:
        wheels = [(package.sha256, package.file.name) for package in self.packages]
        code = self._environment_code.encode()
        return code_digest(code, runtime_sources(), wheels, pyodide_version())


def _checked_input_delay(value: Any) -> int | Literal["auto"]:
    if isinstance(value, str) and value == "auto":
        return "auto"
    return whole_number("input_delay", value, 0, 8, other='"auto"')


def _checked_latency(value: Any) -> Literal["equal"] | Manipulated | None:
    if value is None or isinstance(value, Manipulated):
        return value
    if isinstance(value, str) and value == "equal":
        return "equal"
    raise ValueError(
        f'latency is {value!r}: give "equal", Manipulated(levels_ms=[…]), or None for neither.'
    )
