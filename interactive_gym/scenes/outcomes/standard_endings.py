"""What each outcome means where the script does not say: complete, so that no ending is without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interactive_gym.options.outcomes import Outcome

OWN_CODE: Any = object()
"""The code of an outcome for which every participant has one of their own."""

STANDARD: Mapping[Outcome, Mapping[str, Any]] = {
    "completed": {
        "header": "Thank you",
        "happened": "You have taken part to the end. Thank you!",
        "code": OWN_CODE,
        "scenes": "all",
        "action": "approve",
        "pay": "full",
    },
    "partner_left": {
        "header": "Thank you",
        "happened": "Your game ended early because the other side was lost. You have done your "
        "part. Thank you!",
        "code": OWN_CODE,
        "scenes": "all",
        "action": "approve",
        "pay": "full",
    },
    "no_partner": {
        "header": "No partner this time",
        "happened": "We could not find anybody for you to play with. This was not your fault. "
        "Thank you for waiting!",
        "code": OWN_CODE,
        "scenes": "none",
        "action": "review",
        "pay": "time",
    },
    "connection_unsuitable": {
        "header": "No connection to others",
        "happened": "Your browser or network could not be connected with other participants, "
        "which this study needs. Thank you for trying!",
        "code": OWN_CODE,
        "scenes": "none",
        "action": "review",
        "pay": "time",
    },
    "screened_out": {
        "header": "You cannot take part in this study",
        "happened": "The study needs something that is missing here. Thank you for your interest.",
        "code": None,
        "scenes": "none",
        "action": "return",
        "pay": "none",
    },
    "consent_refused": {
        "header": "You do not take part",
        "happened": "You have chosen not to take part. Thank you for your interest.",
        "code": None,
        "scenes": "none",
        "action": "return",
        "pay": "none",
    },
    "failed_quiz": {
        "header": "Thank you",
        "happened": "Some answers were not right, so the study ends here for you. Thank you for "
        "your time.",
        "code": None,
        "scenes": "none",
        "action": "return",
        "pay": "none",
    },
    "idle": {
        "header": "You were away",
        "happened": "You did not answer for a while, or kept the game out of sight, so the study "
        "has ended for you.",
        "code": OWN_CODE,
        "scenes": "none",
        "action": "review",
        "pay": "none",
    },
    "technical_error": {
        "header": "A technical problem",
        "happened": "There was a technical problem during your game. It was not your fault. Thank "
        "you for taking part!",
        "code": OWN_CODE,
        "scenes": "all",
        "action": "review",
        "pay": "time",
    },
    "left": {
        "header": "You were away",
        "happened": "You were without a connection for too long, so the study has ended for you.",
        "code": OWN_CODE,
        "scenes": "none",
        "action": "review",
        "pay": "none",
    },
}
"""For each outcome what an `Ending` says, and what has happened, which its message begins with."""

WORDS_OF_PAY: Mapping[str, str] = {
    "full": "You will be paid in full.",
    "time": "You will be paid for the time you have spent here.",
    "none": "There is no payment for this.",
}
"""What the message of an outcome says of payment, by `Pay`."""

WORDS_OF_AMOUNT = "You will be paid {amount} for this."
"""The same where an amount is given."""

WORDS_OF_CODES: Mapping[bool, str] = {
    True: "Please hand in the code below, as you would after taking part.",
    False: "You do not need to hand in a code. You can close this page.",
}
"""What it says of the completion code, by whether there is one."""

WORDS_OF_RETURN = "Please return your submission where you were recruited."
"""What it says where the recruitment platform is to ask for that."""

WORDS_OF_LINK = 'Please press "Finish the study", so that this is registered.'
"""What it says where the last page leads on."""
