import logging

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.matching_fakes import World, answering

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def test_a_pair_exactly_at_the_threshold_is_accepted():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(150))
    world.join("a", "b")
    assert world.games() == [("a", "b")]


def test_a_rejected_pair_waits_on_and_is_told_to_close_the_connection(caplog):
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    with caplog.at_level(logging.INFO):
        world.prober.last.complete(212.4)
    assert "RTT rejection: 212.4 ms > 150 ms" in caplog.text
    assert world.ledger.of("verdict")[0]["reason"] == "212.4 ms > 150 ms"
    assert world.manager._pending_matches == {}
    for subject_id in "ab":
        assert world.manager.states.of(subject_id) is WAITING
        assert world.sio.to(subject_id, "probe_close") == [
            {"probe_session_id": "probe-0", "outcome": "rejected"}
        ]
        assert world.sio.events_to(subject_id)[-1] == "waitroom_update"


def test_the_verdict_of_a_subclass_is_the_one_obeyed():
    class Strict(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return measured_rtt_ms is None or measured_rtt_ms > 10

    world = World(matchmaker=Strict(500), probe_coordinator=answering(20))
    world.join("a", "b")
    assert world.games() == []
    assert world.ledger.of("verdict")[0]["reason"] == "20.0 ms, by Strict"


def test_a_subclass_may_accept_a_pair_whose_measurement_failed():
    class Lenient(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return False

    world = World(matchmaker=Lenient(150), probe_coordinator=answering(None))
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    assert world.sio.to("a", "game_created")[0]["peers"][0]["probe_session_id"] is None


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -5, 0, "12", True, [12]])
def test_a_verdict_that_is_no_rtt_is_a_failed_measurement(nonsense):
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(nonsense))
    world.join("a", "b")
    assert world.games() == []
    assert world.ledger.of("verdict")[0]["rtt_ms"] is None


def test_a_verdict_that_raises_keeps_both_waiting_and_is_retried(caplog):
    class Broken(FIFOMatchmaker):
        broken = True

        def should_reject_for_rtt(self, measured_rtt_ms):
            if self.broken:
                raise KeyError("threshold table")
            return False

    world = World(matchmaker=Broken(150), probe_coordinator=answering(20))
    world.join("a", "b")
    assert "Matchmaker Broken: should_reject_for_rtt raised KeyError" in caplog.text
    assert world.manager.states.of("a") is WAITING
    assert world.sio.to("a", "probe_close")[0]["outcome"] == "rejected"
    world.manager.matchmaker.broken = False
    world.pass_time(2.5)
    assert world.games() == [("a", "b")]


def test_the_threshold_is_a_hint_only_where_the_verdict_follows_from_it():
    class Custom(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return False

    assert World(max_p2p_rtt_ms=150).manager.probe_settings("a", "b").threshold_ms == 150
    assert World(matchmaker=Custom(150)).manager.probe_settings("a", "b").threshold_ms is None
    assert World().manager.probe_settings("a", "b").threshold_ms is None
