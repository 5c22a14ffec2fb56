"""What may be relayed between two browsers that set up a WebRTC connection.

Checks form and size only and never looks into the session descriptions. Used for probes
(`probe_signal`) and for game connections (`game_signal`).
"""

from __future__ import annotations

import json
from typing import Any

MAX_SIGNAL_BYTES = 64 * 1024
"""The largest signal that is relayed, serialised as JSON, in bytes."""


def signal_fault(signal: Any) -> str | None:
    """What is wrong with a signal, or `None` if it may be relayed."""
    if not isinstance(signal, dict):
        return "a signal must be an object"
    kind = signal.get("type")
    if kind in ("offer", "answer"):
        if not isinstance(signal.get("sdp"), str):
            return f"an {kind} must carry its sdp as a string"
    elif kind == "candidate":
        if "candidate" not in signal or not isinstance(signal["candidate"], dict | None):
            return "a candidate signal must carry an object or null"
    else:
        return "the type of a signal must be offer, answer or candidate"
    try:
        size = len(json.dumps(signal))
    except (TypeError, ValueError, RecursionError):
        return "a signal must be JSON"
    if size > MAX_SIGNAL_BYTES:
        return f"a signal must have at most {MAX_SIGNAL_BYTES} bytes"
    return None
