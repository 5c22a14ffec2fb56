import inspect
from dataclasses import FrozenInstanceError

import pytest

from interactive_gym.server import matchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker


def candidates(*subject_ids: str) -> list[MatchCandidate]:
    return [MatchCandidate(subject_id) for subject_id in subject_ids]


def test_a_candidate_needs_only_a_subject_id():
    candidate = MatchCandidate("a")
    assert candidate.rtt_ms is None
    assert candidate.waiting_since_s is None
    assert dict(candidate.attributes) == {}


def test_a_candidate_cannot_be_changed():
    candidate = MatchCandidate("a", rtt_ms=20.0)
    with pytest.raises(FrozenInstanceError):
        candidate.rtt_ms = 30.0
    assert hash(candidate) == hash(MatchCandidate("a", rtt_ms=20.0))


def test_the_base_class_is_abstract_in_find_match_alone():
    assert Matchmaker.__abstractmethods__ == {"find_match"}


def test_by_default_there_is_no_threshold_and_nothing_is_rejected():
    fifo = FIFOMatchmaker()
    assert fifo.max_p2p_rtt_ms is None
    assert fifo.should_reject_for_rtt(10_000) is False
    assert fifo.should_reject_for_rtt(None) is False


@pytest.mark.parametrize(
    ("measured_rtt_ms", "rejected"),
    [(100, False), (150, False), (150.01, True), (200, True), (None, True), (float("nan"), True)],
)
def test_a_threshold_rejects_what_is_above_it_and_what_failed(measured_rtt_ms, rejected):
    assert FIFOMatchmaker(max_p2p_rtt_ms=150).should_reject_for_rtt(measured_rtt_ms) is rejected


@pytest.mark.parametrize(
    "threshold", [0, -5, True, False, float("nan"), float("inf"), "150", [150], 1j]
)
def test_a_threshold_that_is_no_positive_number_is_refused_with_a_sentence(threshold):
    with pytest.raises(ValueError, match=r"max_p2p_rtt_ms is ") as refusal:
        FIFOMatchmaker(max_p2p_rtt_ms=threshold)
    assert repr(threshold) in str(refusal.value)
    assert "a positive number of milliseconds, or None for no limit." in str(refusal.value)


def test_a_subclass_that_does_not_call_the_base_constructor_has_no_threshold():
    class Careless(FIFOMatchmaker):
        def __init__(self) -> None:
            self.condition = "a"

    assert Careless().max_p2p_rtt_ms is None


def test_a_subclass_can_override_the_verdict_alone():
    class Strict(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return measured_rtt_ms is None or measured_rtt_ms > 10

    assert Strict(max_p2p_rtt_ms=500).should_reject_for_rtt(20) is True


def test_fifo_waits_until_the_group_is_complete():
    arriving, *waiting = candidates("c", "a")
    assert FIFOMatchmaker().find_match(arriving, waiting, 3) is None


def test_fifo_proposes_the_longest_waiting_and_the_arriving_one():
    arriving, *waiting = candidates("d", "a", "b", "c")
    proposal = FIFOMatchmaker().find_match(arriving, waiting, 3)
    assert [candidate.subject_id for candidate in proposal] == ["a", "b", "d"]


def test_fifo_seats_by_arrival_also_when_the_longest_waiting_is_asked_for():
    early, late = MatchCandidate("a", waiting_since_s=1.0), MatchCandidate("b", waiting_since_s=2.0)
    assert FIFOMatchmaker().find_match(early, [late], 2) == [early, late]


def test_fifo_makes_a_group_of_one_at_once():
    (arriving,) = candidates("a")
    assert FIFOMatchmaker().find_match(arriving, [], 1) == [arriving]


def test_fifo_does_not_modify_the_waiting():
    arriving, *waiting = candidates("c", "a", "b")
    before = list(waiting)
    FIFOMatchmaker().find_match(arriving, waiting, 2)
    assert waiting == before


def test_the_module_tells_the_two_latencies_apart_and_when_they_are_used():
    text = " ".join(inspect.getdoc(matchmaker).split())
    assert "*server RTT*" in text
    assert "*P2P RTT*" in text
    assert "filtering by it happens after a proposal" in text
    assert "not inside `find_match`" in text
