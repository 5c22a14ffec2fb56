"""What may be relayed between two browsers that set up a WebRTC connection.

Checks form and size only and never looks into the session descriptions. Used for probes
(`probe_signal`) and for game connections (`game_signal`).
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from interactive_gym.server.messages.fields import json_chars

MAX_SIGNAL_BYTES = 64 * 1024
"""The largest signal that is relayed, serialised as JSON, in bytes."""

ShortText = Annotated[str, Meta(max_length=4096)]
"""A candidate, or what belongs to it: a line of the Session Description Protocol."""


class Offer(msgspec.Struct, tag_field="type", tag="offer", frozen=True):
    """The offerer's session description."""

    sdp: str
    """The description, in the Session Description Protocol."""


class Answer(msgspec.Struct, tag_field="type", tag="answer", frozen=True):
    """The answerer's session description."""

    sdp: str
    """The description, in the Session Description Protocol."""


class IceCandidate(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The W3C's RTCIceCandidateInit."""

    candidate: ShortText = ""
    """The candidate attribute; empty after the last one of a generation."""

    sdp_mid: ShortText | None = None
    """The identification tag of the media description it belongs to."""

    sdp_m_line_index: Annotated[int, Meta(ge=0, le=65535)] | None = msgspec.field(
        default=None, name="sdpMLineIndex"
    )
    """The index of that description."""

    username_fragment: ShortText | None = None
    """Tells the generations of candidates apart."""


class Candidate(msgspec.Struct, tag_field="type", tag="candidate", frozen=True):
    """A way by which the sender may be reached."""

    candidate: IceCandidate | None
    """The way; `None` after the last one."""


Signal = Offer | Answer | Candidate
"""What one browser tells the other. Fields that are not named here are not relayed."""


def relayed(signal: Signal) -> dict[str, Any]:
    """Return what the other browser is sent."""
    payload: dict[str, Any] = msgspec.to_builtins(signal)
    return payload


def check_size(signal: Signal) -> None:
    """Refuse a signal that is too large to be relayed.

    Raises:
        ValueError: if it is.
    """
    if json_chars(relayed(signal)) > MAX_SIGNAL_BYTES:
        raise ValueError(f"a signal must have at most {MAX_SIGNAL_BYTES} bytes")
