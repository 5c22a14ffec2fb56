"""What is known of recruitment platforms: where they put ids, and how a participant gets back.

Sources: Prolific's researcher help on study links and completion codes, and SONA Systems' guide to
external study credit granting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from interactive_gym.options.recruitment_id import ID_PARAMETERS


@dataclass(frozen=True)
class Panel:
    """A recruitment platform."""

    name: str
    """What participants call it; empty for none in particular."""

    id_parameters: tuple[str, ...]
    """The query parameters in which it passes ids, the most important first."""

    id_name: str
    """What its ids are called there."""

    id_reason: str
    """Why a participant who came without an id is asked for it."""

    id_help: str
    """What it looks like, and where a participant finds it."""

    id_pattern: str = ""
    """What an id that is typed must match, in a form that Python and HTML share; empty for any."""

    study_parameter: str | None = None
    """The query parameter in which it names the study."""

    session_parameter: str | None = None
    """The query parameter in which it names this person's taking part."""

    home: str | None = None
    """Where its participants are at home, if it has one address for all."""

    def typed_id(self, value: str) -> str:
        """An id as it is compared, out of what somebody has typed.

        Where ids have a form of their own, capitals are a matter of the keyboard.
        """
        return value.strip().lower() if self.id_pattern else value.strip()

    def fits(self, typed: str) -> bool:
        """Whether something that was typed can be one of its ids."""
        return not self.id_pattern or re.fullmatch(self.id_pattern, typed) is not None


ANY_PANEL = Panel(
    name="",
    id_parameters=ID_PARAMETERS,
    id_name="participant ID",
    id_reason="Your link did not say who you are.",
    id_help="You were given it with the invitation to this study.",
)
"""No platform in particular."""

PANELS = {
    "prolific": Panel(
        name="Prolific",
        id_parameters=("PROLIFIC_PID",),
        id_name="Prolific ID",
        id_reason="Your link did not say who you are on Prolific. We need to know it so that you "
        "can be paid.",
        id_help="24 digits and letters from a to f. You find it in your account on Prolific.",
        id_pattern="[0-9a-fA-F]{24}",
        study_parameter="STUDY_ID",
        session_parameter="SESSION_ID",
        home="https://app.prolific.com/",
    ),
    "sona": Panel(
        name="SONA",
        id_parameters=("survey_code", "id", "sona_id"),
        id_name="SONA identity code",
        id_reason="Your link did not say who you are on SONA. We need to know it so that you get "
        "your credit.",
        id_help="You find it in your profile on SONA. You can also close this page and open the "
        "study from SONA once more.",
    ),
}
"""The platforms that `ExperimentConfig.recruitment` knows by name."""

PROLIFIC_COMPLETION = "https://app.prolific.com/submissions/complete?cc="
"""What precedes a code in the address that completes a submission."""


@dataclass(frozen=True)
class Recruitment:
    """How participants come from a recruitment platform, and get back there."""

    panel: Panel = ANY_PANEL
    """The platform."""

    given_id_parameters: tuple[str, ...] | None = None
    """The query parameters in which ids come, where they are not those of the platform."""

    parameters: tuple[str, ...] = ()
    """The free query parameters that are kept."""

    asks_for_id: bool = False
    """Whether a participant who comes without an id is asked for it."""

    credit_url: str | None = None
    """What precedes an id in the address by which SONA grants credit."""

    @property
    def id_parameters(self) -> tuple[str, ...]:
        """The query parameters in which ids come, the most important first."""
        return self.given_id_parameters or self.panel.id_parameters

    def way_back(self, code: str | None, recruitment_id: str | None) -> str | None:
        """The address by which a participant gets back to the platform.

        Args:
            code: what completes their part there, empty if there is no such code; `None` if they
                have not done it.
            recruitment_id: who they are there, if that is known.

        Returns:
            The address, or `None` if none is known.
        """
        if code and self.panel is PANELS["prolific"]:
            return PROLIFIC_COMPLETION + quote(code, safe="")
        if code is not None and recruitment_id is not None and self.credit_url is not None:
            return self.credit_url + quote(recruitment_id, safe="")
        if self.credit_url is not None:
            place = urlsplit(self.credit_url)
            return f"{place.scheme}://{place.netloc}/"
        return self.panel.home
