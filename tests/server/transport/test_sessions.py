import pytest

from interactive_gym.server.transport.allowance import PATIENCE_S, SIGNED_IN
from interactive_gym.server.transport.sessions import (
    MAX_MALFORMED,
    SIGN_IN_S,
    Sessions,
)


@pytest.fixture
def clock():
    class Clock:
        now_s = 100.0

        def __call__(self):
            return self.now_s

    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


def test_little_may_come_before_the_sign_in(sessions):
    session = sessions.open("a")
    assert sessions.charge(session, messages=30, size=0) == 0
    assert sessions.charge(session, messages=1, size=0) > 0
    sessions.sign_in("a", "anna")
    assert session.limits is SIGNED_IN
    assert sessions.charge(session, messages=200, size=0) == 0


def test_who_connects_again_gains_nothing(sessions):
    session = sessions.open("a")
    sessions.sign_in("a", "anna")
    spent = sessions.charge(session, messages=1000, size=0)
    sessions.close("a")
    again = sessions.open("b")
    assert sessions.sign_in("b", "anna") > spent
    assert sessions.charge(again, messages=1, size=0) > spent
    other = sessions.open("c")
    assert sessions.sign_in("c", "bert") == 0
    assert sessions.charge(other, messages=1, size=0) == 0


def test_a_flood_ends_the_session_with_a_reason_and_one_line(sessions, clock, caplog):
    session = sessions.open("a")
    sessions.sign_in("a", "anna")
    began_s = clock.now_s
    while session.end_reason is None:
        clock.now_s += sessions.charge(session, messages=10, size=0)
        assert clock.now_s < began_s + 2 * PATIENCE_S
    assert session.end_reason == "too many messages"
    assert sessions.ended() == [session]
    for _ in range(5):
        sessions.charge(session, messages=10, size=0)
    assert [record.getMessage() for record in caplog.records] == [
        "Dropped the connection of participant anna: too many messages"
    ]


def test_malformed_packets_end_the_session_and_are_logged_by_powers_of_ten(sessions, caplog):
    session = sessions.open("a")
    for _ in range(MAX_MALFORMED):
        assert session.end_reason is None
        sessions.note_malformed(session, "a packet", "it is no text")
    assert session.end_reason == "malformed messages"
    assert len(caplog.records) == 4


def test_who_stands_for_nobody_for_long_is_overdue(sessions, clock):
    silent, signed_in = sessions.open("a"), sessions.open("b")
    sessions.sign_in("b", "anna")
    clock.now_s += SIGN_IN_S
    assert sessions.overdue() == []
    clock.now_s += 0.1
    assert sessions.overdue() == [silent]
    assert sessions.signed_in() == [signed_in]
    sessions.close("a")
    assert sessions.overdue() == []
    assert sessions.get("a") is None
