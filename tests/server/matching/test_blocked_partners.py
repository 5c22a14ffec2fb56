from interactive_gym.server.matching.latency_graph import BlockedPartners, LatencyGraph


def reject(graph, pair, now_s):
    graph.record_measurement(tuple(pair), 200.0, accepted=False, now_s=now_s, wall_s=now_s)


def test_a_rejection_counts_at_once_for_both_and_for_nobody_else():
    graph = LatencyGraph()
    blocked = BlockedPartners(graph)
    assert [blocked.blocked_with(who, 0.0) for who in "abc"] == [set(), set(), set()]
    reject(graph, "ab", 1.0)
    assert [blocked.blocked_with(who, 1.0) for who in "abc"] == [{"b"}, {"a"}, set()]


def test_it_ends_when_the_measurement_expires_whether_that_was_noted_or_not():
    graph = LatencyGraph(fresh_s=10.0)
    blocked = BlockedPartners(graph)
    reject(graph, "ab", 0.0)
    reject(graph, "ac", 5.0)
    assert blocked.blocked_with("a", 9.0) == {"b", "c"}
    assert blocked.blocked_with("a", 10.0) == {"c"}
    graph.lapse(20.0)
    assert blocked.blocked_with("a", 20.0) == set()


def test_a_backoff_ends_by_itself_too():
    graph = LatencyGraph(backoff_s=2.0)
    blocked = BlockedPartners(graph)
    graph.record_failure(("a", "b"), now_s=0.0)
    assert blocked.blocked_with("b", 1.9) == {"a"}
    assert blocked.blocked_with("b", 2.0) == set()


def test_the_blocklist_never_ends():
    graph = LatencyGraph()
    blocked = BlockedPartners(graph)
    graph.block(("a", "b"))
    assert blocked.blocked_with("a", 1e9) == {"b"}


def test_a_better_measurement_unblocks():
    graph = LatencyGraph()
    blocked = BlockedPartners(graph)
    reject(graph, "ab", 0.0)
    assert blocked.blocked_with("a", 0.0) == {"b"}
    graph.record_measurement(("a", "b"), 50.0, accepted=True, now_s=1.0, wall_s=1.0)
    assert blocked.blocked_with("a", 1.0) == set()


def test_of_several_reasons_the_first_that_ends_is_looked_at_then():
    graph = LatencyGraph(fresh_s=10.0, backoff_s=4.0)
    blocked = BlockedPartners(graph)
    reject(graph, "ab", 0.0)
    graph.record_failure(("a", "b"), now_s=0.0)
    graph.record_failure(("a", "c"), now_s=3.0)
    assert [blocked.blocked_with("a", now_s) for now_s in (3.0, 6.9, 7.0, 9.9, 10.0)] == [
        *({"b", "c"}, {"b", "c"}, {"b"}, {"b"}),
        set(),
    ]


def test_an_accepted_pair_in_backoff_is_blocked_until_that_ends():
    graph = LatencyGraph(fresh_s=2.0, backoff_s=4.0)
    blocked = BlockedPartners(graph)
    graph.record_measurement(("a", "b"), 50.0, accepted=True, now_s=0.0, wall_s=0.0)
    graph.record_failure(("a", "b"), now_s=0.0)
    assert [blocked.blocked_with("a", now_s) for now_s in (0.0, 2.0, 3.9, 4.0)] == [
        *({"b"}, {"b"}, {"b"}),
        set(),
    ]


def test_the_graph_is_asked_again_only_when_something_changed_or_ended():
    class Counting(LatencyGraph):
        asked = 0

        def links(self, subject_id):
            self.asked += 1
            return super().links(subject_id)

    graph = Counting(fresh_s=10.0)
    blocked = BlockedPartners(graph)
    reject(graph, "ab", 0.0)
    for now_s in (0.0, 5.0, 9.9):
        assert blocked.blocked_with("a", now_s) == {"b"}
    assert graph.asked == 1
    reject(graph, "cd", 9.9)
    assert blocked.blocked_with("a", 9.9) == {"b"}
    assert graph.asked == 1
    reject(graph, "ac", 9.9)
    assert blocked.blocked_with("a", 9.9) == {"b", "c"}
    assert graph.asked == 2
    assert blocked.blocked_with("a", 10.0) == {"c"}
    assert graph.asked == 3


def test_what_was_known_before_it_began_counts_too():
    graph = LatencyGraph()
    reject(graph, "ab", 0.0)
    assert BlockedPartners(graph).blocked_with("a", 0.0) == {"b"}
