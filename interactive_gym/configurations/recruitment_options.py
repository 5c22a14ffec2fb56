"""Where participants come from, and how they are known there: `.recruitment()`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import parse_qs, urlsplit

from interactive_gym.options.link_parameters import MAX_FREE_PARAMETERS
from interactive_gym.options.panels import PANELS, Panel, Recruitment
from interactive_gym.options.recruitment_id import RepeatedId
from interactive_gym.options.validation import UNSET, flag

R = TypeVar("R", bound="RecruitmentOptions")


class RecruitmentOptions:
    """The recruitment of an experiment's participants."""

    def __init__(self) -> None:
        super().__init__()
        self.recruitment_rules = Recruitment()
        """How participants come from their recruitment platform, and get back there."""
        self.repeated_id: RepeatedId = "continue"
        """What becomes of a link that is opened again with a recruitment id that is known."""

    def recruitment(
        self: R,
        panel: Literal["prolific", "sona"] = UNSET,
        *,
        id_parameters: Sequence[str] = UNSET,
        repeated_id: RepeatedId = UNSET,
        ask_for_id: bool = UNSET,
        parameters: Sequence[str] = UNSET,
        credit_url: str | None = UNSET,
    ) -> R:
        """Set where participants come from, and how they are known there.

        docs/recruitment.md shows these options for Prolific and SONA.

        Args:
            panel: the recruitment platform. It says in which query parameters ids come, how
                participants are asked for one, and where the last page leads back to, unless that
                is set by ``.redirect(url=…)``. Without it, links of Prolific, MTurk and others are
                understood, and nothing leads back by itself.
            id_parameters: the query parameters of the link in which the id comes, the most
                important first; those of the panel by default.
            ask_for_id: whether somebody who comes without an id has to type it in before the study
                begins; False by default. Who may come is not checked by it, as nobody can tell
                whose id it is.
            parameters: further query parameters to keep, at most ten, such as ``["wave"]``. None by
                default. A value is a text of at most 100 characters that anybody could have
                written.
            credit_url: for SONA, the study's Completion URL (client-side), which ends with
                ``survey_code=XXXX``. It grants credit, so only those get it who did their part in
                every game.
            repeated_id: what becomes of a link that is opened again with an id that is known.
                "continue" leads back to the same seat and scene, after asking where another window
                is still open. "refuse" lets nobody in, so that a closed tab cannot be opened again.
                "allow" makes it somebody new, who is never grouped with others of the same id.
        """
        rules = self.recruitment_rules
        if panel is not UNSET:
            rules = replace(rules, panel=checked_panel(panel))
        if id_parameters is not UNSET:
            names = checked_names("id_parameters", id_parameters, "PROLIFIC_PID")
            rules = replace(rules, given_id_parameters=names)
        if ask_for_id is not UNSET:
            rules = replace(rules, asks_for_id=flag("ask_for_id", ask_for_id))
        if parameters is not UNSET:
            rules = replace(rules, parameters=checked_free_parameters(parameters))
        if credit_url is not UNSET:
            rules = replace(rules, credit_url=checked_credit_url(credit_url))
        if rules.credit_url is not None and rules.panel is not PANELS["sona"]:
            raise ValueError(
                f"credit_url is {credit_url!r}, but the panel is not SONA: give .recruitment("
                f'"sona", credit_url=…), or leave it out.'
            )
        if repeated_id is not UNSET:
            if repeated_id not in get_args(RepeatedId):
                raise ValueError(
                    f'repeated_id is {repeated_id!r}: give "continue", "refuse" or "allow".'
                )
            self.repeated_id = repeated_id
        self.recruitment_rules = rules
        return self


def checked_panel(value: Any) -> Panel:
    """Return the platform of this name."""
    if not isinstance(value, str) or value not in PANELS:
        names = " or ".join(f'"{name}"' for name in PANELS)
        raise ValueError(
            f"panel is {value!r}: give {names}, or leave it out for another recruitment platform."
        )
    return PANELS[value]


def checked_names(option: str, value: Any, example: str) -> tuple[str, ...]:
    """Accept a list of names of query parameters."""
    is_list = isinstance(value, (list, tuple)) and bool(value)
    if not is_list or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError(
            f"{option} is {value!r}: give a list of names of query parameters, such as "
            f'["{example}"].'
        )
    return tuple(value)


def checked_free_parameters(value: Any) -> tuple[str, ...]:
    """Accept a list of not too many names."""
    names = checked_names("parameters", value, "wave")
    if len(names) > MAX_FREE_PARAMETERS:
        raise ValueError(
            f"parameters has {len(names)} names: give at most {MAX_FREE_PARAMETERS}, those that "
            f"your study uses."
        )
    return names


def checked_credit_url(value: Any) -> str | None:
    """Return what precedes the id in SONA's address, or None for none."""
    if value is None:
        return None
    wanted = (
        "give the study's Completion URL (client-side), as SONA shows it, such as "
        "'https://yourschool.sona-systems.com/webstudy_credit.aspx?experiment_id=123&"
        "credit_token=4e48f9b638a&survey_code=XXXX'."
    )
    url = re.sub(r"X*$", "", value.strip()) if isinstance(value, str) else ""
    place = urlsplit(url)
    named = set(parse_qs(place.query))
    is_sona = place.scheme in ("http", "https") and place.path.endswith("/webstudy_credit.aspx")
    if not is_sona or not {"experiment_id", "credit_token"} <= named:
        raise ValueError(f"credit_url is {value!r}: {wanted}")
    if not url.endswith("survey_code="):
        raise ValueError(f"credit_url is {value!r}, which does not end with the id: {wanted}")
    return url
