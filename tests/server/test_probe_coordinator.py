import itertools
import json
import logging

import pytest

from interactive_gym.server.messages.signals import Candidate, IceCandidate, Offer, relayed
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal, parse_side
from interactive_gym.server.probing.probe import MAX_SIGNALS, ProbeSettings
from tests.support.matching_fakes import Clock, RecordingSio

OFFER = Offer("v=0")


class Probing:
    """A coordinator with recorded surroundings."""

    def __init__(self, **options) -> None:
        self.clock = Clock()
        self.sio = RecordingSio()
        self.verdicts = []
        self.reports = []
        ids = itertools.count()
        self.coordinator = ProbeCoordinator(
            self.sio, clock=self.clock, new_id=lambda: f"probe-{next(ids)}", **options
        )

    def create(self, a: str = "a", b: str = "b") -> str:
        def on_complete(*verdict, report):
            self.verdicts.append(verdict)
            self.reports.append(report)

        return self.coordinator.create_probe(a, b, on_complete)

    def started(self, a: str = "a", b: str = "b") -> str:
        probe_session_id = self.create(a, b)
        for subject_id in (a, b):
            self.coordinator.handle_ready(subject_id, ProbeReady(probe_session_id))
        return probe_session_id

    def report(self, subject_id, probe_session_id, samples_ms, reason=None, **fields):
        result = {
            "probe_session_id": probe_session_id,
            "samples_ms": samples_ms,
            "lost": 0,
            "hidden": False,
            "stats_rtt_ms": None,
            "local_candidate_type": "host",
            "remote_candidate_type": "srflx",
            "reason": reason,
            **fields,
        }
        self.coordinator.handle_result(subject_id, ProbeResult(**result))

    def measured(self) -> str:
        probe_session_id = self.started()
        self.report("a", probe_session_id, [100.0])
        self.report("b", probe_session_id, [110.0])
        return probe_session_id


@pytest.fixture
def probing():
    return Probing()


def test_both_are_prepared_and_only_the_first_makes_the_offer():
    probing = Probing(
        ice_servers=[{"urls": "stun:stun.example.org"}],
        force_relay=True,
        settings_for=lambda a, b: ProbeSettings(pings=7, threshold_ms=150.0),
    )
    probe_session_id = probing.create("a", "b")
    common = {
        "probe_session_id": probe_session_id,
        "ice_servers": [{"urls": "stun:stun.example.org"}],
        "force_relay": True,
        "pings": 7,
        "threshold_ms": 150.0,
        "deadline_ms": 14_000,
    }
    assert probing.sio.to("a", "probe_prepare") == [{**common, "role": "offerer"}]
    assert probing.sio.to("b", "probe_prepare") == [{**common, "role": "answerer"}]


def test_nobody_is_told_who_the_partner_is(probing):
    probe_session_id = probing.started("secret-a", "secret-b")
    probing.coordinator.handle_signal("secret-a", ProbeSignal(probe_session_id, OFFER))
    probing.report("secret-a", probe_session_id, [], reason="ice failed")
    assert "secret" not in json.dumps([payload for _, _, payload in probing.sio.emitted])


def test_a_probe_of_one_participant_with_themselves_is_refused(probing):
    with pytest.raises(ValueError, match="two different participants"):
        probing.create("a", "a")


def test_the_probe_starts_when_both_participants_are_ready(probing):
    probe_session_id = probing.create()
    probing.coordinator.handle_ready("a", ProbeReady(probe_session_id))
    assert probing.sio.to("a", "probe_start") == []
    probing.coordinator.handle_ready("b", ProbeReady(probe_session_id))
    assert probing.sio.to("a", "probe_start") == [{"probe_session_id": probe_session_id}]
    assert probing.sio.to("b", "probe_start") == [{"probe_session_id": probe_session_id}]


def test_ready_counts_participants_not_messages(probing):
    probe_session_id = probing.create()
    for _ in range(3):
        probing.coordinator.handle_ready("a", ProbeReady(probe_session_id))
    assert probing.sio.to("b", "probe_start") == []


def test_being_ready_again_does_not_start_the_probe_again(probing):
    probe_session_id = probing.started()
    probing.coordinator.handle_ready("a", ProbeReady(probe_session_id))
    assert len(probing.sio.to("a", "probe_start")) == 1


def test_a_stranger_cannot_make_a_probe_ready(probing):
    probe_session_id = probing.create()
    probing.coordinator.handle_ready("a", ProbeReady(probe_session_id))
    probing.coordinator.handle_ready("mallory", ProbeReady(probe_session_id))
    assert probing.sio.to("a", "probe_start") == []


def test_signals_reach_the_partner_and_nobody_else(probing):
    probe_session_id = probing.started()
    probing.coordinator.handle_signal("b", ProbeSignal(probe_session_id, OFFER))
    assert [entry for entry in probing.sio.emitted if entry[1] == "probe_signal"] == [
        ("a", "probe_signal", {"probe_session_id": probe_session_id, "signal": relayed(OFFER)})
    ]


def test_no_signal_passes_before_the_start(probing):
    probe_session_id = probing.create()
    probing.coordinator.handle_signal("a", ProbeSignal(probe_session_id, OFFER))
    assert probing.sio.to("b", "probe_signal") == []


def test_a_stranger_cannot_send_signals(probing):
    probe_session_id = probing.started()
    probing.coordinator.handle_signal("mallory", ProbeSignal(probe_session_id, OFFER))
    assert probing.sio.to("a", "probe_signal") == probing.sio.to("b", "probe_signal") == []


@pytest.mark.parametrize("candidate", [None, IceCandidate("candidate:1", sdp_mid="0")])
def test_candidates_and_the_end_of_candidates_are_relayed(probing, candidate):
    probe_session_id = probing.started()
    signal = Candidate(candidate)
    probing.coordinator.handle_signal("a", ProbeSignal(probe_session_id, signal))
    expected = {"probe_session_id": probe_session_id, "signal": relayed(signal)}
    assert probing.sio.to("b", "probe_signal") == [expected]


def test_so_many_signals_of_a_side_pass_and_no_more(probing, caplog):
    probe_session_id = probing.started()
    for _ in range(MAX_SIGNALS + 10):
        probing.coordinator.handle_signal("a", ProbeSignal(probe_session_id, Candidate(None)))
    probing.coordinator.handle_signal("b", ProbeSignal(probe_session_id, OFFER))
    assert len(probing.sio.to("b", "probe_signal")) == MAX_SIGNALS
    assert len(probing.sio.to("a", "probe_signal")) == 1
    assert len(caplog.records) == 2


def test_late_candidates_of_a_measured_probe_still_pass_for_a_few_seconds(probing):
    probe_session_id = probing.measured()
    signal = ProbeSignal(probe_session_id, Candidate(None))
    probing.coordinator.handle_signal("a", signal)
    assert len(probing.sio.to("b", "probe_signal")) == 1
    probing.clock.advance(5.0)
    probing.coordinator.handle_signal("a", signal)
    probing.coordinator.sweep()
    probing.coordinator.handle_signal("a", signal)
    assert len(probing.sio.to("b", "probe_signal")) == 1


def test_no_signal_passes_after_a_failure(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [], reason="ice failed")
    probing.coordinator.handle_signal("b", ProbeSignal(probe_session_id, OFFER))
    assert probing.sio.to("a", "probe_signal") == []


def test_the_rtt_is_the_larger_of_the_two_medians(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [90.0, 100.0, 300.0])
    assert probing.verdicts == []
    probing.report("b", probe_session_id, [101.0, 103.0])
    assert probing.verdicts == [("a", "b", 102.0)]


def test_an_accepted_measurement_leaves_the_connection_open(probing):
    probing.measured()
    assert probing.sio.to("a", "probe_close") == probing.sio.to("b", "probe_close") == []


def test_a_second_report_of_the_same_participant_does_not_count(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [90.0])
    probing.report("a", probe_session_id, [10.0])
    assert probing.verdicts == []
    probing.report("b", probe_session_id, [50.0])
    assert probing.verdicts == [("a", "b", 90.0)]


def test_on_complete_is_called_once_whatever_comes_after(probing):
    probe_session_id = probing.measured()
    probing.report("a", probe_session_id, [10.0])
    probing.coordinator.handle_disconnect("a")
    probing.coordinator.cancel(probe_session_id)
    probing.clock.advance(60.0)
    probing.coordinator.sweep()
    assert len(probing.verdicts) == len(probing.reports) == 1


def test_a_forged_result_of_a_stranger_is_ignored(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [90.0])
    probing.report("mallory", probe_session_id, [1.0])
    probing.report("mallory", probe_session_id, [], reason="let it fail")
    assert probing.verdicts == []


def test_a_result_before_the_start_is_no_measurement(probing):
    probe_session_id = probing.create()
    probing.report("a", probe_session_id, [1.0])
    probing.report("b", probe_session_id, [1.0])
    assert probing.verdicts == []


@pytest.mark.parametrize(
    "samples_ms",
    [
        [float("nan")],
        [float("inf")],
        [-5],
        [0],
        ["12"],
        [True],
        [None],
        [[12.0]],
        [10**400],
        [12.0, -5],
        [],
        None,
        "12",
        12.0,
        {"0": 12.0},
        [12.0] * 101,
    ],
)
def test_results_that_are_not_finite_positive_numbers_are_failures(probing, samples_ms):
    probe_session_id = probing.started()
    probing.report("b", probe_session_id, [50.0])
    probing.report("a", probe_session_id, samples_ms)
    assert probing.verdicts == [("a", "b", None)]
    assert probing.sio.to("b", "probe_close") == [
        {"probe_session_id": probe_session_id, "outcome": "failed"}
    ]


def test_what_does_not_fit_the_probe_is_logged_once(probing, caplog):
    probe_session_id = probing.create()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            probing.coordinator.handle_ready("mallory", ProbeReady(probe_session_id))
            probing.coordinator.handle_signal("a", ProbeSignal(probe_session_id, OFFER))
    assert [record.args[:2] for record in caplog.records] == [
        ("probe_ready", "participant mallory"),
        ("probe_signal", "participant a"),
    ]


def test_one_failed_side_is_enough_and_the_other_is_told_at_once(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [], reason="ice failed")
    assert probing.verdicts == [("a", "b", None)]
    for subject_id in "ab":
        assert probing.sio.to(subject_id, "probe_close") == [
            {"probe_session_id": probe_session_id, "outcome": "failed"}
        ]


def test_a_browser_that_cannot_connect_may_say_so_before_the_start(probing):
    probe_session_id = probing.create()
    probing.report("b", probe_session_id, [], reason="no RTCPeerConnection")
    assert probing.reports[0].failure_reason == "no RTCPeerConnection"


@pytest.mark.parametrize("ready", ["", "a", "ab"])
def test_at_the_deadline_the_probe_fails(probing, ready):
    probe_session_id = probing.create()
    for subject_id in ready:
        probing.coordinator.handle_ready(subject_id, ProbeReady(probe_session_id))
    probing.clock.advance(14.9)
    probing.coordinator.sweep()
    assert probing.verdicts == []
    probing.clock.advance(0.1)
    probing.coordinator.sweep()
    probing.coordinator.sweep()
    assert probing.verdicts == [("a", "b", None)]
    assert probing.sio.to("a", "probe_close")[0]["outcome"] == "failed"


def test_a_lone_report_by_the_deadline_is_a_failure(probing):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [90.0])
    probing.clock.advance(15.0)
    probing.coordinator.sweep()
    assert probing.verdicts == [("a", "b", None)]
    assert probing.reports[0].failure_reason == "deadline: 1 of 2 participants reported"
    assert probing.reports[0].sides[0].samples_ms == (90.0,)


def test_the_deadline_can_be_set():
    probing = Probing(deadline_s=3.0)
    probing.create()
    probing.clock.advance(3.0)
    probing.coordinator.sweep()
    assert probing.verdicts == [("a", "b", None)]


def test_a_disconnection_fails_the_probe_at_once(probing):
    probing.started()
    probing.coordinator.handle_disconnect("b")
    assert probing.verdicts == [("a", "b", None)]
    assert probing.sio.to("a", "probe_close")[0]["outcome"] == "failed"


def test_a_cancelled_probe_closes_both_ends_and_gives_no_verdict(probing):
    probe_session_id = probing.started()
    probing.coordinator.cancel(probe_session_id)
    probing.coordinator.cancel(probe_session_id)
    assert probing.verdicts == probing.reports == []
    for subject_id in "ab":
        assert probing.sio.to(subject_id, "probe_close") == [
            {"probe_session_id": probe_session_id, "outcome": "cancelled"}
        ]


def test_the_cleanup_of_a_finished_probe_never_closes_the_next_one(probing):
    first = probing.measured()
    second = probing.started()
    probing.coordinator.cancel(first)
    probing.report("a", first, [], reason="late failure of the first")
    probing.clock.advance(6.0)
    probing.coordinator.sweep()
    probing.report("a", second, [40.0])
    probing.report("b", second, [40.0])
    assert probing.verdicts[-1] == ("a", "b", 40.0)
    assert probing.sio.to("a", "probe_close") == []


def test_probes_of_different_pairs_do_not_meet(probing):
    first, second = probing.started("a", "b"), probing.started("c", "d")
    probing.report("a", second, [1.0])
    probing.report("c", first, [1.0])
    assert probing.verdicts == []
    probing.report("c", second, [30.0])
    probing.report("d", second, [31.0])
    assert probing.verdicts == [("c", "d", 31.0)]


def test_the_report_tells_everything_both_sides_measured(probing):
    probe_session_id = probing.started()
    probing.clock.advance(1.5)
    probing.report("a", probe_session_id, [90.0, 100.0, 96.0], lost=2, stats_rtt_ms=95)
    probing.report("b", probe_session_id, [91.0], hidden=True, local_candidate_type="relay")
    (report,) = probing.reports
    assert (report.probe_session_id, report.offerer, report.answerer) == (
        probe_session_id,
        "a",
        "b",
    )
    assert report.rtt_ms == 96.0
    assert report.duration_ms == pytest.approx(1500.0)
    assert report.failure_reason is None
    assert not report.disagreement
    a, b = report.sides
    assert a.samples_ms == (90.0, 100.0, 96.0)
    assert (a.median_ms, a.minimum_ms, a.jitter_ms) == (96.0, 90.0, 7.0)
    assert (a.lost, a.hidden, a.stats_rtt_ms) == (2, False, 95.0)
    assert (a.local_candidate_type, a.remote_candidate_type) == ("host", "srflx")
    assert (b.hidden, b.jitter_ms, b.local_candidate_type) == (True, None, "relay")
    assert json.loads(json.dumps(report.as_record()))["sides"][0]["median_ms"] == 96.0


@pytest.mark.parametrize(
    ("a_ms", "b_ms", "disagree"), [(20, 29, False), (100, 130, False), (100, 140, True)]
)
def test_medians_that_are_far_apart_are_flagged(probing, a_ms, b_ms, disagree):
    probe_session_id = probing.started()
    probing.report("a", probe_session_id, [a_ms])
    probing.report("b", probe_session_id, [b_ms])
    assert probing.reports[0].disagreement is disagree
    assert probing.reports[0].rtt_ms == b_ms


def test_unusable_side_remarks_are_left_out_without_spoiling_the_measurement():
    result = ProbeResult(
        "probe",
        samples_ms=[10],
        lost="many",
        hidden=1,
        stats_rtt_ms=float("nan"),
        local_candidate_type="tunnel",
        remote_candidate_type=["host"],
    )
    side = parse_side("a", result)
    assert side.samples_ms == (10.0,)
    assert side.reason is None
    assert (side.lost, side.hidden, side.stats_rtt_ms) == (None, None, None)
    assert (side.local_candidate_type, side.remote_candidate_type) == (None, None)


def test_a_completion_that_takes_no_report_is_given_none(probing):
    told = []
    probe_session_id = probing.coordinator.create_probe("a", "b", lambda *end: told.append(end))
    probing.report("a", probe_session_id, [], reason="ice failed")
    assert told == [("a", "b", None)]


def test_a_completion_that_raises_harms_no_other(probing, caplog):
    def fail(*_):
        raise RuntimeError("broken completion")

    broken = probing.coordinator.create_probe("c", "d", fail)
    whole = probing.create()
    probing.report("c", broken, [], reason="ice failed")
    probing.report("a", whole, [], reason="ice failed")
    assert probing.verdicts == [("a", "b", None)]
    assert "broken completion" in caplog.text


def test_a_verdict_may_start_the_next_probe_of_the_same_people(probing):
    started = []

    def again(*_):
        started.append(probing.create())

    first = probing.coordinator.create_probe("a", "b", again)
    probing.report("a", first, [], reason="ice failed")
    assert started == ["probe-1"]
    assert probing.sio.events_to("a") == ["probe_prepare", "probe_close", "probe_prepare"]
