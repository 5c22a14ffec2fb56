import json

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import World


def test_the_same_plan_has_the_same_digest_and_another_threshold_another():
    digests = [World(max_p2p_rtt_ms=ms).ledger.plan["plan_digest"] for ms in (150, 150, 151)]
    assert digests[0] == digests[1] != digests[2]
    nested = GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150))
    plan = World(matchmaker=nested).ledger.plan["plan"]
    assert plan["matchmaker"]["parameters"]["fallback"]["parameters"]["max_p2p_rtt_ms"] == 150
    assert json.loads(json.dumps(plan)) == plan
