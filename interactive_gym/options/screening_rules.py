"""What a participant's device must be able to do, and what is said to those whose device is not.

Set by `ExperimentConfig.entry_screening`; looked at by a `DeviceCheck` page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Reason = Literal[
    "browser_features",
    "browser_blocked",
    "browser_outdated",
    "no_webrtc",
    "no_turn",
    "no_keyboard",
    "no_pointer",
    "no_touch",
    "window_too_small",
    "server_rtt",
    "slow_device",
    "entry_callback",
]
"""Why a device is not suitable."""

MESSAGES: Mapping[Reason, str] = {
    "browser_features": "This browser lacks something that the study needs. A current version of "
    "Chrome, Edge or Firefox on a computer has it.",
    "browser_blocked": "The study does not work in this browser.",
    "browser_outdated": "The study needs a newer version of this browser.",
    "no_webrtc": "This browser does not connect directly to other participants, which the study "
    "needs. A privacy extension or your network may be in the way.",
    "no_turn": "Your network does not let you connect to other participants, which the study "
    "needs.",
    "no_keyboard": "The game is played with a keyboard, and this device has none.",
    "no_pointer": "The study needs a mouse or a touchpad, and this device has none.",
    "no_touch": "The study needs a touch screen, and this device has none.",
    "window_too_small": "The study does not fit on this screen.",
    "server_rtt": "Your connection to the study is too slow for the game.",
    "slow_device": "This device is too slow for the game.",
    "entry_callback": "You cannot take part in this study with this device.",
}
"""What a participant is told, by reason, where the study says nothing else."""

Pointer = Literal["mouse", "touch"]
"""What a participant points with. A pen and a touchpad count as a mouse."""


@dataclass(frozen=True)
class ScreeningRules:
    """The limits of a study."""

    browser_requirements: Mapping[str, int] = field(default_factory=dict)
    """The least version of each browser that is named."""

    browser_blocklist: tuple[str, ...] = ()
    """The browsers that may not take part."""

    max_server_rtt_ms: float | None = None
    """The greatest server RTT, in milliseconds."""

    min_rtt_measurements: int = 3
    """After how many measurements the server RTT is judged."""

    pointer: Pointer | None = None
    """What the participant must be able to point with."""

    min_window: tuple[int, int] | None = None
    """The least width and height of the window's content, in CSS pixels."""

    max_frame_share: float | None = None
    """The greatest share of a frame's time that computing it may take."""

    messages: Mapping[str, str] = field(default_factory=dict)
    """What a participant is told, by reason, in place of `MESSAGES`."""

    entry_callback: Callable[[Mapping[str, Any]], Any] | None = None
    """Decides by what is known of the device, after all other rules."""

    def message_for(self, reason: Reason) -> str:
        """What a participant is told who cannot take part for this reason."""
        return self.messages.get(reason, MESSAGES[reason])
