import hashlib
import json

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.plan import plan_digest
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import FakeScene, World


def plan_of(**parts):
    return World(**parts).ledger.plan["plan"]


def test_the_same_plan_has_the_same_digest_and_another_threshold_another():
    digests = [World(max_p2p_rtt_ms=ms).ledger.plan["plan_digest"] for ms in (150, 150, 151)]
    assert digests[0] == digests[1] != digests[2]


def test_a_plan_goes_through_json_with_matchmakers_within_matchmakers():
    nested = GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150))
    plan = plan_of(matchmaker=nested)
    assert plan["matchmaker"]["parameters"]["fallback"]["parameters"]["max_p2p_rtt_ms"] == 150
    assert json.loads(json.dumps(plan)) == plan


def test_a_plan_names_everything_that_decides_who_plays():
    scene = FakeScene(
        human_agents=("one", "two", "three"), waitroom_timeout_ms=60_000, max_connection_failures=5
    )
    plan = plan_of(
        max_p2p_rtt_ms=150, scene=scene, max_probes_per_participant=4, blocked_on_arrival=list
    )
    del plan["matchmaker"], plan["package_version"]
    assert plan == {
        "group_size": 3,
        "agents": ["one", "two", "three"],
        "is_probing": True,
        "patience_ms": 60_000,
        "max_probes_per_participant": 4,
        "max_connection_failures": 5,
        "blocked_pairs": 1,
        "environment_digest": "abc123",
        "ranks_failures": True,
        "gathers_above": 300,
        "seed": 1,
    }


@pytest.mark.parametrize(
    "parts", [{"max_p2p_rtt_ms": None}, {"max_p2p_rtt_ms": 150, "probe_coordinator": None}]
)
def test_without_a_threshold_or_a_coordinator_nothing_is_measured(parts):
    assert plan_of(**parts)["is_probing"] is False


def test_the_digest_is_that_of_the_canonical_json():
    digest = hashlib.sha256('{"a":"é","b":[1,null]}'.encode()).hexdigest()
    assert plan_digest({"b": [1, None], "a": "é"}) == digest


def test_the_source_of_a_strategy_and_of_what_it_inherits_from_is_part_of_the_plan():
    class Own(FIFOMatchmaker):
        """The same parameters, and other code."""

    sources = [plan_of(matchmaker=kind(150))["matchmaker"]["source"] for kind in (Own, Own)]
    assert sources[0] == sources[1]
    assert sources[0] != plan_of(matchmaker=FIFOMatchmaker(150))["matchmaker"]["source"]


def test_a_strategy_whose_source_cannot_be_read_has_none():
    typed = type("Typed", (FIFOMatchmaker,), {"__module__": "__typed__"})
    assert plan_of(matchmaker=typed(150))["matchmaker"]["source"] is None
