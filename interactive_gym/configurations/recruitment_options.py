"""Checks of the options of `.recruitment()`."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from interactive_gym.options.link_parameters import MAX_FREE_PARAMETERS
from interactive_gym.options.panels import PANELS, Panel


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
