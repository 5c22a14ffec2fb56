"""Makes environments as the command line names them: from a module, or from a file as browsers do.

A file is run as ``__main__``, like the environment's code in a participant's browser.
"""

import importlib
import linecache
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from interactive_gym.netcode.turns import TurnBased, is_turn_based


class LoadedEnvironment(NamedTuple):
    """A fresh environment."""

    env: Any
    """The environment."""

    namespace: Mapping[str, Any]
    """The variables of the code that made it; policies are looked up here."""


def _loaded(env: Any, namespace: Mapping[str, Any]) -> LoadedEnvironment:
    """An environment as a game sees it: one of turns has the interface of those without."""
    return LoadedEnvironment(TurnBased(env) if is_turn_based(env) else env, namespace)


class EnvironmentSource:
    """Where environments come from.

    A context manager. Inside it modules can be imported from the file's folder (or the working
    directory), and ``__main__`` is the file's code, so that what it defines can be pickled.

    Args:
        text: ``module:function``, ``file.py`` (which defines ``env``) or ``file.py:function``.

    Raises:
        ValueError: The text is neither a function in a module nor a file that exists.
    """

    def __init__(self, text: str) -> None:
        place, colon, name = text.rpartition(":")
        if not colon or not name.isidentifier():
            place, name = text, ""
        self.text = text
        self.path: Path | None = Path(place) if place.endswith(".py") else None
        self._place = place
        self._name = name
        self._namespace: dict[str, Any] | None = None
        self._sys_path: list[str] = []
        self._main: types.ModuleType | None = None
        if self.path is not None and not self.path.is_file():
            raise ValueError(f"{place} is no file: name an environment's Python file.")
        if self.path is None and not name:
            raise ValueError(
                f"{text!r} names no environment: write module:function, file.py, which defines "
                "env, or file.py:function."
            )

    def __enter__(self) -> "EnvironmentSource":
        self._sys_path, self._main = sys.path[:], sys.modules["__main__"]
        sys.path.insert(0, str((self.path.parent if self.path else Path()).resolve()))
        return self

    def __exit__(self, *_: object) -> None:
        sys.path[:] = self._sys_path
        assert self._main is not None
        sys.modules["__main__"] = self._main

    def load(self) -> LoadedEnvironment:
        """Make a fresh environment.

        Raises:
            ValueError: The name does not exist, or does not make an environment.
            Exception: Whatever the environment's own code raises.
        """
        if not self._name:
            namespace = self._run_file()
            if "env" not in namespace:
                raise ValueError(
                    f"{self._place} defines no variable env: let its last lines make the "
                    f"environment, or name the function that does, as {self._place}:make_env."
                )
            return _loaded(namespace["env"], namespace)
        if self._namespace is None:
            self._namespace = self._run_file() if self.path else self._import()
        return _loaded(self._make()(), self._namespace)

    def _make(self) -> Callable[[], Any]:
        assert self._namespace is not None
        if self._name not in self._namespace:
            raise ValueError(f"{self._place} defines no {self._name}.")
        make: Any = self._namespace[self._name]
        if not callable(make):
            raise ValueError(
                f"{self.text} is a {type(make).__name__}, not something that makes an environment; "
                "name a function or a class."
            )
        return make  # type: ignore[no-any-return]

    def _run_file(self) -> dict[str, Any]:
        assert self.path is not None
        code = self.path.read_text(encoding="utf-8")
        module = types.ModuleType("__main__")
        module.__file__ = str(self.path)
        sys.modules["__main__"] = module
        linecache.checkcache(str(self.path))
        exec(compile(code, str(self.path), "exec"), module.__dict__)
        return module.__dict__

    def _import(self) -> dict[str, Any]:
        try:
            return vars(importlib.import_module(self._place))
        except ModuleNotFoundError as error:
            raise ValueError(
                f"{self._place} cannot be imported ({error}); name a module that can be imported "
                "from this folder, or a file."
            ) from error
