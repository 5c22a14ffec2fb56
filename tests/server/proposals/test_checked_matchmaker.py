from types import SimpleNamespace

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.matching_fakes import World, answering

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def test_a_custom_find_match_is_honoured_when_probing_is_on():
    class Newest(Matchmaker):
        def find_match(self, arriving, waiting, group_size):
            return [waiting[-1], arriving] if waiting else None

    world = World(matchmaker=Newest(150))
    world.manager.join("a")
    world.prober.inside = None
    world.manager._add_to_waitroom("b")
    world.join("c")
    assert world.prober.pairs == [("b", "c")]


def test_a_custom_find_match_is_never_offered_a_pair_known_to_be_bad():
    offered = {}

    class Watching(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            offered[arriving.subject_id] = [candidate.subject_id for candidate in waiting]
            return super().find_match(arriving, waiting, group_size)

    world = World(matchmaker=Watching(150), probe_coordinator=answering(200))
    world.join("a", "b")
    offered.clear()
    world.pass_time(3.0)
    assert offered == {"a": [], "b": []}
    offered.clear()
    world.prober.inside = None
    world.join("c", "d")
    assert offered == {"c": ["a", "b"], "d": ["b"]}
    offered.clear()
    world.prober.last.complete(200)
    assert all("a" not in offered.get(bad, []) for bad in "bc")


class Misbehaving(FIFOMatchmaker):
    """Gives one bad answer for as long as it is told to."""

    def __init__(self, answer) -> None:
        super().__init__(150)
        self.answer = answer

    def find_match(self, arriving, waiting, group_size):
        if self.answer is None or not waiting:
            return super().find_match(arriving, waiting, group_size)
        return self.answer(arriving, list(waiting))


def divide_by_zero(arriving, waiting):
    return 1 / 0


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (divide_by_zero, "find_match raised ZeroDivisionError"),
        (lambda arriving, waiting: [arriving], "returned 1 members, not 2"),
        (lambda arriving, waiting: [arriving, arriving], "returned somebody twice"),
        (lambda arriving, waiting: [arriving, MatchCandidate("x")], "who was not offered"),
        (lambda arriving, waiting: [arriving, "a"], "who was not offered"),
        (lambda arriving, waiting: [waiting[0], waiting[0]], "returned somebody twice"),
        (lambda arriving, waiting: waiting[:1] * 3, "returned 3 members, not 2"),
        (lambda arriving, waiting: "ab", "returned a str, not a list"),
        (lambda arriving, waiting: {arriving}, "returned a set, not a list"),
    ],
)
def test_a_misbehaving_matchmaker_is_named_and_nothing_else_is_touched(caplog, answer, sentence):
    matchmaker = Misbehaving(answer)
    world = World(matchmaker=matchmaker)
    world.join("a", "b")
    assert sentence in caplog.text
    assert "Matchmaker Misbehaving" in caplog.text
    assert sentence in world.ledger.of("matchmaker_error")[0]["fault"]
    assert [world.manager.states.of(subject_id) for subject_id in "ab"] == [WAITING, WAITING]
    assert world.prober.probes == []
    world.pass_time(10.0)
    assert len(world.ledger.of("matchmaker_error")) == 2, "once per participant"
    matchmaker.answer = None
    world.pass_time(2.0)
    assert world.prober.pairs == [("a", "b")]


def test_a_proposal_that_leaves_out_the_arriving_one_is_refused(caplog):
    world = World(matchmaker=Misbehaving(lambda arriving, waiting: waiting[:2]))
    world.manager._add_to_waitroom("a")
    world.manager._add_to_waitroom("b")
    world.join("c")
    assert "left out the arriving participant" in caplog.text
    assert world.manager.states.of("c") is WAITING


def test_a_matchmaker_that_empties_the_list_it_is_given_harms_nobody():
    class Emptying(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            match = super().find_match(arriving, waiting, group_size)
            waiting.clear()
            return match

    world = World(matchmaker=Emptying(150), probe_coordinator=answering(200))
    world.join("a", "b", "c")
    assert world.prober.pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_matchmaker_may_answer_with_objects_of_its_own():
    answer = Misbehaving(
        lambda arriving, waiting: tuple(
            SimpleNamespace(subject_id=who.subject_id) for who in (waiting[0], arriving)
        )
    )
    world = World(matchmaker=answer, probe_coordinator=answering(20))
    world.join("a", "b")
    assert world.games() == [("a", "b")]


def test_a_find_match_that_makes_its_candidate_leave_cannot_seat_them():
    class Meddling(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            match = super().find_match(arriving, waiting, group_size)
            if match is not None:
                world.manager.leave(waiting[0].subject_id, "meddled with")
            return match

    world = World(matchmaker=Meddling())
    world.join("a", "b")
    assert world.manager.states.of("b") is WAITING
    assert world.manager.states.of("a") is IDLE
    assert world.games() == []


@pytest.mark.parametrize("spec", [None, Matchmaker])
def test_anything_with_find_match_and_a_verdict_can_decide(mocker, spec):
    matchmaker = mocker.Mock(spec=spec) if spec else mocker.Mock()
    matchmaker.max_p2p_rtt_ms = 150
    matchmaker.find_match.side_effect = lambda arriving, waiting, size: (
        [waiting[-1], arriving] if waiting else None
    )
    matchmaker.should_reject_for_rtt.return_value = False
    world = World(matchmaker=matchmaker, probe_coordinator=answering(900.0))
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    matchmaker.should_reject_for_rtt.assert_called_once_with(900.0)


def test_a_find_match_replaced_on_the_object_is_the_one_asked(mocker):
    matchmaker = FIFOMatchmaker()
    mocker.patch.object(matchmaker, "find_match", return_value=None)
    world = World(matchmaker=matchmaker)
    world.join("a", "b")
    assert world.games() == []
    assert matchmaker.find_match.call_count >= 2
