"""What may be relayed between two browsers that set up a WebRTC connection.

Checks form and size only and never looks into the session descriptions. Used for probes
(`probe_signal`) and for game connections (`game_signal`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from interactive_gym.server.messages.fields import json_chars

MAX_SIGNAL_BYTES = 64 * 1024
"""The largest signal that is relayed, serialised as JSON, in bytes."""


class Offer(msgspec.Struct, tag_field="type", tag="offer", frozen=True):
    """The offerer's session description."""

    sdp: str
    """The description, in the Session Description Protocol."""


class Answer(msgspec.Struct, tag_field="type", tag="answer", frozen=True):
    """The answerer's session description."""

    sdp: str
    """The description, in the Session Description Protocol."""


class Candidate(msgspec.Struct, tag_field="type", tag="candidate", frozen=True):
    """A way by which the sender may be reached."""

    candidate: dict[str, Any] | None
    """An RTCIceCandidateInit; `None` after the last one."""


def check_signal(signal: dict[str, Any]) -> None:
    """Refuse what must not be relayed. What passes is relayed as it came.

    Raises:
        ValueError: if it is no offer, answer or candidate, or too large.
    """
    msgspec.convert(signal, Offer | Answer | Candidate, strict=True)
    if json_chars(signal) > MAX_SIGNAL_BYTES:
        raise ValueError(f"a signal must have at most {MAX_SIGNAL_BYTES} bytes")
