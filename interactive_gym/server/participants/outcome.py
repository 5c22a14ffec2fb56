"""How a scene ended for a participant: the one place that decides it from the reason.

The reasons with which waits and games end are finer than outcomes; each leads to one outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from interactive_gym.options.outcomes import Outcome

WaitEnd = Literal["waitroom_timeout", "connection_unsuitable", "scene_failed", "gave_up"]
"""The reasons of waits without a game after which a participant may go on. `gave_up`: they chose to
wait no longer, when the scene let them."""

DECIDED_BY_SERVER: frozenset[WaitEnd] = frozenset({"waitroom_timeout", "connection_unsuitable"})
"""Those of them that the server decides on by itself."""

OUTCOME_OF_REASON: Mapping[str, Outcome] = {
    "waitroom_timeout": "no_partner",
    "gave_up": "no_partner",
    "connection_unsuitable": "connection_unsuitable",
    "completed": "completed",
    "partner_lost": "partner_left",
    "connection_lost": "partner_left",
    "desync": "technical_error",
    "engine_error": "technical_error",
    "scene_failed": "technical_error",
    "reloaded": "technical_error",
    "server_stopped": "technical_error",
    "not_loaded": "technical_error",
    "unwitnessed": "technical_error",
    "unfinished": "technical_error",
    "hidden": "idle",
    "idle": "idle",
    "disconnected": "left",
}
"""The outcome of each reason after which a participant may go on to the next scene."""
