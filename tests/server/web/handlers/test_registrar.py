import logging

import msgspec
import pytest

from interactive_gym.server.messages.fields import Id
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar
from tests.support.browser_events import FakeSocketIO


class Question(msgspec.Struct):
    about: Id


class Division(msgspec.Struct):
    by: float


@pytest.fixture
def sio():
    return FakeSocketIO()


@pytest.fixture
def registrar(sio):
    participants = ParticipantRegistry(
        "secret", experiment_id="study", new_id=lambda: "s1", new_completion_code=lambda: "C"
    )
    participants.connect(participants.new_token(None), "page", "sid1")
    return HandlerRegistrar(sio, participants)


def test_a_handler_gets_the_participant_of_the_socket_and_answers_it(sio, registrar):
    @registrar.on("ask", Question)
    def ask(participant, question):
        return {"who": participant.subject_id, "about": question.about}

    assert sio.receive("sid1", "ask", {"about": "x"}) == {"who": "s1", "about": "x"}


def test_a_socket_that_stands_for_nobody_reaches_no_handler(sio, registrar):
    calls = []
    registrar.on("ask", Question)(lambda *call: calls.append(call))
    assert sio.receive("replaced", "ask", {"about": "x"}) is None
    assert calls == []


@pytest.mark.parametrize("about", ["x", "x" * 100])
def test_an_id_has_one_to_a_hundred_characters(sio, registrar, about):
    registrar.on("ask", Question)(lambda _, question: question.about)
    assert sio.receive("sid1", "ask", {"about": about}) == about


@pytest.mark.parametrize(
    "payloads",
    [
        *((), ("x",), (None,), ({"about": "x"}, {"about": "x"}), ({},)),
        *(
            ({"about": 1},),
            ({"about": ""},),
            ({"about": "x" * 101},),
            ({"about": "x", "\ud800": 1},),
        ),
    ],
)
def test_a_malformed_payload_reaches_no_handler_and_is_logged_once(
    sio, registrar, caplog, payloads
):
    calls = []
    registrar.on("ask", Question)(lambda *call: calls.append(call))
    for _ in range(3):
        assert sio.receive("sid1", "ask", *payloads) is None
    assert calls == []
    assert len(caplog.records) == 1


def test_a_handler_that_fails_is_logged_and_works_for_the_next_payload(sio, registrar, caplog):
    @registrar.on("divide", Division)
    def divide(_, division):
        return 1 / division.by

    with caplog.at_level(logging.ERROR):
        assert sio.receive("sid1", "divide", {"by": 0}) is None
    assert "ZeroDivisionError" in caplog.text
    assert sio.receive("sid1", "divide", {"by": 1}) == 1
