"""What the fields of browsers' payloads have in common: their types, and their size as JSON.

A payload is converted once, where it arrives, to the Struct of its event; the types say which
values are taken. Nothing here knows an event or the state of anything.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=100)]
"""The id of a scene, a probe or a game."""

Count = Annotated[int, Meta(ge=0, le=2**53)]
"""A number of things or a position among them, as far as a browser can count."""

Age = Annotated[float, Meta(ge=0, le=366 * 24 * 3_600_000)]
"""How long ago something was, in milliseconds: at most a year."""

CandidateType = Literal["host", "srflx", "prflx", "relay"]
"""The ICE candidate types of the W3C's RTCIceCandidateType."""


def json_chars(value: Any) -> int:
    """How many characters a value has as JSON, with everything but ASCII escaped.

    Raises:
        ValueError: if it is no JSON, for instance not a number or bytes.
    """
    try:
        return len(json.dumps(value, allow_nan=False))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from error
