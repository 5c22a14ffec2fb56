"""Answers as no page sends them, and pages that are sent again, over real sockets."""

import random
import time

import pytest

from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment

PAGES = """[
    StaticScene().scene(scene_id="asked").display(scene_body=(
        '<label>Age <input type="number" name="age" min="18" max="120" required></label>'
        '<label>Words <textarea name="words" maxlength="50"></textarea></label>'
    )),
    StaticScene().scene(scene_id="after").display(scene_body='<input name="more">'),
]"""


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(tmp_path, pages=PAGES)
    yield experiment
    log = experiment.log
    experiment.stop()
    assert "Traceback" not in log, log


def come_to(served, *scene_ids):
    """A participant who has gone on to the last of these scenes."""
    page = Page(served).connect()
    page.send("advance_scene", {"scene_id": "start"})
    for scene_id in scene_ids:
        page.wait_for_scene(scene_id)
    return page


def answers(**values):
    return [{"item": item, "values": [value], "age_ms": 10.0} for item, value in values.items()]


def stored(served):
    return {(line["scene_id"], line["item"]): line["value"] for line in served.answer_lines()}


HOSTILE = {
    "an unknown name": answers(age="30", colour="red"),
    "a name of the next page": answers(age="30", more="x"),
    "an oversize value": answers(age="30", words="x" * 51),
    "a number out of range": answers(age="17"),
    "no number": answers(age="thirty"),
    "a required answer left out": answers(words="none"),
    "two values for one question": [{"item": "age", "values": ["30", "31"]}],
    "one item twice": answers(age="30") + answers(age="40"),
}

MALFORMED = {
    "a number that is no text": [{"item": "age", "values": [30]}],
    "no list of values": [{"item": "age", "values": "30"}],
    "an object": [{"item": "age", "values": [{"$gt": ""}]}],
    "an age before its birth": [{"item": "age", "values": ["30"], "age_ms": -1}],
    "an age for ever": [{"item": "age", "values": ["30"], "age_ms": 1e300}],
    "more than any page asks": [{"item": "age", "values": []}] * 1001,
    "a mountain": [{"item": "age", "values": ["x" * 10_001]}],
}


def test_hostile_answers_are_refused_once_logged_and_never_stored(served):
    mallory = come_to(served, "asked")
    for number, given in enumerate(HOSTILE.values(), start=1):
        told = {"scene_id": "asked", "answers": given, "attempt": number}
        assert mallory.call("advance_scene", told)["faults"], given
    for given in MALFORMED.values():
        assert mallory.call("advance_scene", {"scene_id": "asked", "answers": given}) is None
    assert served.answer_lines() == []
    lines = [line for line in served.log.splitlines() if "Dropped answers of" in line]
    assert len(lines) == 1, served.log
    reply = mallory.call("advance_scene", {"scene_id": "asked", "answers": answers(age="30")})
    assert reply == {}
    assert stored(served) == {("asked", "age"): 30, ("asked", "words"): None}


def test_answers_for_a_scene_in_which_one_is_not_change_nothing(served):
    mallory = come_to(served, "asked")
    for scene_id in ("after", "game", "end", "nowhere"):
        told = {"scene_id": scene_id, "answers": answers(more="x")}
        assert mallory.call("advance_scene", told) is None
    told = {"scene_id": "asked", "answers": answers(age="30"), "declines": True}
    assert "faults" in mallory.call("advance_scene", told)
    assert served.answer_lines() == []


def test_a_page_that_is_sent_again_is_stored_once(served):
    page = come_to(served, "asked")
    told = {"scene_id": "asked", "answers": answers(age="30", words="<script>"), "age_ms": 900.0}
    for _ in range(3):
        page.send("advance_scene", told)
    page.wait_for_scene("after")
    assert page.call("advance_scene", told) is None
    other = {"scene_id": "asked", "answers": answers(age="50"), "attempt": 2}
    assert page.call("advance_scene", other) is None
    assert stored(served) == {("asked", "age"): 30, ("asked", "words"): "<script>"}
    assert len(served.answer_lines()) == 2
    line = served.answer_lines()[0]
    assert line["shown_at"] < line["answered_at"] < line["time"]
    assert line["tries"] == 1
    assert len(line["wording"]) == 64


def test_whatever_was_acknowledged_survives_a_kill(tmp_path):
    """At a random moment while many go on, and the page that was open goes on afterwards."""
    served = ServedExperiment(tmp_path, pages=PAGES)
    seed = random.SystemRandom().getrandbits(32)
    rng = random.Random(seed)
    people = [come_to(served, "asked") for _ in range(8)]
    replies: list[int] = []
    for number, page in enumerate(people):
        told = {"scene_id": "asked", "answers": answers(age=str(20 + number))}
        page.client.emit("advance_scene", told, callback=lambda _, n=number: replies.append(n))
    time.sleep(rng.uniform(0.0, 0.03))
    served.kill()
    acknowledged = list(replies)
    values = [line["value"] for line in served.answer_lines() if line["item"] == "age"]
    assert {20 + number for number in acknowledged} <= set(values), seed
    served.start()
    for number, page in enumerate(people):
        back = page.reconnect().connect()
        told = {"scene_id": "asked", "answers": answers(age=str(20 + number))}
        deadline = time.monotonic() + DEADLINE_S
        while back.wait_for("scene")["scene"]["scene_id"] != "after":
            assert time.monotonic() < deadline
            assert back.call("advance_scene", told) == {}
    values = sorted(line["value"] for line in served.answer_lines() if line["item"] == "age")
    assert values == [20 + number for number in range(len(people))], seed
    served.stop()


QUIZ = """[
    Consent().scene(scene_id="consent"),
    Quiz().scene(scene_id="quiz").display(questions=["Which?"], choices=["a", "b", "c"])
        .quiz(right_answers=["c"], tries=2),
]"""


def test_nobody_gets_past_consent_and_quiz_by_sending_what_no_page_sends(tmp_path):
    served = ServedExperiment(tmp_path, pages=QUIZ)
    cheat = come_to(served, "consent")
    for told in ({}, {"answers": [{"item": "consent", "values": []}]}):
        assert "faults" in cheat.call("advance_scene", {"scene_id": "consent", **told})
    told = {"scene_id": "consent", "answers": [{"item": "consent", "values": ["on"]}]}
    assert cheat.call("advance_scene", told) == {}
    assert "right_answers" not in str(cheat.wait_for_scene("quiz"))

    def guess(page, choice, attempt):
        given = [{"item": "question_1", "values": [choice]}]
        return page.call(
            "advance_scene", {"scene_id": "quiz", "answers": given, "attempt": attempt}
        )

    wrong = {"wrong": ["question_1"], "tries_left": 1}
    assert guess(cheat, "a", 1) == wrong
    # The right answer, said to be the try that was made already.
    assert guess(cheat, "c", 1) == guess(cheat, "c", 0) == wrong
    served.kill()
    served.start()
    cheat = cheat.reconnect().connect()
    assert cheat.wait_for("scene")["tries"] == 1
    assert guess(cheat, "c", 1) == wrong
    assert guess(cheat, "b", 99) == {}
    scene = cheat.wait_for_scene("end")["scene"]
    assert scene["code"] != "FINISHED"
    assert "not right" in scene["body"]
    assert [line["value"] for line in served.answer_lines()] == [True, "a", "b"]
    assert served.participant_lines()[-1]["outcome"] == "failed_quiz"
    served.stop()


def test_whoever_declines_is_out_and_stays_out(tmp_path):
    served = ServedExperiment(tmp_path, pages=QUIZ)
    person = come_to(served, "consent")
    assert person.call("advance_scene", {"scene_id": "consent", "declines": True}) == {}
    scene = person.wait_for_scene("end")["scene"]
    assert scene["redirect_url"] == "https://panel.example/back"
    told = {"scene_id": "consent", "answers": [{"item": "consent", "values": ["on"]}]}
    assert person.call("advance_scene", told) is None
    served.kill()
    served.start()
    back = person.reload().connect().wait_for("scene")["scene"]
    assert (back["header"], back["code"]) == ("You do not take part", scene["code"])
    assert [line["value"] for line in served.answer_lines()] == [False]
    served.stop()
