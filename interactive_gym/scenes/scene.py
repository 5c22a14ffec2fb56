"""What every scene has: an id, and a form that is sent to the participant's browser.

A scene is a description, the same for all participants. The server sends what `to_client` returns.
"""

from typing import Any, ClassVar, Protocol, TypeVar

from interactive_gym.options.validation import folder_name

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


class Scene:
    """One step of an experiment, described by chained setters."""

    type: ClassVar[str]
    """The kind of page the browser shows, one of the scene types of the protocol."""

    def __init__(self) -> None:
        self._scene_id: str | None = None
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

    def scene(self: S, *, scene_id: str) -> S:
        """Name the scene: letters, digits, ``_`` and ``-``, unique within the experiment."""
        self._scene_id = folder_name("scene_id", scene_id)
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
