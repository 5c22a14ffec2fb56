"""What the GameManager makes of relaxation, limits, blocklists and what it knows of people."""

import json
from itertools import pairwise
from types import SimpleNamespace

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import CancellingProber, FakeScene, World

EXPANDING = [(30, 180), (60, 250)]


def answering(rtt_ms):
    return CancellingProber(inside=lambda probe: probe.complete(rtt_ms))


def test_a_rejected_pair_plays_without_another_probe_once_waiting_has_relaxed_the_threshold():
    matchmaker = FIFOMatchmaker(150, rtt_expansions=EXPANDING)
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
    assert told[0][:2] == ("waitroom_ended", "a")
    assert told[0][2]["reason"] == "waitroom_timeout"
    assert told[0][2]["scene_id"] == "game"
    assert 60_000 <= told[0][2]["waited_ms"] <= 60_500


def test_people_on_the_blocklist_never_meet_though_others_may_meet_both():
    world = World(
        max_p2p_rtt_ms=150,
        blocked_on_arrival=lambda who: {"b": ["a"]}.get(who, []),
        blocked_pairs=1,
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


def test_attributes_reach_the_matchmaker_and_a_function_that_fails_harms_nobody(caplog):
    def attributes_of(subject_id):
        if subject_id == "c":
            raise LookupError("no condition yet")
        return {"condition": "red" if subject_id in "ad" else "blue"}

    def alike(a, b):
        return a.attributes.get("condition") == b.attributes.get("condition")

    world = World(matchmaker=FIFOMatchmaker(compatible=alike), attributes_of=attributes_of)
    world.join("a", "b", "c", "d")
    assert world.games() == [("a", "d")]
    assert "no condition yet" in caplog.text
    assert world.ledger.of("arrival")[0]["attributes"] == {"condition": "red"}
    assert world.manager.states.of("c").value == "in_waitroom"


def test_who_played_together_is_known_in_the_next_scene():
    history = GroupHistory()
    first = World(history=history)
    first.join("a", "b", "c", "d")
    first.start_game("a", "b")
    assert history.partners_of("a") == ("b",)
    assert history.partners_of("c") == (), "their game has not begun"
    second = World(matchmaker=GroupReunionMatchmaker(), history=history)
    second.join("a", "c", "d", "b")
    assert second.games() == [("c", "d"), ("a", "b")]


def test_a_notably_changed_server_rtt_is_told_once_and_used():
    rtts_ms = {"a": 40.0}
    world = World(max_p2p_rtt_ms=150, server_rtt_ms=rtts_ms.get)
    world.join("a")
    world.pass_time(5.0)
    rtts_ms["a"] = 41.0
    world.pass_time(5.0)
    assert world.ledger.of("server_rtt") == []
    rtts_ms["a"] = 12.0
    world.pass_time(5.0)
    (line,) = world.ledger.of("server_rtt")
    assert (line["subject_id"], line["server_rtt_ms"]) == ("a", 12.0)
    assert world.manager._candidates.of("a").rtt_ms == 12.0


def test_all_of_one_decision_has_one_moment():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(200.0))
    moments = iter(range(1000))
    world.manager._outbox._clock = lambda: 1000.0 + next(moments) / 1000
    world.join("a", "b")
    lines = world.ledger.lines
    assert len({line["monotonic_s"] for line in lines[1:3]}) == 1
    assert all(a["monotonic_s"] <= b["monotonic_s"] for a, b in pairwise(lines))


def test_the_same_plan_has_the_same_digest_and_another_threshold_another():
    digests = [World(max_p2p_rtt_ms=ms).ledger.plan["plan_digest"] for ms in (150, 150, 151)]
    assert digests[0] == digests[1] != digests[2]
    nested = GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150))
    plan = World(matchmaker=nested).ledger.plan["plan"]
    assert plan["matchmaker"]["parameters"]["fallback"]["parameters"]["max_p2p_rtt_ms"] == 150
    assert json.loads(json.dumps(plan)) == plan


def test_the_seed_of_the_plan_gives_the_seeds_of_the_games():
    seeds = []
    for _ in range(2):
        world = World()
        world.join("a", "b", "c", "d")
        seeds.append([line["seed"] for line in world.ledger.of("matched")])
    assert seeds[0] == seeds[1]
    assert seeds[0][0] != seeds[0][1]


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
