import random

import pytest

from interactive_gym.simulation.simulated_probing import ProbingSettings, SimulatedProbing
from interactive_gym.simulation.virtual_time import VirtualTime


class Bench:
    """A simulated prober, and what came out of its probes."""

    def __init__(self, rtt_ms=80.0, **settings):
        self.time = VirtualTime()
        self.completed = []
        self.reports = []
        self.probing = SimulatedProbing(
            self.time,
            ProbingSettings(accept_s=1.0, reject_s=0.6, failure_s=15.0, **settings),
            rtt_ms=lambda a, b: rtt_ms,
            is_rejected=lambda measured_ms: measured_ms > 100.0,
            rng=random.Random(1),
        )

    def probe(self, times=1):
        def on_complete(subject_a, subject_b, rtt_ms, *, report):
            self.reports.append(report)
            self.completed.append((self.time(), subject_a, subject_b, rtt_ms))

        return [self.probing.create_probe("ann", "bob", on_complete) for _ in range(times)]


@pytest.mark.parametrize(("rtt_ms", "ends_s"), [(80.0, 1.0), (120.0, 0.6)])
def test_the_verdict_comes_after_the_time_it_takes(rtt_ms, ends_s):
    bench = Bench(rtt_ms)
    bench.probe()
    assert bench.completed == []
    bench.time.run()
    assert bench.completed == [(ends_s, "ann", "bob", rtt_ms)]


def test_the_report_tells_what_the_completion_tells():
    bench = Bench()
    (probe_session_id,) = bench.probe()
    bench.time.run()
    (report,) = bench.reports
    assert (report.probe_session_id, report.offerer, report.answerer) == (
        probe_session_id,
        "ann",
        "bob",
    )
    assert (report.rtt_ms, report.duration_ms, report.failure_reason) == (80.0, 1000.0, None)


def test_a_failed_probe_completes_without_an_rtt_at_its_deadline():
    bench = Bench(failure_share=1.0)
    bench.probe()
    bench.time.run()
    assert bench.completed == [(15.0, "ann", "bob", None)]
    assert bench.reports[0].failure_reason == "simulated failure"


def test_of_a_silent_probe_nothing_is_ever_heard():
    bench = Bench(silent_share=1.0)
    bench.probe()
    bench.time.run()
    assert bench.completed == bench.reports == []


def test_a_cancelled_probe_does_not_complete_and_cancelling_twice_is_harmless():
    bench = Bench()
    (probe_session_id,) = bench.probe()
    bench.probing.cancel(probe_session_id)
    bench.probing.cancel(probe_session_id)
    bench.time.run()
    assert bench.completed == []


def test_probes_are_counted_for_both_participants():
    bench = Bench()
    bench.probe(times=3)
    assert bench.probing.probes == 3
    assert bench.probing.probes_of == {"ann": 3, "bob": 3}


def test_failures_and_silence_come_as_often_as_wanted():
    bench = Bench(failure_share=0.2, silent_share=0.1)
    bench.probe(times=5000)
    bench.time.run()
    failed = sum(rtt_ms is None for *_, rtt_ms in bench.completed)
    assert failed / 5000 == pytest.approx(0.2, abs=0.02)
    assert len(bench.completed) / 5000 == pytest.approx(0.9, abs=0.02)


def test_noise_moves_measurements_around_the_truth():
    bench = Bench(noise_ms=5.0)
    bench.probe(times=5000)
    bench.time.run()
    rtts = [rtt_ms for *_, rtt_ms in bench.completed]
    assert sum(rtts) / len(rtts) == pytest.approx(80.0, abs=0.3)
    assert sum(abs(rtt - 80.0) < 5.0 for rtt in rtts) / 5000 == pytest.approx(0.683, abs=0.03)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"accept_s": -1.0}, "accept_s is -1.0: give a number of at least 0"),
        ({"noise_ms": float("nan")}, "noise_ms is nan: give a number of at least 0"),
        ({"failure_share": 0.6, "silent_share": 0.5}, "at most 1 together; got 0.6 and 0.5"),
        ({"silent_share": -0.1}, "must be at least 0"),
    ],
)
def test_impossible_settings_are_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        ProbingSettings(**settings)
