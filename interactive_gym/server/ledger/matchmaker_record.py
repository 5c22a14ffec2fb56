"""Records a matchmaker in plans and `match.json`, and makes it again from that record.

A record names the class by its module path and holds its public attributes, which are its
parameters. `interactive-gym replay` imports the class and calls it with them.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from interactive_gym.server.matchmaker import Matchmaker


def plan_matchmaker(
    plan: Mapping[str, Any], matchmaker_class: type[Matchmaker] | None = None
) -> Matchmaker:
    """Make a plan's matchmaker again, with the parameters it had.

    Args:
        plan: the plan.
        matchmaker_class: the class to use instead of the one that the plan names.

    Raises:
        ValueError: if the class cannot be imported or called with the parameters.
    """
    return _made(plan["matchmaker"], matchmaker_class)


def _made(described: Mapping[str, Any], matchmaker_class: type[Matchmaker] | None) -> Matchmaker:
    name = described["class"]
    cls = matchmaker_class or _imported(name)
    accepted = inspect.signature(cls).parameters
    # A record of an earlier version does not name what its rules did not have.
    recorded = {**getattr(cls, "parameters_before", {}), **described["parameters"]}
    parameters = {
        option: _restored(value) for option, value in recorded.items() if option in accepted
    }
    try:
        made: Matchmaker = cls(**parameters)
    except Exception as error:
        raise ValueError(
            f"The matchmaker {name} cannot be made from {parameters}: {type(error).__name__}: "
            f"{error}. Its public attributes must be what its constructor takes."
        ) from error
    return made


def _imported(name: str) -> Any:
    try:
        return _attribute(name)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"The matchmaker {name} cannot be imported ({error}): name it with "
            f"--matchmaker MODULE:CLASS."
        ) from error


def _attribute(name: str) -> Any:
    """The object with this dotted name, which may be nested in a class."""
    module, found = name, None
    while found is None:
        module = module.rpartition(".")[0]
        if not module:
            raise ImportError(f"there is no module of {name}")
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not (module + ".").startswith(error.name + "."):
                raise
    for part in name[len(module) + 1 :].split("."):
        found = getattr(found, part)
    return found


def _restored(value: Any) -> Any:
    """A parameter as it was before its conversion to JSON."""
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, dict) and set(value) == {"class", "parameters"}:
        return _made(value, None)
    if isinstance(value, dict) and set(value) == {"function"}:
        module, _, name = value["function"].partition(":")
        try:
            return _attribute(f"{module}.{name}")
        except (ImportError, AttributeError) as error:
            raise ValueError(
                f"The function {value['function']} of the matchmaker cannot be imported ({error}): "
                f"replay where it can be."
            ) from error
    return value


def describe_matchmaker(matchmaker: Any) -> dict[str, Any]:
    """A matchmaker's qualified class name and its public attributes, which are its parameters."""
    cls = type(matchmaker)
    parameters = {
        name: _plain(value) for name, value in vars(matchmaker).items() if not name.startswith("_")
    }
    return {"class": f"{cls.__module__}.{cls.__qualname__}", "parameters": parameters}


def _plain(value: Any) -> Any:
    """A parameter as JSON; values without a JSON form are described, or named by their type."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Matchmaker):
        return describe_matchmaker(value)
    if hasattr(value, "__qualname__"):
        return {"function": f"{value.__module__}:{value.__qualname__}"}
    return f"<{type(value).__module__}.{type(value).__qualname__}>"
