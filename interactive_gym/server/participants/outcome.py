"""How a scene ended for a participant, which decides where they go and what they are paid.

The reasons with which waits and games end are finer; each leads to one outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Outcome = Literal[
    "completed",
    "partner_left",
    "no_partner",
    "connection_unsuitable",
    "idle",
    "technical_error",
    "left",
    "consent_refused",
    "failed_quiz",
    "screened_out",
]
"""`completed`: played to the end. `partner_left`: the game ended early because a partner was lost.
`no_partner`: waited without getting a game. `connection_unsuitable`: could not be connected with
several others, by what the server saw of their own page. `idle`: did not answer, or kept the game
out of sight.
`technical_error`: the game failed. `left`: was without a connection for too long.
`consent_refused`: chose not to take part. `failed_quiz`: answered wrongly until no try was left.
`screened_out`: their device cannot run the study."""

WaitEnd = Literal["waitroom_timeout", "connection_unsuitable", "scene_failed"]
"""The reasons of waits without a game after which a participant may go on."""

OUTCOME_OF_REASON: Mapping[str, Outcome] = {
    "waitroom_timeout": "no_partner",
    "connection_unsuitable": "connection_unsuitable",
    "completed": "completed",
    "partner_lost": "partner_left",
    "connection_lost": "partner_left",
    "desync": "technical_error",
    "engine_error": "technical_error",
    "scene_failed": "technical_error",
    "reloaded": "technical_error",
    "server_stopped": "technical_error",
    "unwitnessed": "technical_error",
    "unfinished": "technical_error",
    "hidden": "idle",
    "idle": "idle",
    "disconnected": "left",
}
"""The outcome of each reason after which a participant may go on to the next scene."""

FINISHED: frozenset[Outcome] = frozenset({"completed", "partner_left"})
"""The outcomes of a participant who did their part. A technical error is not among them, as a page
only has to claim one; the participant has a code of their own, by which the data tell more."""


def overall_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a whole way through the experiment: the first that kept it from completion.

    With several, one in which the participant did not do their part goes before the others.
    """
    short = [outcome for outcome in outcomes if outcome != "completed"]
    return next((o for o in short if o not in FINISHED), next(iter(short), "completed"))
