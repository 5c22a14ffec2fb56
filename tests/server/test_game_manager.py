import logging
import threading
from itertools import pairwise
from types import SimpleNamespace

import pytest

from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.participants.participant_state import (
    ParticipantState,
    ParticipantStates,
)
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from tests.support.matching_fakes import (
    CancellingProber,
    FakeProber,
    FakeScene,
    FakeStore,
    StartedProbe,
    World,
)

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def answering(rtt_ms) -> CancellingProber:
    """A prober whose verdicts arrive inside `create_probe`."""
    return CancellingProber(inside=lambda probe: probe.complete(rtt_ms))


def by_pair(rtts_ms: dict[str, float | None]) -> CancellingProber:
    """A prober that answers at once, from a table by pair."""

    def answer(probe: StartedProbe) -> None:
        probe.complete(rtts_ms["".join(sorted((probe.subject_a, probe.subject_b)))])

    return CancellingProber(inside=answer)


def group_of(*subject_ids: str) -> list[MatchCandidate]:
    return [MatchCandidate(subject_id) for subject_id in subject_ids]


# Without a threshold, or without a coordinator


def test_without_a_threshold_nothing_is_probed_and_the_group_starts_at_once():
    world = World()
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    assert world.prober.probes == []


def test_without_a_coordinator_a_threshold_is_not_probed():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=None)
    world.join("a", "b")
    assert world.games() == [("a", "b")]


def test_the_scenes_matchmaker_is_used_unless_another_is_given(mocker):
    scene = FakeScene(matchmaker=FIFOMatchmaker(120))
    assert GameManager(scene, mocker.Mock(), mocker.Mock()).matchmaker is scene.matchmaker
    own = FIFOMatchmaker(90)
    assert GameManager(scene, mocker.Mock(), mocker.Mock(), matchmaker=own).matchmaker is own
    plain = GameManager(FakeScene(), mocker.Mock(), mocker.Mock())
    assert isinstance(plain.matchmaker, FIFOMatchmaker)
    assert plain.matchmaker.max_p2p_rtt_ms is None


def test_somebody_who_plays_alone_starts_at_once():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(human_agents=("player",)))
    world.join("a")
    assert world.games() == [("a",)]
    assert world.sio.to("a", "game_created")[0]["peers"] == []


# Proposal, probe, verdict


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


# Reservation


def test_reserved_participants_are_not_offered_and_keep_their_place():
    offered = []

    class Watching(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            offered.append([candidate.subject_id for candidate in waiting])
            return super().find_match(arriving, waiting, group_size)

    world = World(matchmaker=Watching(150))
    world.join("a", "b")
    offered.clear()
    world.join("c")
    assert offered == [[]]
    world.prober.last.complete(200)
    assert world.prober.pairs == [("a", "b"), ("a", "c")]


def test_asking_again_while_reserved_changes_nothing():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.join("a", "b")
    world.manager._add_to_fifo_queue("a")
    assert world.prober.pairs == [("a", "b")]


def test_disjoint_pairs_are_probed_at_the_same_time():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c", "d")
    assert world.prober.pairs == [("a", "b"), ("c", "d")]
    assert len(world.manager._pending_matches) == 2


def test_joining_twice_while_waiting_only_repeats_the_update():
    world = World()
    world.join("a", "a")
    assert world.sio.events_to("a") == ["waitroom_update", "waitroom_update"]
    assert len(world.ledger.of("arrival")) == 1


def test_nobody_in_a_game_can_join_again():
    world = World()
    world.join("a", "b")
    world.join("a", "c")
    assert world.games() == [("a", "b")]


# Leaving


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


def test_leaving_before_the_proposal_means_not_being_proposed():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.leave("a", "changed their mind")
    world.join("b")
    assert world.prober.probes == []
    assert world.ledger.of("exit")[0]["reason"] == "changed their mind"


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


def test_leaving_after_the_verdict_gives_the_other_back_to_the_waitroom():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    world.manager.leave("b", "closed the page")
    assert world.manager.states.of("a") is WAITING
    assert world.sio.to("a", "game_ended")[0]["reason"] == "start_timeout"
    assert world.sio.events_to("a")[-1] == "waitroom_update"
    assert world.manager.states.of("b") is IDLE


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


def test_a_lost_connection_while_waiting_ends_the_wait_and_joining_again_resumes_it():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.handle_disconnect("a")
    assert world.manager.states.of("a") is IDLE
    world.manager.handle_reconnect("a")
    world.join("a", "b")
    assert world.prober.pairs == [("a", "b")]


# Matching again at once, and what is remembered


def test_after_a_rejection_both_are_matched_with_others_at_once():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c", "d")
    first, second = world.prober.probes
    first.complete(200)
    second.complete(200)
    assert world.prober.pairs[2:] == [("a", "c"), ("b", "d")]


def test_a_cancellation_matches_the_one_left_over_at_once():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c")
    world.manager.leave("a", "closed the page")
    assert world.prober.pairs == [("a", "b"), ("b", "c")]


def test_a_rejected_pair_is_not_proposed_again_while_that_is_fresh():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200)
    world.pass_time(119.0)
    assert len(world.prober.probes) == 1
    world.pass_time(1.0)
    assert world.prober.pairs == [("a", "b"), ("a", "b")]


def test_a_rejected_pair_is_not_proposed_again_after_a_reload_either():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.prober.last.complete(200)
    world.manager.handle_reload("a")
    world.join("a")
    assert len(world.prober.probes) == 1


def test_a_failed_probe_is_retried_with_backoff_and_does_not_blacklist_the_pair():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    tried_at_s = [world.clock.now_s]
    for _ in range(3):
        world.prober.last.complete(None)
        count = len(world.prober.probes)
        while len(world.prober.probes) == count:
            world.pass_time(0.5)
        tried_at_s.append(world.clock.now_s)
    assert [after - before for before, after in pairwise(tried_at_s)] == [2, 4, 8]
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]


def test_a_never_tried_pair_does_not_sit_idle_behind_a_bad_one():
    rtts_ms = {"ab": 200, "ac": 200, "bc": 20, "ad": 200, "bd": 200, "cd": 200}
    world = World(max_p2p_rtt_ms=150, probe_coordinator=by_pair(rtts_ms))
    world.join("a", "b", "c")
    assert world.games() == [("b", "c")]


def test_a_custom_find_match_is_honoured_when_probing_is_on():
    class Newest(Matchmaker):
        def find_match(self, arriving, waiting, group_size):
            return [waiting[-1], arriving] if waiting else None

    world = World(matchmaker=Newest(150))
    world.manager.join("a")
    world.prober.inside = None
    world.manager._add_to_waitroom("b")
    world.join("c")
    assert world.prober.pairs == [("b", "c")]


def test_a_custom_find_match_is_never_offered_a_pair_known_to_be_bad():
    offered = {}

    class Watching(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            offered[arriving.subject_id] = [candidate.subject_id for candidate in waiting]
            return super().find_match(arriving, waiting, group_size)

    world = World(matchmaker=Watching(150), probe_coordinator=answering(200))
    world.join("a", "b")
    offered.clear()
    world.pass_time(3.0)
    assert offered == {"a": [], "b": []}
    offered.clear()
    world.prober.inside = None
    world.join("c", "d")
    assert offered == {"c": ["a", "b"], "d": ["b"]}
    offered.clear()
    world.prober.last.complete(200)
    assert all("a" not in offered.get(bad, []) for bad in "bc")


def test_matchmakers_whose_answer_depends_on_time_are_asked_again():
    class AfterTenSeconds(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            longest_s = world.clock.now_s - min(c.waiting_since_s for c in [arriving, *waiting])
            return super().find_match(arriving, waiting, group_size) if longest_s >= 10 else None

    world = World(matchmaker=AfterTenSeconds())
    world.join("a", "b")
    world.pass_time(9.5)
    assert world.games() == []
    world.pass_time(3.0)
    assert world.games() == [("a", "b")]


def test_candidates_carry_the_server_rtt_and_since_when_they_wait():
    seen = []

    class Watching(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            seen.append((arriving, *waiting))

    world = World(matchmaker=Watching(), server_rtt_ms={"a": 31.0}.get)
    world.join("a")
    world.clock.advance(4.0)
    world.join("b")
    arriving, waiting = seen[-1]
    assert (arriving.subject_id, arriving.rtt_ms) == ("b", None)
    assert (waiting.subject_id, waiting.rtt_ms) == ("a", 31.0)
    assert arriving.waiting_since_s - waiting.waiting_since_s == 4.0


def test_repooled_candidates_stay_in_place_or_are_put_back():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.clock.advance(1.0)
    stranger = MatchCandidate("z", waiting_since_s=world.clock.now_s - 5.0)
    world.manager._repool_candidates([MatchCandidate("a"), stranger])
    assert world.manager._waitroom.everybody() == ["z", "a"]
    assert world.prober.pairs == [("z", "a")]


# Matchmakers are user code


class Misbehaving(FIFOMatchmaker):
    """Gives one bad answer for as long as it is told to."""

    def __init__(self, answer) -> None:
        super().__init__(150)
        self.answer = answer

    def find_match(self, arriving, waiting, group_size):
        if self.answer is None or not waiting:
            return super().find_match(arriving, waiting, group_size)
        return self.answer(arriving, list(waiting))


def divide_by_zero(arriving, waiting):
    return 1 / 0


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (divide_by_zero, "find_match raised ZeroDivisionError"),
        (lambda arriving, waiting: [arriving], "returned 1 members, not 2"),
        (lambda arriving, waiting: [arriving, arriving], "returned somebody twice"),
        (lambda arriving, waiting: [arriving, MatchCandidate("x")], "who was not offered"),
        (lambda arriving, waiting: [arriving, "a"], "who was not offered"),
        (lambda arriving, waiting: [waiting[0], waiting[0]], "returned somebody twice"),
        (lambda arriving, waiting: waiting[:1] * 3, "returned 3 members, not 2"),
        (lambda arriving, waiting: "ab", "returned a str, not a list"),
        (lambda arriving, waiting: {arriving}, "returned a set, not a list"),
    ],
)
def test_a_misbehaving_matchmaker_is_named_and_nothing_else_is_touched(caplog, answer, sentence):
    matchmaker = Misbehaving(answer)
    world = World(matchmaker=matchmaker)
    world.join("a", "b")
    assert sentence in caplog.text
    assert "Matchmaker Misbehaving" in caplog.text
    assert sentence in world.ledger.of("matchmaker_error")[0]["fault"]
    assert [world.manager.states.of(subject_id) for subject_id in "ab"] == [WAITING, WAITING]
    assert world.prober.probes == []
    world.pass_time(10.0)
    assert len(world.ledger.of("matchmaker_error")) == 2, "once per participant"
    matchmaker.answer = None
    world.pass_time(2.0)
    assert world.prober.pairs == [("a", "b")]


def test_a_proposal_that_leaves_out_the_arriving_one_is_refused(caplog):
    world = World(matchmaker=Misbehaving(lambda arriving, waiting: waiting[:2]))
    world.manager._add_to_waitroom("a")
    world.manager._add_to_waitroom("b")
    world.join("c")
    assert "left out the arriving participant" in caplog.text
    assert world.manager.states.of("c") is WAITING


def test_a_matchmaker_that_empties_the_list_it_is_given_harms_nobody():
    class Emptying(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            match = super().find_match(arriving, waiting, group_size)
            waiting.clear()
            return match

    world = World(matchmaker=Emptying(150), probe_coordinator=answering(200))
    world.join("a", "b", "c")
    assert world.prober.pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_matchmaker_may_answer_with_objects_of_its_own():
    answer = Misbehaving(
        lambda arriving, waiting: tuple(
            SimpleNamespace(subject_id=who.subject_id) for who in (waiting[0], arriving)
        )
    )
    world = World(matchmaker=answer, probe_coordinator=answering(20))
    world.join("a", "b")
    assert world.games() == [("a", "b")]


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


def test_a_find_match_that_makes_its_candidate_leave_cannot_seat_them():
    class Meddling(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            match = super().find_match(arriving, waiting, group_size)
            if match is not None:
                world.manager.leave(waiting[0].subject_id, "meddled with")
            return match

    world = World(matchmaker=Meddling())
    world.join("a", "b")
    assert world.manager.states.of("b") is WAITING
    assert world.manager.states.of("a") is IDLE
    assert world.games() == []


# Groups


THREE = FakeScene(human_agents=("one", "two", "three"))


def test_a_group_needs_all_its_edges():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    for _ in range(3):
        assert world.games() == []
        world.prober.last.complete(100)
    assert world.games() == [("a", "b", "c")]
    assert sorted(world.prober.pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [peer["probe_session_id"] for peer in world.sio.to("b", "game_created")[0]["peers"]] == [
        f"probe-{world.prober.pairs.index(('a', 'b'))}",
        f"probe-{world.prober.pairs.index(('b', 'c'))}",
    ]


FOUR = FakeScene(human_agents=("one", "two", "three", "four"))


def test_edges_of_a_group_that_share_nobody_are_probed_at_the_same_time():
    world = World(max_p2p_rtt_ms=150, scene=FOUR)
    world.join("a", "b", "c", "d")
    first, second = world.prober.probes
    assert {*world.prober.pairs[0]}.isdisjoint(world.prober.pairs[1])
    first.complete(100)
    assert len(world.prober.probes) == 2, "everybody left is busy"
    second.complete(100)
    while not world.games():
        running = world.prober.probes[-2:]
        assert {running[0].subject_a, running[0].subject_b}.isdisjoint(
            (running[1].subject_a, running[1].subject_b)
        )
        for probe in running:
            probe.complete(100)
    assert len(world.prober.probes) == 6
    for who in "abcd":
        peers = world.sio.to(who, "game_created")[0]["peers"]
        assert all(peer["probe_session_id"] for peer in peers)
        assert world.sio.to(who, "probe_close") == []


def test_a_rejected_edge_cancels_the_probes_beside_it():
    world = World(max_p2p_rtt_ms=150, scene=FOUR)
    world.join("a", "b", "c", "d")
    world.prober.probes[1].complete(200)
    assert world.manager._pending_matches == {}
    assert world.prober.cancelled == ["probe-0"]
    assert len(world.manager._waitroom.available()) == 4


def test_two_probes_of_a_group_that_fail_together_do_not_end_the_next_ones():
    # Such that both groups have their likeliest failure elsewhere, and probe a and b beside it.
    rtts_ms = {"a": 5.0, "b": 6.0, "c": 70.0, "d": 72.0, "e": 74.0}
    world = World(max_p2p_rtt_ms=150, scene=FOUR, probe_coordinator=None, server_rtt_ms=rtts_ms.get)
    coordinator = ProbeCoordinator(world.sio, clock=world.clock)
    world.manager.probe_coordinator = coordinator
    coordinator.add_report_listener(world.manager.on_probe_report)
    world.join("a", "b", "c", "d", "e")
    world.clock.advance(16.0)
    coordinator.sweep()
    running = {
        probe.probe_session_id
        for pending in world.manager._pending_matches.values()
        for probe in pending["probing"]
    }
    assert running == set(coordinator._probes) != set()


def test_groups_over_two_do_not_deadlock_when_one_edge_is_bad():
    rtts_ms = dict.fromkeys(["ab", "ac", "ad", "bc", "bd", "cd"], 100.0) | {"ab": 200.0}
    world = World(max_p2p_rtt_ms=150, scene=THREE, probe_coordinator=by_pair(rtts_ms))
    world.join("a", "b", "c")
    assert world.games() == []
    assert world.manager._pending_matches == {}
    world.clock.advance(1.0)
    world.join("d")
    assert world.games() == [("a", "c", "d")]


def test_the_edge_most_likely_to_fail_is_probed_first():
    rtts = {"a": 10.0, "b": 80.0, "c": 90.0}
    world = World(max_p2p_rtt_ms=150, scene=THREE, server_rtt_ms=rtts.get)
    world.join("a", "b", "c")
    assert world.prober.pairs == [("b", "c")]


def test_an_edge_with_somebody_unmeasured_is_probed_before_known_ones():
    world = World(max_p2p_rtt_ms=150, scene=THREE, server_rtt_ms={"b": 20.0, "c": 25.0}.get)
    world.join("a", "b", "c")
    assert "a" in world.prober.pairs[0]


def test_a_rejected_edge_ends_the_proposal_closes_its_open_connections_and_frees_all():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    world.prober.last.complete(100)
    good = world.prober.pairs[0]
    world.prober.last.complete(200)
    assert world.manager._pending_matches == {}
    assert world.manager._probing.connections == {}
    for subject_id in good:
        outcomes = {
            close["probe_session_id"]: close["outcome"]
            for close in world.sio.to(subject_id, "probe_close")
        }
        assert outcomes["probe-0"] == "cancelled"
    assert len(world.manager._waitroom.available()) == 3


def test_edges_known_to_be_good_are_not_probed_again():
    world = World(max_p2p_rtt_ms=150, scene=THREE)
    world.join("a", "b", "c")
    first = world.prober.pairs[0]
    world.prober.last.complete(100)
    leaver = next(subject_id for subject_id in "abc" if subject_id not in first)
    world.manager.leave(leaver, "closed the page")
    world.join("d")
    for _ in range(2):
        world.prober.last.complete(100)
    assert len(world.games()) == 1
    assert world.prober.pairs.count(first) == 1
    unprobed = [
        peer["probe_session_id"] for peer in world.sio.to(first[0], "game_created")[0]["peers"]
    ]
    assert None in unprobed, "a connection that was closed cannot carry the game"


def test_a_group_whose_edges_are_all_known_starts_without_a_probe():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    world.start_game("a", "b")
    world.manager.handle_game_finished(
        "a", {"game_id": world.game_id("a"), "reason": "engine_error", "frames": 0, "digest": ""}
    )
    for subject_id in "ab":
        world.manager.forget(subject_id)
    world.join("a", "b")
    assert len(world.prober.probes) == 1
    assert world.games() == [("a", "b"), ("a", "b")]
    assert world.sio.to("a", "game_created")[1]["peers"][0]["probe_session_id"] is None


# The waitroom


def test_the_waitroom_update_says_how_many_wait_and_for_how_long():
    world = World(scene=FakeScene(human_agents=("1", "2", "3"), waitroom_timeout_ms=60_000))
    world.join("a")
    world.clock.advance(2.0)
    world.join("b")
    world.manager.tick()
    assert world.sio.to("a", "waitroom_update")[-1] == {
        "waiting": 2,
        "group_size": 3,
        "waited_ms": 2000,
        "timeout_ms": 60_000,
    }


def test_a_hidden_lobby_count_is_not_told():
    world = World(scene=FakeScene(hide_lobby_count=True))
    world.join("a")
    assert world.sio.to("a", "waitroom_update")[0]["waiting"] is None


def test_whoever_does_not_answer_is_told_that_they_wait_no_longer_and_their_group_is_free():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager.leave_waitroom("a")
    (told,) = world.sio.to("a", "waitroom_ended")
    assert told["reason"] == "idle"
    assert [line["reason"] for line in world.ledger.of("exit")] == ["idle"]
    world.join("c")
    assert world.prober.pairs[-1] == ("b", "c")


def test_whoever_did_not_answer_hears_it_too_when_their_connection_was_lost_meanwhile():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.handle_disconnect("a")
    world.manager.handle_reconnect("a")
    world.manager.leave_waitroom("a")
    assert [told["reason"] for told in world.sio.to("a", "waitroom_ended")] == ["idle"]
    assert [line["reason"] for line in world.ledger.of("exit")] == ["disconnected"]


def test_waiting_ends_at_the_timeout_with_the_scenes_words():
    scene = FakeScene(
        waitroom_timeout_ms=10_000,
        waitroom_timeout_message="Sorry!",
        waitroom_timeout_redirect_url="https://example.org/exit",
    )
    world = World(scene=scene)
    world.join("a")
    world.pass_time(9.5)
    assert world.sio.to("a", "waitroom_ended") == []
    assert not world.manager.may_advance("a")
    world.pass_time(0.5)
    assert world.sio.to("a", "waitroom_ended") == [
        {
            "reason": "waitroom_timeout",
            "message": "Sorry!",
            "redirect_url": "https://example.org/exit",
        }
    ]
    assert world.manager.may_advance("a")
    exit_line = world.ledger.of("exit")[0]
    assert (exit_line["reason"], exit_line["waited_ms"]) == ("waitroom_timeout", 10_000)


def test_nobody_is_sent_away_in_the_middle_of_a_probe():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a", "b")
    world.pass_time(12.0)
    assert world.sio.to("a", "waitroom_ended") == []
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]


def test_somebody_out_of_time_is_not_proposed_any_more():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a")
    world.clock.advance(10.0)
    world.join("b")
    assert world.prober.probes == []


def test_somebody_out_of_time_is_not_proposed_when_a_probe_frees_them_either():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a", "b")
    world.clock.advance(9.0)
    world.join("c")
    world.clock.advance(2.0)
    world.prober.last.complete(200)
    assert world.prober.pairs == [("a", "b")]
    world.manager.tick()
    assert [len(world.sio.to(who, "waitroom_ended")) for who in "abc"] == [1, 1, 0]
    assert world.manager.states.of("c") is WAITING


# Around the matching


def test_a_participant_waits_in_one_scene_only():
    states = ParticipantStates()
    here, there = World(states=states), World(states=states)
    here.join("a")
    there.join("a", "b")
    assert there.games() == []
    assert states.of("a") is WAITING


def test_the_threshold_is_a_hint_only_where_the_verdict_follows_from_it():
    class Custom(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return False

    assert World(max_p2p_rtt_ms=150).manager.probe_settings("a", "b").threshold_ms == 150
    assert World(matchmaker=Custom(150)).manager.probe_settings("a", "b").threshold_ms is None
    assert World().manager.probe_settings("a", "b").threshold_ms is None


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


def test_the_real_coordinators_report_reaches_the_ledger_and_the_games_record():
    store = FakeStore()
    world = World(
        max_p2p_rtt_ms=150, probe_coordinator=None, data_store=store, server_rtt_ms={}.get
    )
    coordinator = ProbeCoordinator(world.sio, clock=world.clock)
    world.manager.probe_coordinator = coordinator
    coordinator.add_report_listener(world.manager.on_probe_report)
    world.join("a", "b")
    probe_session_id = world.sio.to("a", "probe_prepare")[0]["probe_session_id"]
    for subject_id in "ab":
        coordinator.handle_ready(subject_id, {"probe_session_id": probe_session_id})
    for subject_id, samples_ms in (("a", [60.0, 62.0]), ("b", [64.0])):
        payload = {
            "probe_session_id": probe_session_id,
            "samples_ms": samples_ms,
            "local_candidate_type": "host",
        }
        coordinator.handle_result(subject_id, payload)
    assert world.ledger.of("probe")[0]["sides"][0]["samples_ms"] == (60.0, 62.0)
    match = store.records[0].match
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


def test_the_app_reports_a_disconnection_to_manager_and_coordinator_and_the_other_goes_on():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=None)
    coordinator = ProbeCoordinator(world.sio, clock=world.clock)
    world.manager.probe_coordinator = coordinator
    world.join("a", "b", "c")
    world.manager.handle_disconnect("a")
    coordinator.handle_disconnect("a")
    assert [payload["role"] for payload in world.sio.to("b", "probe_prepare")] == [
        "answerer",
        "offerer",
    ]
    assert world.sio.to("c", "probe_prepare")[0]["role"] == "answerer"
