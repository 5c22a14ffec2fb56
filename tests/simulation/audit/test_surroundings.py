from interactive_gym.server.ledger.schema import ArrivalLine
from interactive_gym.simulation.audit.surroundings import (
    LedgerBlocklist,
    LedgerHistory,
    ReplayedScene,
)

ARRIVALS = {
    "b": ArrivalLine(
        subject_id="b",
        server_rtt_ms=20.0,
        attributes={"condition": 1},
        previous_partners=["a"],
        blocked_with=["c"],
        waited_ms=0,
    )
}


def test_who_was_known_at_an_arrival_is_what_its_line_says():
    history, blocklist = LedgerHistory(ARRIVALS), LedgerBlocklist(ARRIVALS, pair_count=3)
    history.record(["b", "x"])
    assert history.partners_of("b") == ("a",)
    assert blocklist.arrived("b") == ["c"] and blocklist.pair_count == 3


def test_a_scene_is_that_of_its_plan_also_of_one_that_leads_nobody_out():
    plan = {
        "max_probes_per_participant": 9,
        "agents": ["left", "right"],
        "patience_ms": 60_000,
        "environment_digest": "e",
    }
    scene = ReplayedScene(plan, ARRIVALS)
    assert scene.max_connection_failures is None and scene.max_probes_per_participant == 9
    assert scene.attributes_of("b") == {"condition": 1}
    assert ReplayedScene({**plan, "max_connection_failures": 3}, {}).max_connection_failures == 3
