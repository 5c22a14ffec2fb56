"""What a participant's link says besides their recruitment id: study, session, and free parameters.

Anybody can write an address, so everything is bounded text, and nothing of it is proof of anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.options.recruitment_id import is_placeholder, plain_text

MAX_FREE_PARAMETERS = 10
"""Most free parameters that a study keeps."""

MAX_VALUE_LENGTH = 100
"""The longest value that is kept, in characters. A longer one counts as none."""


@dataclass(frozen=True)
class LinkParameters:
    """What a link says besides the recruitment id."""

    study_id: str | None = None
    """The study, as the recruitment platform names it."""

    session_id: str | None = None
    """This person's taking part in it, as the platform names it."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """The free parameters that the experiment keeps and the link has, by name."""

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> LinkParameters:
        """What `fields` had told, out of a line or a token that may have none of it."""
        return cls(fields.get("study_id"), fields.get("session_id"), fields.get("parameters") or {})

    @property
    def fields(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "study_id": self.study_id,
            "session_id": self.session_id,
            "parameters": dict(self.parameters),
        }


NO_PARAMETERS = LinkParameters()
"""A link that says nothing."""


def link_parameters(
    query: Mapping[str, Sequence[str]],
    *,
    study: str | None,
    session: str | None,
    free: Sequence[str],
) -> LinkParameters:
    """Read a query string.

    Args:
        query: all values of every parameter, decoded.
        study: the name of the parameter with the platform's study, `None` for none.
        session: the name of the parameter with the platform's session, `None` for none.
        free: the names of the free parameters to keep. Of several values, the first counts.
    """
    found = {name: _first(query, name) for name in free[:MAX_FREE_PARAMETERS]}
    return LinkParameters(
        study_id=_first(query, study),
        session_id=_first(query, session),
        parameters={name: value for name, value in found.items() if value is not None},
    )


def _first(query: Mapping[str, Sequence[str]], name: str | None) -> str | None:
    """The first value of a parameter that is text and was filled in; `None` if there is none."""
    values = () if name is None else query.get(name, ())
    texts = (plain_text(value, MAX_VALUE_LENGTH) for value in values)
    return next((text for text in texts if text is not None and not is_placeholder(text)), None)
