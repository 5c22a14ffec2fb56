import json
from typing import Any

import pytest

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.scenes.gym_scene import GymScene
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
