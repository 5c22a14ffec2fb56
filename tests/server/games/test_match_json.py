import json
from typing import Any

import pytest

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.latency import Manipulated
from interactive_gym.server.probing.events import ProbeReady, ProbeResult
from tests.support.matching_fakes import FakeScene, FakeStore, World


def matched(scene: Any, *rtts_ms: float) -> tuple[World, dict[str, Any]]:
    """A world whose group has just got its game over connections with these RTTs; its match."""
    store = FakeStore()
    world = World(max_p2p_rtt_ms=200, scene=scene, data_store=store)
    world.join(*"abc"[: len(scene.human_agents)])
    for rtt_ms in rtts_ms:
        world.prober.last.complete(rtt_ms)
    (record,) = store.records
    return world, record.match


THREE = ("one", "two", "three")


@pytest.mark.parametrize(("rtts_ms", "largest"), [((40, 90, 60), 90), ((50, 50, 50), 50)])
def test_an_automatic_input_delay_is_chosen_by_the_largest_rtt_of_the_group(rtts_ms, largest):
    world, match = matched(FakeScene(human_agents=THREE, input_delay="auto"), *rtts_ms)
    assert match["input_delay"] == round(largest / 10)
    assert match["input_delay_chosen"] == "auto"
    assert match["input_delay_rtt_ms"] == largest
    for subject_id in "abc":
        (created,) = world.sio.to(subject_id, "game_created")
        assert created["game"]["input_delay"] == match["input_delay"]


def test_a_fixed_input_delay_was_chosen_by_no_rtt():
    _, match = matched(FakeScene(human_agents=THREE, input_delay=4), 40, 90, 60)
    assert match["input_delay"] == 4
    assert match["input_delay_chosen"] == "fixed"
    assert match["input_delay_rtt_ms"] is None
    assert match["latency"] is None


def equal_world(**latency: Any) -> World:
    scene = (
        GymScene()
        .scene(scene_id="game")
        .policies(policy_mapping={"one": "human", "two": "human"})
        .gameplay(default_action=0, action_mapping={"a": 1})
        .pyodide(environment_initialization_code="env = None", **latency)
    )
    scene.check()
    return World(scene=scene, matchmaker=scene.matchmaker, data_store=FakeStore())


def test_with_equal_latency_the_input_delay_follows_the_target_and_not_the_rtt():
    for rtt_ms in (20, 150):
        world = equal_world(latency="equal", target_ms=120)
        world.join("a", "b")
        world.prober.last.complete(rtt_ms)
        match = world.store.records[0].match
        assert (match["input_delay"], match["input_delay_chosen"]) == (4, "equal")
        assert match["input_delay_rtt_ms"] is None
        assert match["threshold_ms"] == 160
        assert match["latency"]["delay_ms"] == 133.3


def test_a_pair_that_is_too_slow_for_the_equal_latency_does_not_play():
    world = equal_world(latency="equal", target_ms=120)
    world.join("a", "b")
    world.prober.last.complete(160.5)
    assert world.store.records == []


def test_latency_is_manipulated_by_the_game_and_its_level_is_recorded():
    world = equal_world(latency=Manipulated(levels_ms=[0, 60, 120]), target_ms=100)
    for number in range(6):
        world.join(f"a{number}", f"b{number}")
        world.prober.last.complete(40)
    matches = [record.match for record in world.store.records]
    levels = [match["latency"]["level_ms"] for match in matches]
    assert sorted(levels[:3]) == sorted(levels[3:]) == [0, 60, 120]
    for number, match in enumerate(matches):
        frames = {0: 3, 60: 5, 120: 7}[match["latency"]["level_ms"]]
        assert match["input_delay"] == frames
        for subject_id in (f"a{number}", f"b{number}"):
            (created,) = world.sio.to(subject_id, "game_created")
            assert created["game"]["input_delay"] == frames


def game_with_policies() -> GymScene:
    return (
        GymScene()
        .scene(scene_id="game")
        .policies(policy_mapping={"cat": "random", "one": "human", "dog": "chase", "two": "human"})
        .gameplay(default_action=0, action_mapping={"a": 1}, max_steps=90)
        .pyodide(
            environment_initialization_code="env = None\ndef chase(*_): ...", input_delay="auto"
        )
    )


def test_agents_of_policies_have_no_seat_in_the_record_and_the_record_is_a_game_config():
    world, match = matched(game_with_policies(), 150)
    assert match["agents"] == ["cat", "one", "dog", "two"]
    assert match["policies"] == ["random", None, "chase", None]
    assert [(member["seat"], member["agent"]) for member in match["group"]] == [
        (0, "one"),
        (1, "two"),
    ]
    assert match["input_delay"] == 3
    config = GameConfig.from_json(json.dumps({**match, "seat": 1}))
    (created,) = world.sio.to("b", "game_created")
    assert config == GameConfig.from_json(json.dumps(created["game"]))


def test_somebody_alone_with_policies_plays_at_once_whatever_the_threshold():
    scene = game_with_policies().policies(policy_mapping={"one": "human", "dog": "chase"})
    world, match = matched(scene)
    assert [member["agent"] for member in match["group"]] == ["one"]
    assert match["edges"] == []
    assert (match["input_delay"], match["input_delay_rtt_ms"]) == (2, None)
    (created,) = world.sio.to("a", "game_created")
    assert created["peers"] == []


def test_the_real_coordinators_report_reaches_the_ledger_and_the_games_record():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=None, data_store=FakeStore())
    coordinator = world.probe_for_real()
    world.join("a", "b")
    probe_session_id = world.sio.to("a", "probe_prepare")[0]["probe_session_id"]
    for subject_id in "ab":
        coordinator.handle_ready(subject_id, ProbeReady(probe_session_id))
    for subject_id, samples_ms in (("a", [60.0, 62.0]), ("b", [64.0])):
        measured = ProbeResult(probe_session_id, samples_ms=samples_ms, local_candidate_type="host")
        coordinator.handle_result(subject_id, measured)
    assert world.ledger.of("probe")[0]["sides"][0]["samples_ms"] == (60.0, 62.0)
    match = world.store.records[0].match
    (edge,) = match["edges"]
    assert edge["rtt_ms"] == 64.0
    assert edge["seats"] == [0, 1]
    assert edge["verdict"] == "accepted"
    assert edge["probe_session_id"] == probe_session_id
    assert edge["sides"][0]["samples_ms"] == [60.0, 62.0]
    assert edge["sides"][1]["local_candidate_type"] == "host"
    assert match["threshold_ms"] == 150
    assert match["matchmaker"]["class"] == "interactive_gym.server.matchmaker.FIFOMatchmaker"
    assert match["matchmaker"]["parameters"]["max_p2p_rtt_ms"] == 150
    assert match["plan_digest"] == world.ledger.plan["plan_digest"]
    assert match["agents"] == ["left", "right"]
    assert [member["subject_id"] for member in match["group"]] == ["a", "b"]
    assert match["experiment_id"] == "study"
    assert match["environment_digest"] == "abc123"
    assert match["packages"] == [{"name": "mathpack", "version": "1.2", "sha256": "d1" * 32}]
