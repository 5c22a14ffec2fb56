"""What a page tells of the device it runs on. None of it is proof; every figure is bounded."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Pixels = Annotated[int, Meta(ge=0, le=100_000)]
"""A length in CSS pixels."""

Cost = Annotated[float, Meta(ge=0, le=60_000)]
"""How long something took, in milliseconds."""

Connection = Literal["works", "missing", "failed"]
"""Whether a connection could be made. `missing`: the browser has no WebRTC."""


class DeviceReport(msgspec.Struct, frozen=True):
    """A device, as its page has found it."""

    user_agent: Annotated[str, Meta(max_length=500)]
    """How the browser names itself."""

    window_width: Pixels
    """The width of the window's content."""

    window_height: Pixels
    """The height of the window's content."""

    screen_width: Pixels
    """The width of the screen."""

    screen_height: Pixels
    """The height of the screen."""

    keyboard: bool | None = None
    """Whether a key of the game was pressed; `None` where none was asked for."""

    pointer: Literal["mouse", "touch", "pen"] | None = None
    """What the page was pointed at with last."""

    missing: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=10)] = (
        msgspec.field(default_factory=list)
    )
    """What the browser lacks besides WebRTC."""

    webrtc: Connection | None = None
    """Whether the page could connect to itself; `None` where that is not needed."""

    turn: Connection | None = None
    """The same through the TURN servers; `None` where there are none."""

    frame_ms: Cost | None = None
    """What a frame of the next game costs: the median of those tried."""

    frame_p95_ms: Cost | None = None
    """The cost that 95% of the frames stay below."""
