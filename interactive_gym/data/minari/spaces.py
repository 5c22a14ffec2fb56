"""Makes Gymnasium spaces of their descriptions, and their values of JSON.

The descriptions are those of `interactive_gym.verification.child`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gymnasium import Space


def space_of(description: Mapping[str, Any]) -> Space[Any]:
    """The space that is described.

    Args:
        description: the description.

    Raises:
        ValueError: a space in it has no description.
    """
    import numpy as np
    from gymnasium import spaces

    kind, of = description["kind"], description.get("of")
    dtype = np.dtype(description["dtype"]) if "dtype" in description else None
    if kind == "Box":
        low, high = (np.array(description[end], dtype) for end in ("low", "high"))
        return spaces.Box(low, high, tuple(description["shape"]), dtype)  # type: ignore[arg-type]
    if kind == "Discrete":
        return spaces.Discrete(description["n"], start=description["start"])
    if kind == "MultiDiscrete":
        return spaces.MultiDiscrete(description["nvec"], dtype)  # type: ignore[arg-type]
    if kind == "MultiBinary":
        return spaces.MultiBinary(description["n"])
    if of is None or None in (of.values() if isinstance(of, dict) else of):
        raise ValueError("the environment has a space that Minari cannot store")
    if kind == "Dict":
        return spaces.Dict({name: space_of(part) for name, part in of.items()})
    return spaces.Tuple([space_of(part) for part in of])


def space_for(value: Any) -> Space[Any]:
    """A space for values like this one, where the environment names none.

    Args:
        value: an observation, as JSON has it.

    Raises:
        ValueError: it holds what is no number, or lists of different lengths.
    """
    import numpy as np
    from gymnasium import spaces

    if isinstance(value, dict):
        return spaces.Dict({name: space_for(part) for name, part in value.items()})
    try:
        shape = np.array(value, np.float64).shape
    except (TypeError, ValueError):
        raise ValueError(
            "the environment has no observation_space, and what agents see are not all numbers"
        ) from None
    return spaces.Box(-np.inf, np.inf, shape, np.float64)


def stacked(space: Space[Any], values: Sequence[Any]) -> Any:
    """Values of a space as Minari stores them: one array, or as many as it has parts.

    Args:
        space: the space.
        values: the values, as JSON has them.

    Raises:
        ValueError: a value is not one of the space.
    """
    import numpy as np
    from gymnasium import spaces

    try:
        if isinstance(space, spaces.Dict):
            return {
                name: stacked(part, [value[name] for value in values])
                for name, part in space.spaces.items()
            }
        if isinstance(space, spaces.Tuple):
            return tuple(
                stacked(part, [value[place] for value in values])
                for place, part in enumerate(space.spaces)
            )
        array = np.array(values, space.dtype)
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError("an agent saw what is none of its observation_space") from None
    if array.shape != (len(values), *(space.shape or ())):
        raise ValueError("an agent saw what is none of its observation_space")
    return array
