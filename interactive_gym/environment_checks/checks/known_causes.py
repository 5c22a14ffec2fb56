"""Names well-known reasons why an environment cannot be saved or played, with their cures.

Environments of public libraries fail in a few ways. ``checker`` adds what is found here to the
findings that are wrong.
"""

from typing import Any

from interactive_gym.environment_checks.running.state_leaves import attributes

MOST_VISITED = 20_000
"""The most objects that are looked at."""
_CONTAINERS = (list, tuple, dict, set, frozenset)


def known_causes(env: Any) -> tuple[str, ...]:
    """What is known to prevent an environment's state from being saved, the likeliest first."""
    found = [*_ez_pickle(env), *_drawing_objects(env)]
    return tuple(found)


def _ez_pickle(env: Any) -> list[str]:
    for inner in _unwrapped(env):
        for kind in type(inner).__mro__:
            if kind.__name__ == "EzPickle" and not hasattr(inner, "get_state"):
                return [
                    f"{type(inner).__name__} is derived from EzPickle, whose pickle has only the "
                    "arguments of the constructor, not what has happened since: give it "
                    "get_state() and set_state(state), or a __getstate__ that returns "
                    "self.__dict__"
                ]
    return []


def _unwrapped(env: Any) -> list[Any]:
    """An environment and those that it wraps."""
    found: list[Any] = []
    while env is not None and all(env is not known for known in found):
        found.append(env)
        env = getattr(env, "__dict__", {}).get("env")
    return found


def _drawing_objects(env: Any) -> list[str]:
    """The first attribute that holds something of pygame's, which no pickle can have."""
    waiting: list[tuple[str, Any]] = [("env", env)]
    entered: dict[int, Any] = {}
    while waiting and len(entered) < MOST_VISITED:
        path, value = waiting.pop(0)
        if id(value) in entered:
            continue
        entered[id(value)] = value
        if type(value).__module__.partition(".")[0] == "pygame":
            return [
                f"{path} is a {type(value).__module__}.{type(value).__name__} of pygame, which "
                "browsers do not have and no pickle can save: draw with draw commands in render(), "
                "and leave this attribute out"
            ]
        waiting += _parts(path, value)
    return []


def _parts(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{path}[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, _CONTAINERS):
        return [(f"{path}[{number}]", item) for number, item in enumerate(value)]
    if isinstance(value, (str, bytes, int, float, type, type(None))) or callable(value):
        return []
    return [(f"{path}.{name}", item) for name, item in attributes(value).items()]
