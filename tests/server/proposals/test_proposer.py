from itertools import combinations, pairwise
from types import SimpleNamespace

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.matching_fakes import FakeScene, World, answering, by_pair

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def test_reserved_participants_are_not_offered_and_keep_their_place():
    offered = []

    class Watching(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            offered.append([candidate.subject_id for candidate in waiting])
            return super().find_match(arriving, waiting, group_size)

    world = World(matchmaker=Watching(150))
    world.join("a", "b")
    offered.clear()
    world.join("c")
    assert offered == [[]]
    world.prober.last.complete(200)
    assert world.prober.pairs == [("a", "b"), ("a", "c")]


def test_asking_again_while_reserved_changes_nothing():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.join("a", "b")
    world.manager._add_to_fifo_queue("a")
    assert world.prober.pairs == [("a", "b")]


def test_leaving_before_the_proposal_means_not_being_proposed():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.leave("a", "changed their mind")
    world.join("b")
    assert world.prober.probes == []
    assert world.ledger.of("exit")[0]["reason"] == "changed their mind"


def test_after_a_rejection_both_are_matched_with_others_at_once():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c", "d")
    first, second = world.prober.probes
    first.complete(200)
    second.complete(200)
    assert world.prober.pairs[2:] == [("a", "c"), ("b", "d")]


def test_a_cancellation_matches_the_one_left_over_at_once():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c")
    world.manager.leave("a", "closed the page")
    assert world.prober.pairs == [("a", "b"), ("b", "c")]


def test_a_rejected_pair_is_not_proposed_again_while_that_is_fresh():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200)
    world.pass_time(119.0)
    assert len(world.prober.probes) == 1
    world.pass_time(1.0)
    assert world.prober.pairs == [("a", "b"), ("a", "b")]


def test_a_rejected_pair_is_not_proposed_again_after_a_reload_either():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200)
    world.manager.handle_reload("a")
    world.join("a")
    assert len(world.prober.probes) == 1


def test_a_failed_probe_is_retried_with_backoff_and_does_not_blacklist_the_pair():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    tried_at_s = [world.clock.now_s]
    for _ in range(3):
        world.prober.last.complete(None)
        count = len(world.prober.probes)
        while len(world.prober.probes) == count:
            world.pass_time(0.5)
        tried_at_s.append(world.clock.now_s)
    assert [after - before for before, after in pairwise(tried_at_s)] == [2, 4, 8]
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]


def test_a_never_tried_pair_does_not_sit_idle_behind_a_bad_one():
    rtts_ms = {"ab": 200, "ac": 200, "bc": 20, "ad": 200, "bd": 200, "cd": 200}
    world = World(max_p2p_rtt_ms=150, probe_coordinator=by_pair(rtts_ms))
    world.join("a", "b", "c")
    assert world.games() == [("b", "c")]


def test_matchmakers_whose_answer_depends_on_time_are_asked_again():
    class AfterTenSeconds(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            longest_s = world.clock.now_s - min(c.waiting_since_s for c in [arriving, *waiting])
            return super().find_match(arriving, waiting, group_size) if longest_s >= 10 else None

    world = World(matchmaker=AfterTenSeconds())
    world.join("a", "b")
    world.pass_time(9.5)
    assert world.games() == []
    world.pass_time(3.0)
    assert world.games() == [("a", "b")]


def test_repooled_candidates_stay_in_place_or_are_put_back():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.clock.advance(1.0)
    stranger = MatchCandidate("z", waiting_since_s=world.clock.now_s - 5.0)
    world.manager._repool_candidates([MatchCandidate("a"), stranger])
    assert world.prober.pairs == [("z", "a")]


def test_somebody_out_of_time_is_not_proposed_any_more():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a")
    world.clock.advance(10.0)
    world.join("b")
    assert world.prober.probes == []


def test_somebody_out_of_time_is_not_proposed_when_a_probe_frees_them_either():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a", "b")
    world.clock.advance(9.0)
    world.join("c")
    world.clock.advance(2.0)
    world.prober.last.complete(200)
    assert world.prober.pairs == [("a", "b")]
    world.manager.tick()
    assert [len(world.sio.to(who, "waitroom_ended")) for who in "abc"] == [1, 1, 0]
    assert world.manager.states.of("c") is WAITING


def test_a_strategy_is_asked_again_when_it_says_so():
    class Deferring(FIFOMatchmaker):
        def propose(self, pool):
            late = [c for c in pool.candidates if pool.waited_s(c) >= 0.9]
            return [late[:2]] if len(late) >= 2 else []

        def next_look_s(self, pool):
            return 0.9

    world = World(matchmaker=Deferring())
    world.join("a", "b")
    world.pass_time(1.5)
    assert world.games() == [("a", "b")], "the usual interval would be longer"


@pytest.mark.parametrize("nonsense", [-1, float("nan"), "soon", True, SimpleNamespace()])
def test_nonsense_about_the_next_look_means_the_usual_interval(nonsense):
    class Confused(FIFOMatchmaker):
        def next_look_s(self, pool):
            return nonsense

    world = World(matchmaker=Confused(150), scene=FakeScene(human_agents=("1", "2", "3")))
    world.join("a", "b", "c")
    world.prober.last.complete(200.0)
    world.pass_time(5.0)
    looks = [line["monotonic_s"] for line in world.ledger.of("look")]
    assert [b - a for a, b in pairwise(looks)] == [2.0]


def test_a_rejected_pair_plays_without_another_probe_once_waiting_has_relaxed_the_threshold():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=[(30, 180), (60, 250)])
    world = World(matchmaker=matchmaker, probe_coordinator=answering(170.0))
    world.join("a", "b")
    world.pass_time(29.0)
    assert world.games() == []
    world.pass_time(1.5)
    assert world.games() == [("a", "b")]
    assert len(world.prober.probes) == 1
    (line,) = world.ledger.of("relaxation")
    assert (line["max_p2p_rtt_ms"], line["threshold_ms"]) == (150, 180)
    assert set(line["waits_s"]) == {"a", "b"}
    assert line["proposal_id"] == world.ledger.of("proposal")[-1]["proposal_id"]
    assert world.ledger.of("proposal")[-1]["edges"][0]["standing"] == "acceptable"


def test_a_proposal_tells_what_was_known_and_predicted_of_each_of_its_pairs():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(human_agents=("1", "2", "3")))
    world.join("a", "b", "c")
    first = set(world.prober.pairs[0])
    world.prober.last.complete(100)
    (leaver,) = {"a", "b", "c"} - first
    world.manager.leave(leaver, "closed the page")
    world.join("d")
    proposal = world.ledger.of("proposal")[-1]
    edges = {tuple(edge["pair"]): edge for edge in proposal["edges"]}
    assert list(edges) == list(combinations(proposal["matched"], 2))
    for pair, edge in edges.items():
        is_known = set(pair) == first
        assert edge["standing"] == ("acceptable" if is_known else "unknown")
        assert edge["rtt_ms"] == (100 if is_known else None)
        assert (edge["p_accept"] == 1.0) is is_known
        assert 0.0 < edge["p_accept"] == round(edge["p_accept"], 4)


def test_without_probes_nothing_is_told_of_pairs():
    world = World()
    world.join("a", "b")
    assert world.ledger.of("proposal")[0]["edges"] == []
    assert world.ledger.of("relaxation") == []


def test_a_strategy_that_would_look_at_once_is_asked_at_the_next_tick():
    class Restless(FIFOMatchmaker):
        def next_look_s(self, pool):
            return 0

    world = World(matchmaker=Restless(150))
    world.join("a", "b")
    world.prober.last.complete(200.0)
    world.pass_time(1.5)
    looks = [line["monotonic_s"] for line in world.ledger.of("look")]
    assert [b - a for a, b in pairwise(looks)] == [0.5, 0.5]
