"""What the GameManager makes of relaxation, limits of probing and blocklists."""

from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.matching_fakes import FakeScene, World, answering

EXPANDING = [(30, 180), (60, 250)]


def test_a_new_pair_is_judged_by_the_threshold_that_the_oldest_has_relaxed():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=EXPANDING)
    world = World(matchmaker=matchmaker, probe_coordinator=answering(200.0))
    world.join("a")
    world.pass_time(61.0)
    world.join("b")
    assert world.games() == [("a", "b")]
    verdict = world.ledger.of("verdict")[0]
    assert (verdict["threshold_ms"], verdict["reason"]) == (250, "200.0 ms <= 250 ms")


def test_by_the_newest_the_oldest_relaxes_nothing():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=EXPANDING, expand_by="newest")
    world = World(matchmaker=matchmaker, probe_coordinator=answering(170.0))
    world.join("a")
    world.pass_time(61.0)
    world.join("b")
    world.pass_time(29.0)
    assert world.games() == []
    world.pass_time(1.5)
    assert world.games() == [("a", "b")]


def test_a_technical_failure_is_not_accepted_by_relaxation():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=EXPANDING)
    world = World(matchmaker=matchmaker, probe_coordinator=answering(None))
    world.join("a", "b")
    world.pass_time(100.0)
    assert world.games() == []


def test_browsers_are_told_the_relaxed_threshold():
    world = World(matchmaker=FIFOMatchmaker(150, rtt_expansions=EXPANDING))
    world.join("a")
    world.pass_time(31.0)
    world.join("b")
    assert world.manager.probe_settings("a", "b").threshold_ms == 180


def test_nobody_is_probed_more_often_than_the_limit_says():
    world = World(
        max_p2p_rtt_ms=150, probe_coordinator=answering(200.0), max_probes_per_participant=2
    )
    world.join("a", "b", "c", "d")
    world.pass_time(300.0)
    counts = [sum(who in pair for pair in world.prober.pairs) for who in "abcd"]
    assert counts == [2, 2, 2, 0], "d came when all the others had had their two"


def test_at_the_limit_one_can_still_play_with_whom_one_is_known_to_be_well_connected():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=EXPANDING)
    world = World(
        matchmaker=matchmaker, probe_coordinator=answering(170.0), max_probes_per_participant=1
    )
    world.join("a", "b", "c")
    assert world.prober.pairs == [("a", "b")]
    world.pass_time(31.0)
    assert world.games() == [("a", "b")]
    assert world.prober.pairs == [("a", "b")]


def test_at_the_limit_one_leaves_when_patience_ends():
    told = []
    world = World(
        max_p2p_rtt_ms=150,
        scene=FakeScene(waitroom_timeout_ms=60_000),
        probe_coordinator=answering(200.0),
        max_probes_per_participant=1,
        log_participant=lambda event, subject_id, **fields: told.append(
            (event, subject_id, fields)
        ),
    )
    world.join("a", "b", "c")
    world.pass_time(61.0)
    assert [line["reason"] for line in world.ledger.of("exit")] == ["waitroom_timeout"] * 3
    ended = next(line for line in told if line[0] == "waitroom_ended")
    assert ended[1] == "a"
    assert ended[2]["reason"] == "waitroom_timeout"
    assert ended[2]["scene_id"] == "game"
    assert 60_000 <= ended[2]["waited_ms"] <= 60_500


def test_people_on_the_blocklist_never_meet_though_others_may_meet_both():
    world = World(
        max_p2p_rtt_ms=150,
        blocked_on_arrival=lambda who: {"b": ["a"]}.get(who, []),
    )
    world.join("a", "b")
    world.pass_time(10.0)
    assert world.prober.pairs == []
    world.join("c", "d")
    assert world.prober.pairs == [("a", "c"), ("b", "d")]
    assert world.ledger.of("arrival")[1]["blocked_with"] == ["a"]
    assert world.ledger.plan["plan"]["blocked_pairs"] == 1


def test_the_blocklist_holds_without_probes_too():
    world = World(blocked_on_arrival=lambda who: {"b": ["a"]}.get(who, []))
    world.join("a", "b")
    assert world.games() == []
