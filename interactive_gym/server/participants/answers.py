"""What participants have answered: checked once more, judged, and stored once.

A page may be sent again, when its acknowledgement was lost or the server was restarted meanwhile.
What is stored of it counts then, and not what comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.scenes.forms.field import FaultyAnswers, Form, Value
from interactive_gym.scenes.page_scene import PASSED, Judgement, StaticScene
from interactive_gym.scenes.scene import Scene
from interactive_gym.server.messages.answers import AdvanceScene
from interactive_gym.server.messages.rejections import RejectedInput


@dataclass(frozen=True)
class Taken:
    """What has become of a page that was sent."""

    judgement: Judgement = PASSED
    """What follows from its answers."""

    faults: Mapping[str, str] | None = None
    """By item, which rule an answer breaks; nothing is stored then."""

    @property
    def stays(self) -> bool:
        """Whether the participant stays on the page."""
        return self.faults is not None or self.judgement.stays

    @property
    def reply(self) -> dict[str, Any]:
        """What the page is answered."""
        if self.faults is not None:
            return {"faults": self.faults}
        if self.judgement.stays:
            return {"wrong": self.judgement.wrong, "tries_left": self.judgement.tries_left}
        return {}


class Answers:
    """Takes the answers to the pages of one experiment.

    Args:
        scenes: all scenes.
        write: appends the answers of a page; `DataStore.log_answers`.
    """

    def __init__(self, scenes: Iterable[Scene], write: Callable[..., None]) -> None:
        self._forms: dict[str, Form] = {
            scene.scene_id: scene.form() for scene in scenes if isinstance(scene, StaticScene)
        }
        self._write = write
        self._rejected = RejectedInput()
        self._stored: dict[tuple[str, str], tuple[int, dict[str, Value]]] = {}

    def restore(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take in what was stored before the server was restarted, line by line."""
        for line in lines:
            try:
                place, tries = (line["subject_id"], line["scene_id"]), int(line["tries"])
                before, values = self._stored.get(place, (0, {}))
                kept = values if tries == before else {}
                self._stored[place] = (tries, {**kept, line["item"]: line["value"]})
            except (KeyError, TypeError, ValueError):
                continue

    def tries_of(self, subject_id: str, scene_id: str) -> int:
        """How often a participant has sent a page whose answers were stored."""
        return self._stored.get((subject_id, scene_id), (0, {}))[0]

    def take(self, subject_id: str, scene: StaticScene, sent: AdvanceScene) -> Taken:
        """Check, store and judge the answers to the page on which a participant is."""
        place = (subject_id, scene.scene_id)
        tries, values = self._stored.get(place, (0, {}))
        form = self._forms[scene.scene_id]
        if tries and sent.attempt <= tries:
            return Taken(scene.judge(values, tries))
        if sent.declines:
            judgement = scene.declined()
            if judgement is None:
                return self._refuse(subject_id, {"": "nothing can be declined on this page"})
            values = {
                item: False if field.kind == "tick" else None for item, field in form.fields.items()
            }
        else:
            given = {answer.item: answer.values for answer in sent.answers}
            if len(given) < len(sent.answers):
                return self._refuse(subject_id, {"": "an item is answered twice"})
            try:
                values = form.values_of(given)
            except FaultyAnswers as fault:
                return self._refuse(subject_id, fault.faults)
            judgement = None
        tries = scene.counted(tries, sent.attempt)
        if values:
            self._store(subject_id, scene.scene_id, values, sent, tries)
            self._stored[place] = (tries, values)
        return Taken(scene.judge(values, tries) if judgement is None else judgement)

    def forget(self, subject_id: str, scene_id: str) -> None:
        """Forget the answers to a page that the participant has left."""
        self._stored.pop((subject_id, scene_id), None)

    def _store(
        self,
        subject_id: str,
        scene_id: str,
        values: Mapping[str, Value],
        sent: AdvanceScene,
        tries: int,
    ) -> None:
        ages_ms = {answer.item: answer.age_ms for answer in sent.answers}
        fields = self._forms[scene_id].fields
        answers = [
            {
                "item": item,
                "wording": fields[item].wording,
                "value": value,
                "age_ms": ages_ms.get(item),
            }
            for item, value in values.items()
        ]
        self._write(subject_id, scene_id, answers, shown_age_ms=sent.age_ms, tries=tries)

    def _refuse(self, subject_id: str, faults: Mapping[str, str]) -> Taken:
        self._rejected.note(subject_id, "answers", str(FaultyAnswers(faults)))
        return Taken(faults=faults)
