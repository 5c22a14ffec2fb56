"""What every scene has: an id, and a form that is sent to the participant's browser.

A scene is a description, the same for all participants. The server sends what `to_client` returns.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from interactive_gym.options.outcomes import PLAYED_NAME, Outcome, checked_names
from interactive_gym.options.validation import UNSET, folder_name

S = TypeVar("S", bound="Scene")


class ParticipantIds(Protocol):
    """What a scene may know of the participant it is shown to."""

    @property
    def subject_id(self) -> str:
        """The participant's opaque id."""

    @property
    def recruitment_id(self) -> str | None:
        """The id the recruitment platform gave, if any."""

    @property
    def completion_code(self) -> str:
        """A completion code that only this participant has."""

    @property
    def has_finished(self) -> bool:
        """Whether they have done their part in every game so far."""


class ParticipantWay(ParticipantIds, Protocol):
    """What is known of a participant's way through the study so far."""

    @property
    def outcome(self) -> Outcome:
        """The outcome so far; `completed` as long as nothing has kept them from it."""

    @property
    def has_played(self) -> bool:
        """Whether they have played at least one game."""


class Scene:
    """One step of an experiment, described by chained setters."""

    type: ClassVar[str]
    """The kind of page the browser shows, one of the scene types of the protocol."""

    def __init__(self) -> None:
        self._scene_id: str | None = None
        self.only_if: frozenset[str] | None = None
        """For whom the scene is: outcomes, or "played"; None for everybody."""
        self._header = ""
        self._subheader = ""
        self._body = ""

    @property
    def scene_id(self) -> str:
        """The scene's name in events and data; raises ValueError when none was given."""
        if self._scene_id is None:
            raise ValueError(
                f"scene_id is missing: name the {type(self).__name__} with .scene(scene_id=…)."
            )
        return self._scene_id

    def scene(self: S, *, scene_id: str, only_if: str | Sequence[str] | None = UNSET) -> S:
        """Name the scene, and say for whom it is.

        Args:
            scene_id: letters, digits, ``_`` and ``-``, unique within the experiment.
            only_if: whom the scene is shown to; None (the default) for everybody whom the table of
                outcomes lets come to it. "played": who has played at least one game. The names of
                outcomes: whose way through the study has this outcome so far. Naming an outcome
                also lets whoever has it come to this scene.
        """
        self._scene_id = folder_name("scene_id", scene_id)
        if only_if is not UNSET:
            self.only_if = (
                None if only_if is None else checked_names("only_if", only_if, (PLAYED_NAME,))
            )
        return self

    @property
    def html(self) -> tuple[str, ...]:
        """All HTML of the researcher's that the scene's page shows."""
        return (self._body,)

    def check(self) -> None:
        """Raise ValueError unless the scene is complete."""
        _ = self.scene_id

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene as the protocol sends it to this *participant*'s browser."""
        return {
            "scene_id": self.scene_id,
            "type": self.type,
            "header": self._header,
            "subheader": self._subheader,
            "body": self._body,
        }
