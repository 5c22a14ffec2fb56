"""What every scene has: an id, and a form that is sent to the participant's browser.

Wrappers stand for several scenes: in their order, in one drawn for each participant, or repeated.

A scene is a description, the same for all participants. The server sends what `to_client` returns.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from interactive_gym.options.outcomes import PLAYED_NAME, Outcome, checked_names
from interactive_gym.options.validation import UNSET, folder_name, whole_number

S = TypeVar("S", bound="Scene")
T = TypeVar("T")


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


class SceneWrapper:
    """Several scenes in one place of the Stager, or of another wrapper, in their order."""

    def __init__(self, scenes: Sequence[Scene | SceneWrapper]) -> None:
        """Take the *scenes*; wrappers may be among them.

        Raises:
            ValueError: there are none, or something else is among them.
        """
        if not isinstance(scenes, (list, tuple)) or not scenes:
            raise ValueError(f"scenes is {scenes!r}: give a list of scenes that is not empty.")
        for scene in scenes:
            if not isinstance(scene, (Scene, SceneWrapper)):
                raise ValueError(f"scenes contains {scene!r}: give scenes such as TextBox().")
        self.scenes = tuple(scenes)
        """What it stands for."""

    def unfolded(self) -> tuple[Scene | SceneWrapper, ...]:
        """All that participants may come to, each with an id of its own."""
        return self.scenes

    def ordered(self, parts: Sequence[T], subject_id: str, place: str) -> list[T]:
        """What a participant comes to, in their order, the same at every call.

        Args:
            parts: what stands for each of `unfolded`.
            subject_id: the participant.
            place: where the wrapper stands, so that several draw on their own.
        """
        return list(parts)


class RandomizeOrder(SceneWrapper):
    """Scenes in an order that is drawn for each participant, or only some of them."""

    def __init__(
        self, scenes: Sequence[Scene | SceneWrapper], keep_n: int | None = None, seed: int = 0
    ) -> None:
        """Take the *scenes*.

        The order follows from the seed and the subject id, so a restart of the server keeps it.

        Args:
            scenes: what is put into an order; a wrapper stays together.
            keep_n: how many of them a participant comes to; None for all.
            seed: another seed draws other orders.

        Raises:
            ValueError: a value cannot be used.
        """
        super().__init__(scenes)
        if keep_n is not None:
            whole_number("keep_n", keep_n, 1, len(self.scenes), other="None")
        self.keep_n = keep_n
        """How many of them a participant comes to; None for all."""
        self.seed = whole_number("seed", seed, 0)
        """What orders are drawn by."""

    def ordered(self, parts: Sequence[T], subject_id: str, place: str) -> list[T]:
        """Draw a participant's order."""
        draw = random.Random(f"{self.seed} {place} {subject_id}")
        return draw.sample(parts, len(parts) if self.keep_n is None else self.keep_n)


class RepeatScene(SceneWrapper):
    """Scenes several times in a row, with the ids ``trial_1``, ``trial_2`` … for ``trial``."""

    def __init__(self, scenes: Scene | Sequence[Scene | SceneWrapper], n: int) -> None:
        """Take the *scenes*, or one, and how often they come.

        Raises:
            ValueError: a value cannot be used.
        """
        super().__init__([scenes] if isinstance(scenes, Scene) else scenes)
        self.n = whole_number("n", n, 1)
        """How often they come."""

    def unfolded(self) -> tuple[Scene | SceneWrapper, ...]:
        """Return copies of the scenes, once for each repetition."""
        return tuple(
            _numbered(scene, number) for number in range(1, self.n + 1) for scene in self.scenes
        )


def _numbered(part: Scene | SceneWrapper, number: int) -> Scene | SceneWrapper:
    """A copy whose scenes have a number at the end of their ids."""
    if isinstance(part, Scene):
        return copy.deepcopy(part).scene(scene_id=f"{part.scene_id}_{number}")
    copied = copy.copy(part)
    copied.scenes = tuple(_numbered(scene, number) for scene in part.scenes)
    return copied
