"""The way of participants through a study: which scene follows, and what the last page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from interactive_gym.options.outcomes import WAYS_OUT, Outcome
from interactive_gym.options.panels import Recruitment
from interactive_gym.scenes.end_scenes import EndScene
from interactive_gym.scenes.forms.controls import paragraphs
from interactive_gym.scenes.outcomes.ending_table import EndingTable
from interactive_gym.scenes.page_scene import StaticScene
from interactive_gym.scenes.scene import ParticipantWay, Scene


class ParticipantInScene(ParticipantWay, Protocol):
    """What is known of a participant's way, and where they are."""

    @property
    def scene_index(self) -> int:
        """The place of their scene among all scenes."""

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """How the scenes that they have left ended for them, by scene id."""

    @property
    def exclusion_message(self) -> str | None:
        """What they are told if their device cannot run the study, else `None`."""


class Way:
    """The scenes of a study, and who comes to which of them.

    Args:
        scenes: all scenes, the last page last.
        route_of: the places of the scenes that a participant, given by subject id, comes to, in
            their order.
        endings: what each outcome means; `None` without a table.
        recruitment: where participants come from; `None` for no platform in particular.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        route_of: Callable[[str], Sequence[int]],
        endings: EndingTable | None = None,
        recruitment: Recruitment | None = None,
    ) -> None:
        self.scenes = tuple(scenes)
        """All scenes; a participant's `scene_index` is the place of theirs."""
        last = self.scenes[-1]
        assert isinstance(last, EndScene)  # A `Stager` lets no other scene stand there.
        self._last = last
        self._route_of = route_of
        self._endings = endings or EndingTable()
        self._recruitment = recruitment or Recruitment()

    def is_at_end(self, participant: ParticipantInScene) -> bool:
        """Whether a participant is at the last page."""
        return participant.scene_index == len(self.scenes) - 1

    def next_index(self, participant: ParticipantInScene) -> int:
        """Which scene a participant comes to from the one they are in."""
        route = self._route_of(participant.subject_id)
        at = participant.scene_index
        # A script that was changed meanwhile may have taken this scene out of their way.
        later = route[route.index(at) + 1 :] if at in route else [i for i in route if i > at]
        for index in later:
            if self._endings.follows(self.scenes[index], participant, self._last):
                return index
        return len(self.scenes) - 1

    def completion_code(self, participant: ParticipantInScene) -> str | None:
        """The code that a participant hands in; `None` where there is none."""
        return self._endings.code(self._last, participant)

    def last_page(self, participant: ParticipantInScene) -> dict[str, Any]:
        """What the last page shows to this participant in place of its own."""
        ending = self._ending(participant)
        return ending if "redirect_url" in ending else self._way_back(participant) | ending

    def _ending(self, participant: ParticipantInScene) -> dict[str, Any]:
        if participant.exclusion_message is not None:
            body = paragraphs(participant.exclusion_message)
            farewell = {"header": "Thank you for your interest", "subheader": "", "body": body}
        else:
            left = (s for s in self.scenes if participant.outcomes.get(s.scene_id) in WAYS_OUT)
            farewell = next((s.farewell() for s in left if isinstance(s, StaticScene)), {})
        return self._endings.page(self._last, participant, farewell)

    def _way_back(self, participant: ParticipantInScene) -> dict[str, str]:
        """The link to the recruitment platform, where the researcher set none."""
        if self._last.has_own_link:
            return {}
        code = self._endings.code_of_study(self._last, participant)
        url = self._recruitment.way_back(code, participant.recruitment_id)
        if url is None:
            return {}
        return {"redirect_url": url, "redirect_label": f"Back to {self._recruitment.panel.name}"}
