import threading

import pytest

from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.matching_fakes import CancellingProber, FakeProber, World, answering

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def group_of(*subject_ids: str) -> list[MatchCandidate]:
    return [MatchCandidate(subject_id) for subject_id in subject_ids]


def test_a_proposal_is_probed_with_exactly_three_keyword_arguments(mocker):
    prober = mocker.Mock(spec=["create_probe"])
    prober.create_probe.return_value = "probe-7"
    world = World(max_p2p_rtt_ms=150, probe_coordinator=prober)
    world.join("a", "b")
    prober.create_probe.assert_called_once_with(
        subject_a="a", subject_b="b", on_complete=world.manager._on_probe_complete
    )
    assert set(world.manager._pending_matches) == {"probe-7"}


def test_the_arriving_participant_waits_at_once_while_the_probe_runs():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    returned = world.manager._probe_and_create_game(group_of("a", "b"), "b")
    assert returned is None
    assert world.manager.states.of("b") is WAITING
    pending = world.manager._pending_matches["probe-0"]
    assert [member.subject_id for member in pending["matched"]] == ["a", "b"]
    assert pending["arriving_subject_id"] == "b"
    assert pending["timestamp_s"] == world.clock.now_s


def test_an_accepted_pair_plays_over_the_connection_that_was_probed():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    assert world.games() == []
    world.prober.last.complete(149.9)
    assert world.games() == [("a", "b")]
    assert world.manager._pending_matches == {}
    assert world.sio.to("a", "game_created")[0]["peers"] == [
        {"seat": 1, "role": "offerer", "probe_session_id": "probe-0"}
    ]
    assert world.sio.to("b", "game_created")[0]["peers"] == [
        {"seat": 0, "role": "answerer", "probe_session_id": "probe-0"}
    ]
    assert world.sio.to("a", "probe_close") == []


def test_a_verdict_inside_create_probe_creates_the_game_with_its_connection():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    assert world.manager._pending_matches == {}
    peers = world.sio.to("a", "game_created")[0]["peers"]
    assert peers[0]["probe_session_id"] == "probe-0"


def test_a_rejection_inside_create_probe_leaves_nothing_behind():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(200))
    world.join("a", "b", "c")
    assert world.manager._pending_matches == {}
    assert world.prober.pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_verdict_from_another_thread_inside_create_probe_is_obeyed():
    def answer_from_elsewhere(probe):
        thread = threading.Thread(target=probe.complete, args=(20,))
        thread.start()
        thread.join(10.0)
        assert not thread.is_alive(), "no lock is held while a probe is created"

    world = World(max_p2p_rtt_ms=150, probe_coordinator=CancellingProber(answer_from_elsewhere))
    world.join("a", "b")
    assert world.games() == [("a", "b")]


@pytest.mark.parametrize("rtt_ms", [20, 200, None])
def test_a_verdict_that_arrives_twice_counts_once(rtt_ms):
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    probe = world.prober.last
    probe.complete(rtt_ms)
    before = list(world.sio.emitted)
    probe.complete(rtt_ms)
    probe.complete(20)
    assert world.sio.emitted == before
    assert len(world.games()) == (rtt_ms == 20)


def test_a_verdict_that_arrives_twice_inside_create_probe_counts_once():
    def twice(probe):
        probe.complete(20)
        probe.complete(200)

    world = World(max_p2p_rtt_ms=150, probe_coordinator=CancellingProber(twice))
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    assert len(world.ledger.of("verdict")) == 1


def test_a_coordinator_that_gives_no_id_still_leads_to_a_game():
    class Nameless(FakeProber):
        def create_probe(self, subject_a, subject_b, on_complete):
            super().create_probe(subject_a, subject_b, on_complete)

    world = World(max_p2p_rtt_ms=150, probe_coordinator=Nameless())
    world.join("a", "b")
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]


def test_a_coordinator_that_repeats_an_id_loses_no_pending_match(mocker):
    prober = mocker.Mock(spec=["create_probe"])
    prober.create_probe.return_value = "always-the-same"
    world = World(max_p2p_rtt_ms=150, probe_coordinator=prober)
    world.join("a", "b", "c", "d")
    world.manager._on_probe_complete("a", "b", 20)
    world.manager._on_probe_complete("c", "d", 20)
    assert sorted(world.games()) == [("a", "b"), ("c", "d")]


def test_a_verdict_on_people_who_are_not_probed_is_ignored():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c")
    world.manager._on_probe_complete("a", "c", 20)
    world.manager._on_probe_complete("x", "y", 20)
    assert world.games() == []
    assert set(world.manager._pending_matches) == {"probe-0"}


def test_a_verdict_may_name_the_two_in_either_order():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager._on_probe_complete("b", "a", 20)
    assert world.games() == [("a", "b")]


def test_a_create_probe_that_raises_is_a_technical_failure_and_nothing_leaks(caplog):
    def fail(probe):
        raise ConnectionError("no socket")

    world = World(max_p2p_rtt_ms=150, probe_coordinator=CancellingProber(fail))
    world.join("a", "b")
    assert world.manager._pending_matches == {}
    assert [world.manager.states.of(subject_id) for subject_id in "ab"] == [WAITING, WAITING]
    assert "no socket" in caplog.text
    world.prober.inside = lambda probe: probe.complete(20)
    world.pass_time(2.5)
    assert world.games() == [("a", "b")]


def test_a_probe_that_never_ends_is_given_up_in_the_end():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.pass_time(29.5)
    assert len(world.manager._pending_matches) == 1
    world.pass_time(1.0)
    assert world.manager._pending_matches == {}
    assert world.prober.cancelled == ["probe-0"]
    assert world.ledger.of("verdict")[0]["verdict"] == "expired"
    world.pass_time(2.0)
    assert world.prober.pairs == [("a", "b"), ("a", "b")]


def test_disjoint_pairs_are_probed_at_the_same_time():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c", "d")
    assert world.prober.pairs == [("a", "b"), ("c", "d")]
    assert len(world.manager._pending_matches) == 2


@pytest.mark.parametrize("leaver", ["a", "b"])
def test_leaving_during_the_probe_cancels_it_and_frees_the_other(leaver):
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager.leave(leaver, "closed the page")
    other = "b" if leaver == "a" else "a"
    assert world.manager._pending_matches == {}
    assert world.prober.cancelled == ["probe-0"]
    assert world.manager.states.of(leaver) is IDLE
    assert world.manager.states.of(other) is WAITING
    world.join("c")
    assert world.prober.pairs[-1] == (other, "c")


def test_a_verdict_after_somebody_left_is_ignored():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager.leave("b", "closed the page")
    world.prober.last.complete(20)
    assert world.games() == []
    assert world.manager.states.of("a") is WAITING


def test_leaving_while_create_probe_runs_cancels_that_probe():
    world = World(max_p2p_rtt_ms=150)
    world.prober.inside = lambda probe: world.manager.leave("b", "closed the page")
    world.join("a", "b")
    assert world.manager._pending_matches == {}
    assert world.prober.cancelled == ["probe-0"]


def test_both_peers_reloading_mid_probe_can_still_be_matched():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager.handle_reload("a")
    world.manager.handle_reload("b")
    assert world.manager._pending_matches == {}
    world.join("a", "b")
    assert world.prober.pairs == [("a", "b"), ("a", "b")]
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]
