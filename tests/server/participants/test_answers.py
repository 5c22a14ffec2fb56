import pytest

from interactive_gym.scenes.page_scene import Judgement, StaticScene
from interactive_gym.server.messages.answers import AdvanceScene, GivenAnswer
from interactive_gym.server.participants.answers import Answers

BODY = '<input type="number" name="age" required><input name="words">'


class TwoTries(StaticScene):
    """A page whose number must be 7, in two tries."""

    def counted(self, tries, attempt):
        return tries + 1

    def judge(self, values, tries):
        if values["age"] == 7:
            return Judgement()
        if tries < 2:
            return Judgement(wrong=("age",), tries_left=2 - tries)
        return Judgement("failed_quiz")


class Study:
    """One page, and what is written of it."""

    def __init__(self, scene=None):
        self.scene = (scene or StaticScene()).scene(scene_id="page").display(scene_body=BODY)
        self.written = []
        self.answers = Answers([self.scene], self._write)

    def send(self, age, attempt=1, **more):
        given = [GivenAnswer("age", [str(age)], 5.0)]
        sent = AdvanceScene("page", given, age_ms=9.0, attempt=attempt, **more)
        return self.answers.take("anna", self.scene, sent)

    def _write(self, subject_id, scene_id, answers, *, shown_age_ms, tries):
        assert (subject_id, scene_id, shown_age_ms) == ("anna", "page", 9.0)
        for answer in answers:
            self.written.append((answer["item"], answer["value"], answer["age_ms"], tries))


def test_all_questions_of_a_page_are_stored_also_those_left_out():
    study = Study()
    taken = study.send(30, attempt=3)
    assert not taken.stays
    assert study.written == [("age", 30, 5.0, 3), ("words", None, None, 3)]


def test_what_breaks_a_rule_is_told_and_not_stored():
    study = Study()
    taken = study.send("old")
    assert taken.stays
    assert taken.reply == {"faults": {"age": "Please enter a number."}}
    assert study.written == []


def test_a_page_that_comes_again_is_not_stored_again_and_the_first_answers_count():
    study = Study(TwoTries())
    first = study.send(3)
    assert first.reply == {"wrong": ("age",), "tries_left": 1}
    # Sent again with another answer, as if it were the same try.
    assert study.send(7) == first
    assert len(study.written) == 2
    assert study.send(7, attempt=2).reply == {}
    assert [tries for *_, tries in study.written] == [1, 1, 2, 2]


def test_a_try_cannot_be_had_by_claiming_an_earlier_or_a_later_one():
    study = Study(TwoTries())
    study.send(3, attempt=900)
    assert study.answers.tries_of("anna", "page") == 1
    assert study.send(3, attempt=901).judgement.way_out == "failed_quiz"


def test_tries_and_answers_are_known_again_after_a_restart():
    study = Study(TwoTries())
    lines = [
        {"subject_id": "anna", "scene_id": "page", "item": item, "value": value, "tries": 1}
        for item, value in (("age", 3), ("words", None))
    ]
    study.answers.restore(
        [*lines, {"broken": True}, {**lines[0], "tries": None}, {**lines[0], "item": []}]
    )
    assert study.answers.tries_of("anna", "page") == 1
    assert study.send(7).reply == {"wrong": ("age",), "tries_left": 1}
    assert study.written == []
    assert not study.send(7, attempt=2).stays


@pytest.mark.parametrize("scene", [None, TwoTries()])
def test_nothing_can_be_declined_where_nothing_is_asked_for(scene):
    assert Study(scene).send(30, declines=True).faults
