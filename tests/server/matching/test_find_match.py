import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.find_match import group_fault
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from tests.support.pool_fakes import crowd, measured, names, pool_of


class Asked(Matchmaker):
    """Answers what the test wants and remembers whom it was offered."""

    def __init__(self, answer=lambda arriving, waiting, size: [arriving, *waiting[: size - 1]]):
        super().__init__(100)
        self.answer = answer
        self.asked = []

    def find_match(self, arriving, waiting, group_size):
        self.asked.append((arriving.subject_id, "".join(c.subject_id for c in waiting)))
        return self.answer(arriving, waiting, group_size)


def test_everybody_is_asked_for_in_the_order_of_waiting_and_nobody_twice():
    matchmaker = Asked()
    assert names(matchmaker.propose(pool_of(crowd("abcde"), matchmaker))) == ["ab", "cd"]
    assert matchmaker.asked == [("a", "bcde"), ("c", "de")]


def test_on_an_arrival_only_the_arriving_participant_is_asked_for():
    matchmaker = Asked(lambda arriving, waiting, size: None)
    *waiting, arriving = crowd("abc")
    assert matchmaker.propose(pool_of(waiting, matchmaker, arriving=arriving)) == []
    assert matchmaker.asked == [("c", "ab")]


def test_who_is_blocked_with_the_one_asked_for_is_not_offered():
    graph, matchmaker = LatencyGraph(), Asked()
    measured(graph, ["ab"], 180, accepted=False)
    assert names(matchmaker.propose(pool_of(crowd("abc"), matchmaker, graph=graph))) == ["ac"]
    assert matchmaker.asked == [("a", "c")]


def test_a_group_with_a_blocked_pair_is_asked_for_again_without_the_later_of_the_two():
    graph, matchmaker = LatencyGraph(), Asked()
    measured(graph, ["bc"], 180, accepted=False)
    pool = pool_of(crowd("abcd"), matchmaker, graph=graph, group_size=3)
    assert names(matchmaker.propose(pool)) == ["abd"]
    assert matchmaker.asked == [("a", "bcd"), ("a", "bd")]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda a, w, n: 1 / 0, "find_match raised ZeroDivisionError: division by zero"),
        (lambda a, w, n: "ab", "find_match returned a str, not a list."),
        (lambda a, w, n: [a], "find_match returned 1 members, not 2."),
        (lambda a, w, n: [a, MatchCandidate("z")], "find_match returned somebody who was not"),
        (lambda a, w, n: [a, None], "find_match returned somebody who was not offered."),
        (lambda a, w, n: [a, a], "find_match returned somebody twice."),
        (lambda a, w, n: list(w[:2]), "find_match left out the arriving participant."),
    ],
)
def test_nonsense_for_one_participant_is_noted_and_harms_nobody_else(answer, fault):
    def only_for_a(arriving, waiting, size):
        if arriving.subject_id == "a":
            return answer(arriving, waiting, size)
        return [arriving, waiting[-1]] if arriving.subject_id == "b" else None

    matchmaker = Asked(only_for_a)
    pool = pool_of(crowd("abcd"), matchmaker)
    assert names(matchmaker.propose(pool)) == ["bd"]
    ((subject_id, noted),) = pool.faults
    assert subject_id == "a"
    assert noted.startswith(fault)


def test_the_candidates_of_the_pool_are_proposed_not_copies_of_the_matchmakers():
    matchmaker = Asked(lambda a, w, n: [MatchCandidate("a", rtt_ms=1.0), MatchCandidate("b")])
    pool = pool_of(crowd("ab"), matchmaker)
    assert matchmaker.propose(pool) == [list(pool.candidates)]


@pytest.mark.parametrize("strategy", [FIFOMatchmaker, LatencyMatchmaker])
def test_a_find_match_of_ones_own_decides_whatever_strategy_it_inherits_from(strategy):
    class LastFirst(strategy):
        def find_match(self, arriving, waiting, group_size):
            return [waiting[-1], arriving]

    matchmaker = LastFirst(100)
    assert names(matchmaker.propose(pool_of(crowd("abc"), matchmaker))) == ["ca"]
    assert matchmaker.next_look_s(pool_of(crowd("abc"), matchmaker)) is None


def test_a_propose_of_ones_own_beside_find_match_is_kept():
    class Both(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            raise AssertionError

        def propose(self, pool):
            return [list(pool.candidates)]

    assert names(Both(100).propose(pool_of(crowd("ab")))) == ["ab"]


def test_too_few_are_not_asked_for_but_whoever_arrives_always_is():
    matchmaker = Asked(lambda arriving, waiting, size: None)
    matchmaker.propose(pool_of(crowd("ab"), matchmaker, group_size=3))
    assert matchmaker.asked == []
    matchmaker.propose(pool_of(crowd("abc"), matchmaker, group_size=3))
    assert matchmaker.asked == [("a", "bc"), ("b", "ac"), ("c", "ab")]
    matchmaker.asked.clear()
    (alone,) = crowd("d")
    matchmaker.propose(pool_of([], matchmaker, group_size=3, arriving=alone))
    assert matchmaker.asked == [("d", "")]


def test_when_those_who_are_left_are_too_few_nobody_else_is_asked_for():
    matchmaker = Asked()
    pool = pool_of(crowd("abcd"), matchmaker, group_size=3)
    assert names(matchmaker.propose(pool)) == ["abc"]
    assert matchmaker.asked == [("a", "bcd")]


def test_an_answer_for_the_arriving_may_be_in_any_order_and_any_sequence():
    for answer in (lambda a, w, n: (w[0], a), lambda a, w, n: [w[0], a]):
        matchmaker = Asked(answer)
        waiting, arriving = crowd("ab")
        pool = pool_of([waiting], matchmaker, arriving=arriving)
        assert names(matchmaker.propose(pool)) == ["ab"]
        assert pool.faults == []


def test_what_is_offered_may_be_modified():
    def emptying(arriving, waiting, size):
        group = [arriving, *waiting[: size - 1]]
        waiting.clear()
        return group

    graph, matchmaker = LatencyGraph(), Asked(emptying)
    measured(graph, ["bc"], 180, accepted=False)
    pool = pool_of(crowd("abcd"), matchmaker, graph=graph, group_size=3)
    assert names(matchmaker.propose(pool)) == ["abd"]


def test_somebody_who_is_blocked_is_no_answer():
    graph = LatencyGraph()
    measured(graph, ["ab"], 180, accepted=False)
    everybody = crowd("abc")
    matchmaker = Asked(lambda a, w, n: [a, everybody[1]] if a.subject_id == "a" else None)
    pool = pool_of(everybody, matchmaker, graph=graph)
    assert matchmaker.propose(pool) == []
    assert pool.faults == [("a", "find_match returned somebody who was not offered.")]


def test_nobody_is_proposed_who_is_in_a_group_already():
    everybody = crowd("abcd")
    matchmaker = Asked(lambda a, w, n: [a, everybody[1]])
    pool = pool_of(everybody, matchmaker)
    assert names(matchmaker.propose(pool)) == ["ab"]
    assert {fault for _, fault in pool.faults} == {
        "find_match returned somebody who was not offered."
    }


def test_asked_for_until_no_group_is_left_without_a_blocked_pair():
    graph, matchmaker = LatencyGraph(), Asked()
    measured(graph, ["bc", "bd", "cd"], 180, accepted=False)
    matchmaker.answer = lambda a, w, n: [a, *w[:2]] if a.subject_id == "a" and len(w) > 1 else None
    pool = pool_of(crowd("abcd"), matchmaker, graph=graph, group_size=3)
    assert matchmaker.propose(pool) == []
    assert [asked for asked in matchmaker.asked if asked[0] == "a"] == [
        *(("a", "bcd"), ("a", "bd"), ("a", "b")),
    ]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (None, "returned a NoneType, not a list."),
        ({"a", "b"}, "returned a set, not a list."),
        ([], "returned 0 members, not 2."),
        (["a", "b"], "returned somebody who was not offered."),
    ],
)
def test_what_is_wrong_with_a_group_is_a_sentence(answer, fault):
    assert group_fault(answer, crowd("ab"), 2) == fault


def test_distinct_candidates_that_were_offered_are_a_group():
    a, b, c = crowd("abc")
    assert group_fault([a, b], [a, b, c], 2) is None
    assert group_fault((c,), [a, b, c], 1) is None
    assert group_fault([a, c], [a, b], 2) == "returned somebody who was not offered."
    assert group_fault([a, a], [a, b], 2) == "returned somebody twice."
