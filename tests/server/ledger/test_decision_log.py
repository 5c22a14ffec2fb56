import logging
from itertools import pairwise

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.matching_fakes import World, answering


def test_every_step_is_in_the_ledger():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200)
    world.join("c")
    world.prober.last.complete(20)
    world.manager.leave("b", "closed the page")
    kinds = [line["kind"] for line in world.ledger.lines]
    assert kinds == [
        "arrival",
        "arrival",
        "proposal",
        "verdict",
        "repool",
        "arrival",
        "proposal",
        "verdict",
        "matched",
        "exit",
    ]


def test_lines_have_the_moment_of_their_decision():
    world = World()
    world.join("a")
    world.clock.advance(4.0)
    world.join("b")
    arrived, followed, _, matched = world.ledger.lines
    assert followed["monotonic_s"] - arrived["monotonic_s"] == 4.0
    assert matched["monotonic_s"] == followed["monotonic_s"]


def test_all_of_one_decision_has_one_moment():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(200.0))
    world.clock.step_s = 0.001
    world.join("a", "b")
    lines = world.ledger.lines
    assert len({line["monotonic_s"] for line in lines[1:3]}) == 1
    assert all(a["monotonic_s"] <= b["monotonic_s"] for a, b in pairwise(lines))


def test_a_look_because_of_time_is_told():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200.0)
    world.pass_time(2.0)
    assert [line["kind"] for line in world.ledger.lines][-1] == "look"


def test_the_plan_is_the_first_that_is_told():
    world = World(max_p2p_rtt_ms=150)
    assert world.ledger.plan["plan"]["matchmaker"]["parameters"]["max_p2p_rtt_ms"] == 150
    assert world.ledger.lines == []


class Deciding(FIFOMatchmaker):
    """Rejects by a limit of its own."""

    def should_reject_for_rtt(self, measured_rtt_ms):
        return measured_rtt_ms is None or measured_rtt_ms > 10


@pytest.mark.parametrize(
    ("matchmaker", "rtt_ms", "verdict", "reason"),
    [
        (FIFOMatchmaker(150), 150.0, "accepted", "150.0 ms <= 150 ms"),
        (FIFOMatchmaker(150), 150.04, "rejected", "150.0 ms > 150 ms"),
        (FIFOMatchmaker(150.5), 20.06, "accepted", "20.1 ms <= 150.5 ms"),
        (FIFOMatchmaker(150), None, "rejected", "the measurement failed"),
        (Deciding(150), 20.0, "rejected", "20.0 ms, by Deciding"),
        (Deciding(5), 7.0, "accepted", "7.0 ms, by Deciding"),
        (Deciding(150), 5.0, "accepted", "5.0 ms <= 150 ms"),
    ],
)
def test_a_verdict_has_its_reason_by_the_threshold_or_by_who_gave_it(
    matchmaker, rtt_ms, verdict, reason
):
    world = World(matchmaker=matchmaker, probe_coordinator=answering(rtt_ms))
    world.join("a", "b")
    line = world.ledger.of("verdict")[0]
    assert (line["verdict"], line["reason"]) == (verdict, reason)
    assert (line["rtt_ms"], line["threshold_ms"]) == (rtt_ms, matchmaker.max_p2p_rtt_ms)
    assert (line["pair"], line["probe_session_id"]) == (("a", "b"), "probe-0")
    assert line["proposal_id"] == world.ledger.of("proposal")[0]["proposal_id"]


@pytest.mark.parametrize(("rtt_ms", "is_logged"), [(212.4, True), (20.0, False)])
def test_a_rejection_is_in_the_servers_log_too(rtt_ms, is_logged, caplog):
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(rtt_ms))
    with caplog.at_level(logging.INFO):
        world.join("a", "b")
    assert ("RTT rejection: 212.4 ms > 150 ms" in caplog.text) is is_logged


def test_a_fault_is_told_once_for_each_participant_and_kind(caplog):
    class Failing(FIFOMatchmaker):
        fault: Exception = KeyError("first")

        def find_match(self, arriving, waiting, group_size):
            raise self.fault

    failing = Failing()
    world = World(matchmaker=failing)
    world.join("a")
    failing.fault = KeyError("other words")
    world.join("b")
    world.pass_time(5.0)
    failing.fault = ValueError("another kind")
    world.pass_time(5.0)
    told = [(line["arriving"], line["fault"]) for line in world.ledger.of("matchmaker_error")]
    assert told == [
        ("a", "find_match raised KeyError: 'first'"),
        ("b", "find_match raised KeyError: 'other words'"),
        ("a", "find_match raised ValueError: another kind"),
        ("b", "find_match raised ValueError: another kind"),
    ]
    assert caplog.text.count("Matchmaker Failing: find_match raised") == 4


def test_a_failure_says_in_how_many_seconds_the_pair_is_tried_again():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(None))
    world.join("a", "b")
    world.pass_time(7.0)
    failures = [
        (line["pair"], line["count"], line["retry_in_s"]) for line in world.ledger.of("failure")
    ]
    assert failures == [(("a", "b"), 1, 2.0), (("a", "b"), 2, 4.0), (("a", "b"), 3, 8.0)]


def test_those_who_come_back_from_a_game_that_could_not_start_are_told_with_it():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20.0))
    world.join("a", "b")
    game_id = world.game_id("a")
    world.manager.leave("b", "closed the page")
    line = world.ledger.of("repool")[-1]
    assert (line["subject_ids"], line["game_id"]) == (["a"], game_id)


def test_a_wait_is_told_in_whole_milliseconds():
    world = World()
    world.join("a")
    world.clock.advance(1.2346)
    world.manager.leave("a", "changed their mind")
    (line,) = world.ledger.of("exit")
    assert (line["subject_id"], line["reason"], line["waited_ms"]) == (
        "a",
        "changed their mind",
        1235,
    )
