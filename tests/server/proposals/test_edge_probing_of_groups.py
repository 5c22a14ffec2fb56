from tests.support.matching_fakes import FakeScene, World, answering, by_pair

THREE = FakeScene(human_agents=("one", "two", "three"))


def test_a_group_needs_all_its_edges():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    for _ in range(3):
        assert world.games() == []
        world.prober.last.complete(100)
    assert world.games() == [("a", "b", "c")]
    assert sorted(world.prober.pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [peer["probe_session_id"] for peer in world.sio.to("b", "game_created")[0]["peers"]] == [
        f"probe-{world.prober.pairs.index(('a', 'b'))}",
        f"probe-{world.prober.pairs.index(('b', 'c'))}",
    ]


FOUR = FakeScene(human_agents=("one", "two", "three", "four"))


def test_edges_of_a_group_that_share_nobody_are_probed_at_the_same_time():
    world = World(max_p2p_rtt_ms=150, scene=FOUR)
    world.join("a", "b", "c", "d")
    first, second = world.prober.probes
    assert {*world.prober.pairs[0]}.isdisjoint(world.prober.pairs[1])
    first.complete(100)
    assert len(world.prober.probes) == 2, "everybody left is busy"
    second.complete(100)
    while not world.games():
        running = world.prober.probes[-2:]
        assert {running[0].subject_a, running[0].subject_b}.isdisjoint(
            (running[1].subject_a, running[1].subject_b)
        )
        for probe in running:
            probe.complete(100)
    assert len(world.prober.probes) == 6
    for who in "abcd":
        peers = world.sio.to(who, "game_created")[0]["peers"]
        assert all(peer["probe_session_id"] for peer in peers)
        assert world.sio.to(who, "probe_close") == []


def test_a_rejected_edge_cancels_the_probes_beside_it():
    world = World(max_p2p_rtt_ms=150, scene=FOUR)
    world.join("a", "b", "c", "d")
    world.prober.probes[1].complete(200)
    assert world.manager._pending_matches == {}
    assert world.prober.cancelled == ["probe-0"]
    world.join("e")
    (pending,) = world.manager._pending_matches.values()
    assert {"a", "b", "e"} < {member.subject_id for member in pending["matched"]}, "all are free"


def test_two_probes_of_a_group_that_fail_together_do_not_end_the_next_ones():
    # Such that both groups have their likeliest failure elsewhere, and probe a and b beside it.
    rtts_ms = {"a": 5.0, "b": 6.0, "c": 70.0, "d": 72.0, "e": 74.0}
    world = World(max_p2p_rtt_ms=150, scene=FOUR, probe_coordinator=None, server_rtt_ms=rtts_ms.get)
    coordinator = world.probe_for_real()
    world.join("a", "b", "c", "d", "e")
    world.clock.advance(16.0)
    coordinator.sweep()
    running = {
        probe.probe_session_id
        for pending in world.manager._pending_matches.values()
        for probe in pending["probing"]
    }
    prepared, closed = (
        {payload["probe_session_id"] for _, event, payload in world.sio.emitted if event == name}
        for name in ("probe_prepare", "probe_close")
    )
    assert running == prepared - closed != set()


def test_groups_over_two_do_not_deadlock_when_one_edge_is_bad():
    rtts_ms = dict.fromkeys(["ab", "ac", "ad", "bc", "bd", "cd"], 100.0) | {"ab": 200.0}
    world = World(max_p2p_rtt_ms=150, scene=THREE, probe_coordinator=by_pair(rtts_ms))
    world.join("a", "b", "c")
    assert world.games() == []
    assert world.manager._pending_matches == {}
    world.clock.advance(1.0)
    world.join("d")
    assert world.games() == [("a", "c", "d")]


def test_the_edge_most_likely_to_fail_is_probed_first():
    rtts = {"a": 10.0, "b": 80.0, "c": 90.0}
    world = World(max_p2p_rtt_ms=150, scene=THREE, server_rtt_ms=rtts.get)
    world.join("a", "b", "c")
    assert world.prober.pairs == [("b", "c")]


def test_an_edge_with_somebody_unmeasured_is_probed_before_known_ones():
    world = World(max_p2p_rtt_ms=150, scene=THREE, server_rtt_ms={"b": 20.0, "c": 25.0}.get)
    world.join("a", "b", "c")
    assert "a" in world.prober.pairs[0]


def test_a_rejected_edge_ends_the_proposal_closes_its_open_connections_and_frees_all():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    world.prober.last.complete(100)
    good = world.prober.pairs[0]
    world.prober.last.complete(200)
    assert world.manager._pending_matches == {}
    for subject_id in good:
        outcomes = {
            close["probe_session_id"]: close["outcome"]
            for close in world.sio.to(subject_id, "probe_close")
        }
        assert outcomes["probe-0"] == "cancelled"
    world.join("d")
    (pending,) = world.manager._pending_matches.values()
    assert "d" in {member.subject_id for member in pending["matched"]}, "the others are free"


def test_edges_known_to_be_good_are_not_probed_again():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    first = world.prober.pairs[0]
    world.prober.last.complete(100)
    leaver = next(subject_id for subject_id in "abc" if subject_id not in first)
    world.manager.leave(leaver, "closed the page")
    world.join("d")
    for _ in range(2):
        world.prober.last.complete(100)
    assert len(world.games()) == 1
    assert world.prober.pairs.count(first) == 1
    unprobed = [
        peer["probe_session_id"] for peer in world.sio.to(first[0], "game_created")[0]["peers"]
    ]
    assert None in unprobed, "a connection that was closed cannot carry the game"


def test_a_group_whose_edges_are_all_known_starts_without_a_probe():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    world.start_game("a", "b")
    finished = {"game_id": world.game_id("a"), "reason": "engine_error", "frames": 0, "digest": ""}
    for subject_id in "ab":
        world.send(subject_id, "game_finished", **finished)
    for subject_id in "ab":
        world.manager.forget(subject_id)
    world.join("a", "b")
    assert len(world.prober.probes) == 1
    assert world.games() == [("a", "b"), ("a", "b")]
    assert world.sio.to("a", "game_created")[1]["peers"][0]["probe_session_id"] is None
