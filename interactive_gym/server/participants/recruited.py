"""Who participants are to the recruitment platform, as the lines of ``recruitment.jsonl`` tell it.

The only file with recruitment ids. Studies of earlier versions have them in ``participants.jsonl``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.options.link_parameters import NO_PARAMETERS, LinkParameters


@dataclass(frozen=True)
class Recruited:
    """Who somebody is to the recruitment platform: personal data."""

    recruitment_id: str | None = None
    """Their id there."""

    link: LinkParameters = NO_PARAMETERS
    """What else their link said."""


class RecruitmentLog:
    """Writes for every participant once who they are to the recruitment platform.

    Args:
        write: appends a line; `DataStore.log_recruitment`.
    """

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._written: set[str] = set()

    def restore(self, subject_id: str) -> None:
        """Note that an earlier start of the server has written about this participant."""
        self._written.add(subject_id)

    def note(self, subject_id: str, recruited: Recruited) -> None:
        """Append the line of a participant, unless that has been done or there is nothing to say.

        Call it before anything else is written about them, so that they are never known without it.
        """
        if recruited == Recruited() or subject_id in self._written:
            return
        self._written.add(subject_id)
        self._write(
            subject_id,
            recruitment_id=recruited.recruitment_id,
            **recruited.link.fields,
        )


def recruited_by_subject(
    lines: Iterable[Mapping[str, Any]], participant_lines: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Recruited]:
    """Who participants are, by subject id; the first line about somebody counts.

    Args:
        lines: those of ``recruitment.jsonl``.
        participant_lines: those of ``participants.jsonl``, which name a recruitment id only where
            an earlier version has written them.
    """
    found: dict[str, Recruited] = {}
    for line in lines:
        if isinstance(line.get("subject_id"), str):
            link = LinkParameters.of_fields(line)
            found.setdefault(line["subject_id"], Recruited(line.get("recruitment_id"), link))
    for line in participant_lines:
        earlier = line.get("recruitment_id")
        if isinstance(line.get("subject_id"), str) and earlier is not None:
            found.setdefault(line["subject_id"], Recruited(earlier))
    return found
