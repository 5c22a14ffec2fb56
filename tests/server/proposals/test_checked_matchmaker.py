from types import SimpleNamespace

import pytest

from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.server.proposals.checked_matchmaker import CheckedMatchmaker
from tests.support.matching_fakes import World, answering
from tests.support.pool_fakes import crowd, measured, names, pool_of

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


class Proposing(FIFOMatchmaker):
    """Proposes what it is told to."""

    def __init__(self, answer) -> None:
        super().__init__(100)
        self.answer = answer

    def propose(self, pool):
        return self.answer(pool)


def answered(answer, **settings):
    """The groups that can be carried out of what was proposed, and the faults."""
    graph = LatencyGraph()
    measured(graph, ["cd"], 300, accepted=False)
    proposing = Proposing(answer)
    pool = pool_of(crowd("abcde"), proposing, graph=graph, **settings)
    groups, faults = CheckedMatchmaker(proposing).groups(pool)
    return names(groups), [(fault.subject_id, fault.what) for fault in faults]


def test_groups_that_can_be_carried_out_are_taken_in_their_order():
    assert answered(lambda pool: [crowd("ad"), tuple(crowd("eb"))]) == (["ad", "eb"], [])
    assert answered(lambda pool: []) == ([], [])


def test_what_is_carried_out_are_the_pools_own_candidates():
    proposing = Proposing(lambda pool: [[SimpleNamespace(subject_id=who) for who in "cd"]])
    pool = pool_of(crowd("abcd"), proposing)
    ((c, d),), _ = CheckedMatchmaker(proposing).groups(pool)
    assert c is pool.candidate("c")
    assert d is pool.candidate("d")


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (crowd("c"), "propose returned 1 members, not 2."),
        (crowd("ce") + crowd("d"), "propose returned 3 members, not 2."),
        ([*crowd("c"), *crowd("c")], "propose returned somebody twice."),
        (crowd("cx"), "propose returned somebody who was not offered."),
        (["c", "d"], "propose returned somebody who was not offered."),
        ("cd", "propose returned a str, not a list."),
        (crowd("de"), "propose returned somebody in two groups."),
        (crowd("cd"), "propose returned two candidates who are blocked with each other."),
    ],
)
def test_a_group_that_cannot_be_carried_out_is_a_fault_and_does_not_touch_the_others(bad, what):
    # The faulty one stands between two that are sound, and may want somebody of the first.
    groups, faults = answered(lambda pool: [crowd("ae"), bad, crowd("bc")])
    assert groups == ["ae", "bc"]
    assert faults == [(None, what)]


@pytest.mark.parametrize("answer", [None, {"a": "b"}, "ab", iter([])])
def test_an_answer_that_is_no_list_of_groups_is_one_fault(answer):
    groups, ((subject_id, what),) = answered(lambda pool: answer)
    assert (groups, subject_id) == ([], None)
    assert what == f"propose returned a {type(answer).__name__}, not a list."


def test_a_fault_is_told_of_whom_it_was_asked_for():
    arriving = MatchCandidate("z", waiting_since_s=100.0)
    _, faults = answered(lambda pool: 1 / 0, arriving=arriving)
    assert faults == [("z", "propose raised ZeroDivisionError: division by zero")]


def test_what_was_noted_on_the_pool_is_told_before_what_was_raised():
    def answer(pool):
        pool.note_fault("c", "compatible raised KeyError: 'condition'")
        raise ValueError("too late")

    _, faults = answered(answer)
    assert faults == [
        ("c", "compatible raised KeyError: 'condition'"),
        (None, "propose raised ValueError: too late"),
    ]


def test_a_matchmaker_is_asked_itself_and_anything_else_as_one():
    own = FIFOMatchmaker(100)
    assert CheckedMatchmaker(own).rules is own
    foreign = SimpleNamespace(
        max_p2p_rtt_ms=70,
        find_match=lambda arriving, waiting, group_size: [arriving, *waiting][:group_size],
        should_reject_for_rtt=lambda measured_rtt_ms: 1,
    )
    adapted = CheckedMatchmaker(foreign).rules
    assert isinstance(adapted, Matchmaker)
    assert adapted.max_p2p_rtt_ms == 70
    assert adapted.should_reject_for_rtt(10) is True
    assert not adapted.verdict_follows_threshold
    a, b = crowd("ab")
    assert adapted.find_match(b, [a], 2) == [b, a]
