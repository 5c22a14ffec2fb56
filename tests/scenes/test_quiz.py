import re

import pytest

from interactive_gym.scenes.page_scene import PASSED, Judgement
from interactive_gym.scenes.static_scene import Quiz
from interactive_gym.server.participants.registry import Participant


def quiz(**options):
    scene = Quiz().scene(scene_id="quiz")
    scene.display(
        questions={"aim": "What?", "keys": "Which?"},
        choices=[["Soup", "Cake"], ["Up", "Down", "Left"]],
        multi_select=[False, True],
    )
    scene.quiz(**({"right_answers": ["Soup", ["Left", "Up"]]} | options))
    scene.check()
    return scene


def test_whoever_is_right_goes_on_in_whatever_order_the_choices_were_written():
    assert quiz().judge({"aim": "Soup", "keys": ["Up", "Left"]}, 1) == PASSED


def test_what_is_wrong_is_named_and_the_tries_that_are_left():
    values = {"aim": "Soup", "keys": ["Up"]}
    assert quiz().judge(values, 7) == Judgement(wrong=("keys",))
    assert quiz(tries=3).judge(values, 1) == Judgement(wrong=("keys",), tries_left=2)
    assert quiz(tries=3).judge(values, 3).way_out == "failed_quiz"
    assert quiz(tries=3).judge({"aim": "Soup", "keys": ["Up", "Left"]}, 3) == PASSED


def test_a_try_is_counted_by_the_server_whatever_a_page_says():
    assert [quiz().counted(tries, attempt) for tries, attempt in ((0, 1), (1, 9))] == [1, 2]


def test_the_browser_is_never_sent_what_is_right():
    person = Participant("s1", None, "CODE")
    first, second = quiz(), quiz(right_answers={"aim": "Cake", "keys": "Down"})
    assert first.to_client(person) == second.to_client(person)


def test_any_html_can_be_a_quiz():
    scene = Quiz().scene(scene_id="quiz").display(scene_body='<input type="number" name="n">')
    scene.quiz(right_answers={"n": 7}).check()
    assert scene.judge({"n": 7}, 1) == PASSED
    assert scene.judge({"n": 8}, 1).wrong == ("n",)


def test_what_the_last_page_then_says_is_shown_as_it_is_written():
    assert quiz(failed_message="<b>\n\nSorry").farewell()["body"] == "<p>&lt;b&gt;</p><p>Sorry</p>"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"right_answers": []}, "right_answers is []: give a list"),
        ({"right_answers": ["Soup"]}, "has 1 entries in the scene 'quiz': give one for each of"),
        (
            {"right_answers": ["Pie", ["Up"]]},
            "has 'Pie' for 'aim' in the scene 'quiz': give one",
        ),
        ({"right_answers": {"name": "x"}}, "name one of the items 'aim', 'keys'"),
        ({"tries": 0}, "tries is 0: give a whole number of at least 1, or None"),
        ({"failed_message": ""}, "failed_message is ''"),
    ],
)
def test_a_quiz_that_nobody_could_pass_is_refused(options, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        quiz(**options)


def test_a_quiz_without_questions_or_answers_is_refused():
    with pytest.raises(ValueError, match="right_answers has 0 entries"):
        Quiz().scene(scene_id="quiz").display(questions=["1?"], choices=["a", "b"]).check()


def test_questions_about_who_can_take_part_lead_to_an_outcome_of_their_own():
    screening = quiz(tries=1, outcome="screened_out")
    assert screening.judge({"aim": "Cake"}, 1).way_out == "screened_out"
    with pytest.raises(ValueError, match="outcome is 'idle'"):
        quiz(outcome="idle")
