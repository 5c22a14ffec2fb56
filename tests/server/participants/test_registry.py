import itertools

import pytest
from itsdangerous import URLSafeSerializer

from interactive_gym.options.link_parameters import LinkParameters
from interactive_gym.server.participants.recruited import Recruited
from interactive_gym.server.participants.registry import Arrival, ParticipantRegistry


def registry(secret="secret", **options):
    numbers = itertools.count(1)
    codes = itertools.count(100)
    return ParticipantRegistry(
        secret,
        experiment_id="study",
        new_id=lambda: f"s{next(numbers)}",
        new_completion_code=lambda: f"C{next(codes)}",
        **options,
    )


def test_a_token_brings_its_own_subject_id_and_recruitment_id():
    participants = registry()
    token = participants.new_token("PROLIFIC1")
    connection = participants.connect(token, "page1", "sid1")
    assert connection.arrival is Arrival.FIRST
    assert connection.participant.subject_id == "s1"
    assert connection.participant.recruitment_id == "PROLIFIC1"
    assert participants.of_socket("sid1") is connection.participant


def test_a_token_brings_what_else_the_link_said():
    participants = registry()
    link = LinkParameters("study", "session", {"wave": "2"})
    connection = participants.connect(participants.new_token("P", link), "page1", "sid1")
    assert connection.participant.recruited == Recruited("P", link)


def test_every_token_without_a_recruitment_id_is_another_participant():
    participants = registry()
    tokens = [participants.new_token(None), participants.new_token(None)]
    seen = [participants.connect(token, "page", token).participant for token in tokens]
    assert [participant.subject_id for participant in seen] == ["s1", "s2"]
    assert seen[0].completion_code != seen[1].completion_code


def test_a_link_that_is_opened_again_leads_back_to_the_same_participant():
    participants = registry()
    first, second, other = (participants.new_token(who) for who in ("P", "P", "Q"))
    here = participants.connect(first, "page1", "sid1").participant
    participants.disconnect("sid1")
    again = participants.connect(second, "page2", "sid2")
    assert again.participant is here
    assert again.arrival is Arrival.RELOADED
    assert participants.connect(second, "page2", "sid3").arrival is Arrival.RECONNECTED
    assert participants.connect(other, "page", "sid4").participant is not here


def test_tokens_of_two_pages_that_were_opened_before_either_connected_are_one_participant():
    participants = registry()
    tokens = [participants.new_token("P"), participants.new_token("P")]
    participants.connect(tokens[1], "page2", "sid2")
    assert participants.connect(tokens[0], "page1", "sid1") == "open_elsewhere"


def test_a_recruitment_id_can_be_refused_a_second_time():
    participants = registry(repeated_id="refuse")
    first, second = participants.new_token("P"), participants.new_token("P")
    participants.connect(first, "page1", "sid1")
    participants.disconnect("sid1")
    assert participants.connect(second, "page2", "sid2") == "already_started"
    assert participants.connect(first, "page3", "sid3").arrival is Arrival.RELOADED


def test_a_recruitment_id_can_be_allowed_to_come_again_as_somebody_new():
    participants = registry(repeated_id="allow")
    tokens = [participants.new_token("P"), participants.new_token("P")]
    seen = [participants.connect(token, "page", token).participant for token in tokens]
    assert [participant.subject_id for participant in seen] == ["s1", "s2"]


FORGED = [
    None,
    "",
    7,
    {"subject_id": "s1"},
    "s1",
    registry("other secret").new_token(None),
    URLSafeSerializer("secret", salt="another purpose").dumps({"subject_id": "s1"}),
]


@pytest.mark.parametrize("token", FORGED)
def test_a_token_that_was_not_signed_here_is_refused(token):
    assert registry().connect(token, "page", "sid") == "invalid_token"


def test_a_token_that_was_changed_is_refused():
    participants = registry()
    token = participants.new_token("P")
    assert participants.connect("x" + token, "page", "sid") == "invalid_token"
    assert participants.connect(token[:-1], "page", "sid") == "invalid_token"


@pytest.mark.parametrize("page_id", [None, "", 5, ["a"], "x" * 101])
def test_a_page_without_a_proper_page_id_is_refused(page_id):
    participants = registry()
    assert participants.connect(participants.new_token(None), page_id, "sid") == "invalid_token"


@pytest.mark.parametrize("page_id", ["x", "x" * 100])
def test_a_page_id_has_one_to_a_hundred_characters(page_id):
    participants = registry()
    connection = participants.connect(participants.new_token(None), page_id, "sid")
    assert connection.arrival is Arrival.FIRST


def test_the_same_page_coming_back_is_a_reconnection_and_another_page_a_reload():
    participants = registry()
    token = participants.new_token(None)
    participants.connect(token, "page1", "sid1")
    participants.disconnect("sid1")
    assert participants.connect(token, "page1", "sid2").arrival is Arrival.RECONNECTED
    participants.disconnect("sid2")
    reload = participants.connect(token, "page2", "sid3")
    assert reload.arrival is Arrival.RELOADED
    assert reload.replaced_sid is None


def test_another_page_is_refused_while_one_is_connected_unless_it_takes_over():
    participants = registry()
    token = participants.new_token(None)
    first = participants.connect(token, "page1", "sid1").participant
    assert participants.connect(token, "page2", "sid2") == "open_elsewhere"
    assert participants.of_socket("sid1") is first
    assert first.page_id == "page1"
    participants.disconnect("sid1")
    assert participants.connect(token, "page2", "sid2").arrival is Arrival.RELOADED


def test_a_second_socket_that_takes_over_replaces_the_first_which_then_stands_for_nobody():
    participants = registry()
    token = participants.new_token(None)
    participants.connect(token, "page1", "sid1")
    connection = participants.connect(token, "page2", "sid2", takes_over=True)
    assert connection.replaced_sid == "sid1"
    assert participants.of_socket("sid1") is None
    assert participants.disconnect("sid1") is None
    assert connection.participant.sid == "sid2"
    assert participants.connected() == [connection.participant]


def test_where_a_participant_stands_outlives_a_lost_connection():
    participants = registry()
    token = participants.new_token(None)
    participants.connect(token, "page1", "sid1").participant.scene_index = 2
    participants.disconnect("sid1")
    assert participants.connected() == []
    assert participants.require("s1").scene_index == 2
    assert participants.connect(token, "page2", "sid2").participant.scene_index == 2


def test_a_token_tells_whose_it_is_before_and_after_they_connect():
    participants = registry()
    token = participants.new_token("prolific")
    before = participants.identity_of(token)
    assert before.recruited == Recruited("prolific")
    participants.connect(token, "page", "sid")
    assert participants.identity_of(participants.new_token("prolific")) == before
    assert participants.identity_of(participants.new_token(None)) != before
    assert participants.identity_of("forged") is None


def test_a_newcomer_is_whoever_has_a_genuine_token_and_was_never_connected():
    participants = registry()
    token = participants.new_token("5f3c")
    assert participants.is_newcomer(token)
    participants.connect(token, "page", "sid")
    for known in (token, participants.new_token("5f3c")):
        assert not participants.is_newcomer(known)
    assert participants.is_newcomer(participants.new_token("77aa"))
    for forged in (None, 5, "", token + "x"):
        assert not participants.is_newcomer(forged)
