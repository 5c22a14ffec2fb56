from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.search.pool_changes import PoolChanges
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from tests.support.pool_fakes import crowd, measured, pool_of

A, B, C = crowd("abc")


def changes_of(tracker, *args, **settings):
    changes = tracker.update(pool_of(*args, **settings))
    ids = [[candidate.subject_id for candidate in cs] for cs in (changes.came, changes.touched)]
    return sorted(changes.left), *ids


def test_who_comes_and_leaves_is_told_once():
    tracker, graph = PoolChanges(), LatencyGraph()
    assert changes_of(tracker, [A, B], graph=graph) == ([], ["a", "b"], [])
    assert changes_of(tracker, [A, B], graph=graph) == ([], [], [])
    assert changes_of(tracker, [B, C], graph=graph) == (["a"], ["c"], [])


def test_the_same_person_with_another_server_rtt_has_left_and_come():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A, B], graph=graph)
    faster = MatchCandidate("a", rtt_ms=5.0, waiting_since_s=A.waiting_since_s)
    assert changes_of(tracker, [faster, B], graph=graph) == (["a"], ["a"], [])


def test_an_equal_candidate_is_the_same_but_not_with_other_attributes():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A], graph=graph)
    copy = MatchCandidate("a", A.rtt_ms, A.waiting_since_s)
    assert changes_of(tracker, [copy], graph=graph) == ([], [], [])
    other = MatchCandidate("a", A.rtt_ms, A.waiting_since_s, {"condition": 1})
    assert changes_of(tracker, [other], graph=graph) == (["a"], ["a"], [])


def test_who_was_measured_or_reached_the_probe_limit_is_touched():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A, B, C], graph=graph)
    measured(graph, ["ab"], 80, accepted=True)
    assert changes_of(tracker, [A, B, C], graph=graph) == ([], [], ["b", "a"])
    limited = {"graph": graph, "at_probe_limit": {"c"}}
    assert changes_of(tracker, [A, B, C], **limited) == ([], [], ["c"])
    assert changes_of(tracker, [A, B, C], **limited) == ([], [], [])


def test_whose_wait_relaxes_the_threshold_is_touched_at_every_step():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200), (90, 300)])
    tracker, graph = PoolChanges(), LatencyGraph()
    seen = [
        changes_of(tracker, [A, B], relaxing, graph=graph, now_s=now_s)[2]
        for now_s in (2, 59.9, 60, 61, 61, 95)
    ]
    assert seen == [[], [], ["a"], ["b"], [], ["a", "b"]]


def test_who_was_taken_out_comes_again():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A, B], graph=graph)
    tracker.take_out("a", "z")
    assert changes_of(tracker, [A, B], graph=graph) == ([], ["a"], [])


def test_another_scenes_graph_starts_afresh():
    tracker = PoolChanges()
    changes_of(tracker, [A, B], graph=LatencyGraph())
    assert changes_of(tracker, [A, B], graph=LatencyGraph()) == (["a", "b"], ["a", "b"], [])


def test_who_reached_the_limit_is_touched_and_again_when_the_limit_is_gone():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A, B, C], graph=graph, at_probe_limit={"a", "c"})
    seen = [
        changes_of(tracker, [A, B, C], graph=graph, at_probe_limit=limited)[2]
        for limited in ({"a", "c"}, {"c", "b"}, set())
    ]
    assert seen == [[], ["a", "b"], ["b", "c"]]


def test_of_those_who_are_new_or_gone_nothing_else_is_told():
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A], graph=graph)
    measured(graph, ["ab", "ac"], 80, accepted=True)
    assert changes_of(tracker, [A, B], graph=graph) == ([], ["b"], ["a"])


def test_what_is_known_from_before_the_first_pass_touches_nobody():
    tracker, graph = PoolChanges(), LatencyGraph()
    measured(graph, ["ab"], 80, accepted=True)
    assert changes_of(tracker, [A, B], graph=graph) == ([], ["a", "b"], [])
    other = LatencyGraph()
    measured(other, ["ab"], 80, accepted=True)
    assert changes_of(tracker, [A, B], graph=other) == (["a", "b"], ["a", "b"], [])
    assert changes_of(tracker, [A, B], graph=other) == ([], [], [])


def test_whose_steps_were_due_when_they_came_is_touched_by_the_next_one_alone():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200), (90, 300)])
    tracker, graph = PoolChanges(), LatencyGraph()
    seen = [
        changes_of(tracker, [A], relaxing, graph=graph, now_s=now_s)[2]
        for now_s in (70, 89.9, 90, 1000)
    ]
    assert seen == [[], [], ["a"], []]


def test_who_left_is_not_touched_by_their_wait_any_more():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200)])
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A, B], relaxing, graph=graph, now_s=2)
    assert changes_of(tracker, [B], relaxing, graph=graph, now_s=60) == (["a"], [], [])
    assert changes_of(tracker, [B], relaxing, graph=graph, now_s=61) == ([], [], ["b"])


def test_two_steps_that_are_due_at_once_touch_once():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(60, 200), (90, 300)])
    tracker, graph = PoolChanges(), LatencyGraph()
    changes_of(tracker, [A], relaxing, graph=graph, now_s=2)
    assert changes_of(tracker, [A], relaxing, graph=graph, now_s=95) == ([], [], ["a"])
    assert changes_of(tracker, [A], relaxing, graph=graph, now_s=96) == ([], [], [])


def test_an_expansion_that_only_rounding_keeps_from_being_due_comes_with_the_next_moment():
    relaxing = FIFOMatchmaker(100, rtt_expansions=[(0.3, 200)])
    tracker, graph = PoolChanges(), LatencyGraph()
    somebody, now_s = MatchCandidate("a", 30.0, 1045.171), 1045.471
    assert now_s - 1045.171 < 0.3 and now_s + 0.3 - (now_s - 1045.171) == now_s
    settings = {"matchmaker": relaxing, "graph": graph}
    assert changes_of(tracker, [somebody], now_s=now_s, **settings) == ([], ["a"], [])
    assert changes_of(tracker, [somebody], now_s=now_s + 0.001, **settings) == ([], [], ["a"])
