"""The outcomes of a participant's way through a study, and which one holds of the whole.

Scripts name them in their table of endings and in ``only_if``. The reasons with which waits and
games end are finer; `interactive_gym.server.participants.outcome` says which outcome each leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, get_args

Outcome = Literal[
    "completed",
    "partner_left",
    "no_partner",
    "connection_unsuitable",
    "screened_out",
    "consent_refused",
    "failed_quiz",
    "idle",
    "technical_error",
    "left",
]
"""`completed`: played to the end. `partner_left`: the game ended early because a partner was lost.
`no_partner`: waited without getting a game. `connection_unsuitable`: could not be connected with
several others, by what the server saw of their own page. `screened_out`: did not meet what the
study requires. `consent_refused`: chose not to take part. `failed_quiz`: answered wrongly until no
try was left. `idle`: did not answer, or kept the game out of sight. `technical_error`: the game
failed. `left`: was without a connection for too long."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""All of them, in the order in which tables show them."""

FINISHED: frozenset[Outcome] = frozenset({"completed", "partner_left"})
"""The outcomes of a participant who did their part. A technical error is not among them, as a page
only has to claim one."""

WayOut = Literal["consent_refused", "failed_quiz", "screened_out"]
"""Why a page may lead to the end of the study: the outcome of whoever leaves by it."""

WAYS_OUT: frozenset[str] = frozenset(get_args(WayOut))
"""All of them."""

PLAYED: frozenset[Outcome] = FINISHED | {"technical_error"}
"""The outcomes of a game after which a participant can be asked about it."""

PLAYED_NAME = "played"
"""What ``only_if`` calls whoever has played at least one game."""


def overall_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a whole way through the experiment: the first that kept it from completion.

    With several, one in which the participant did not do their part goes before the others, and one
    that led out of the study before all.
    """
    short = [outcome for outcome in outcomes if outcome != "completed"]
    ways_out = [outcome for outcome in short if outcome in WAYS_OUT]
    unfinished = [outcome for outcome in short if outcome not in FINISHED]
    return next(iter([*ways_out, *unfinished, *short]), "completed")


def checked_names(option: str, value: Any, extra: Collection[str] = ()) -> frozenset[str]:
    """Accept the name of an outcome, or several names.

    Args:
        option: the option's name.
        value: what is given for it.
        extra: further names that it takes.
    """
    names = [value] if isinstance(value, str) else value
    known = (*extra, *OUTCOMES)
    if not isinstance(names, (list, tuple, set, frozenset)) or not names:
        raise ValueError(f"{option} is {value!r}: give one or several of {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise ValueError(f"{option} has {name!r}: give one of {', '.join(known)}.")
    return frozenset(names)
