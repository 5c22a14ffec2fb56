"""One participant is probed with several others at once, in groups of two."""

import json

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.ledger.schema import SCHEMA
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.simulation.ledger_replay import replay
from tests.support.matching_fakes import CancellingProber, FakeScene, World


def world_of(at_once: int = 2, **parts) -> World:
    return World(matchmaker=LatencyMatchmaker(150, max_concurrent_probes=at_once), **parts)


def probed(world: World) -> list[set[str]]:
    return [{*pair} for pair in world.prober.pairs]


def complete(world: World, pair: str, rtt_ms: float | None) -> None:
    (probe,) = [p for p in world.prober.probes if {p.subject_a, p.subject_b} == {*pair}]
    probe.complete(rtt_ms)


def verdicts(world: World) -> dict[str, tuple[str, str]]:
    return {
        "".join(sorted(line["pair"])): (line["verdict"], line["reason"])
        for line in world.ledger.of("verdict")
    }


def test_each_is_probed_with_two_others_at_once_and_no_pair_twice():
    world = world_of()
    world.join("a", "b", "c")
    assert sorted(map(sorted, probed(world))) == [["a", "b"], ["a", "c"], ["b", "c"]]
    world.join("d")
    world.pass_time(5)
    assert len(probed(world)) == 3, "all who could be asked are busy with two others"


def test_the_first_pair_that_is_accepted_plays_and_the_others_are_free_at_once():
    world = world_of()
    world.join("a", "b", "c", "d")
    complete(world, "ac", 20.0)
    assert world.games() == [("a", "c")]
    assert len(world.prober.cancelled) == 2
    assert verdicts(world)["ab"] == ("cancelled", "a participant plays with another")
    assert {"b", "d"} in probed(world), "who lost a partner is probed with the next"
    assert world.manager._waitroom.everybody() == ["b", "d"]
    complete(world, "bd", 20.0)
    assert [set(game) for game in world.games()] == [{"a", "c"}, {"b", "d"}]
    assert world.manager._pending_matches == {}


def test_a_result_that_comes_too_late_changes_nothing():
    world = world_of()
    world.join("a", "b", "c")
    complete(world, "ac", 20.0)
    complete(world, "ab", 20.0)
    complete(world, "bc", None)
    assert world.games() == [("a", "c")]
    assert world.manager.states.state_of("b") is ParticipantState.IN_WAITROOM
    assert not world.ledger.of("failure")


def test_a_rejection_ends_one_probe_and_leaves_the_others_running():
    world = world_of()
    world.join("a", "b", "c")
    complete(world, "ab", 400.0)
    assert world.prober.cancelled == []
    assert len(world.manager._pending_matches) == 2
    complete(world, "bc", 20.0)
    assert [set(game) for game in world.games()] == [{"b", "c"}]


def test_who_leaves_ends_all_their_probes_and_nobody_elses():
    world = world_of(3)
    world.join("a", "b", "c", "d")
    assert len(world.manager._pending_matches) == 6
    world.manager.leave("a", "left")
    assert len(world.manager._pending_matches) == 3
    assert len(world.prober.cancelled) == 3
    assert {pair for pair, (_, why) in verdicts(world).items() if why.endswith("left")} == {
        "ab",
        "ac",
        "ad",
    }


def test_patience_ends_a_wait_only_once_no_probe_runs_any_more():
    world = world_of(scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a", "b", "c")
    world.pass_time(11)
    assert world.manager._waitroom.everybody() == ["a", "b", "c"]
    complete(world, "ab", 400.0)
    complete(world, "ac", 400.0)
    world.pass_time(0.5)
    assert world.manager._waitroom.everybody() == ["b", "c"]
    complete(world, "bc", 20.0)
    assert [set(game) for game in world.games()] == [{"b", "c"}]


def test_running_probes_count_towards_the_limit_of_a_participant():
    world = world_of(3, max_probes_per_participant=2)
    world.join("a", "b", "c", "d")
    world.pass_time(5)
    assert sorted(map(sorted, probed(world))) == [["a", "b"], ["a", "c"], ["b", "c"]]
    world.manager.leave("b", "left")
    world.pass_time(5)
    running = [p["probing"][0].pair for p in world.manager._pending_matches.values()]
    assert sorted(map(sorted, running)) == [["a", "c"], ["a", "d"], ["c", "d"]]


@pytest.mark.parametrize(
    "matchmaker",
    [FIFOMatchmaker(150), LatencyMatchmaker(150, max_concurrent_probes=1)],
    ids=["in strict order", "one after another"],
)
def test_one_after_another_means_that_who_is_probed_is_asked_about_nobody_else(matchmaker):
    world = World(matchmaker=matchmaker)
    world.join("a", "b", "c")
    world.pass_time(5)
    assert probed(world) == [{"a", "b"}]


def test_larger_groups_are_measured_one_group_after_another():
    scene = FakeScene(human_agents=["x", "y", "z"])
    world = world_of(4, scene=scene)
    world.join(*"abcde")
    world.pass_time(10)
    assert len(world.manager._pending_matches) == 1


def test_a_pair_that_is_known_plays_at_once_though_both_are_being_probed():
    world = world_of()
    world.join("a", "b")
    complete(world, "ab", 20.0)
    world.manager.leave("a", "left")
    world.pass_time(70)
    for who in "ab":
        world.manager.forget(who)
    prober = CancellingProber()
    world.manager.probe_coordinator = prober
    world.join("c", "a", "b")
    assert {"a", "b"} in [set(game) for game in world.games()[1:]]


def test_a_replay_takes_the_same_decisions():
    world = world_of()
    world.join(*"abcd")
    complete(world, "ac", 20.0)
    complete(world, "bd", 200.0)
    world.join("e")
    world.pass_time(5)
    complete(world, "be", 20.0)
    lines = [world.ledger.plan, *world.ledger.lines]
    told = json.loads(json.dumps([{"schema": SCHEMA, "time": "", **line} for line in lines]))
    assert replay(told, plan_matchmaker).difference is None
    silent = [line for line in told if line.get("verdict") != "cancelled"]
    assert replay(silent, plan_matchmaker).difference is not None
    del told[0]["plan"]["matchmaker"]["parameters"]["max_concurrent_probes"]
    assert replay(told, plan_matchmaker).difference is not None, "earlier ledgers know of none"
