import pytest

from interactive_gym.server.messages.signals import Answer, Candidate, IceCandidate, Offer
from interactive_gym.server.probing.events import ProbeResult, parse_side
from interactive_gym.server.probing.probe import Probe, ProbeSettings


def probe() -> Probe:
    return Probe(
        "probe-1",
        offerer="a",
        answerer="b",
        on_complete=lambda *verdict: None,
        created_at_s=100.0,
        deadline_at_s=115.0,
    )


def side(subject_id: str, *samples_ms: float):
    return parse_side(subject_id, ProbeResult("probe-1", samples_ms=list(samples_ms)))


def test_each_of_the_two_has_the_other_as_a_partner():
    assert probe().participants == ("a", "b")
    assert (probe().partner_of("a"), probe().partner_of("b")) == ("b", "a")


def test_it_starts_once_when_both_are_ready_however_often_they_say_so():
    running = probe()
    assert [running.mark_ready(who) for who in ("a", "a", "b", "b", "a")] == [
        *(False, False, True),
        *(False, False),
    ]
    assert running.started


def test_what_is_missing_is_told_of_the_step_it_is_at():
    running = probe()
    assert running.what_is_missing() == "0 of 2 participants were ready"
    running.mark_ready("a")
    assert running.what_is_missing() == "1 of 2 participants were ready"
    running.mark_ready("b")
    assert running.what_is_missing() == "0 of 2 participants reported"
    running.sides["b"] = side("b", 60.0)
    assert running.what_is_missing() == "1 of 2 participants reported"


def test_the_report_has_both_sides_the_offerers_first_and_how_long_it_took():
    running = probe()
    running.sides = {"b": side("b", 64.0, 66.0), "a": side("a", 60.0)}
    report = running.report(102.5, failure_reason=None)
    assert [told.subject_id for told in report.sides] == ["a", "b"]
    assert (report.offerer, report.answerer, report.probe_session_id) == ("a", "b", "probe-1")
    assert report.duration_ms == 2500.0
    assert report.rtt_ms == 65.0


def test_a_report_without_one_side_is_of_a_failure_with_its_reason():
    running = probe()
    running.sides = {"b": side("b", 64.0)}
    report = running.report(115.0, failure_reason="1 of 2 participants reported")
    assert [told.subject_id for told in report.sides] == ["b"]
    assert report.rtt_ms is None
    assert report.failure_reason == "1 of 2 participants reported"


@pytest.mark.parametrize(("now_s", "cause"), [(114.9, "not_connected"), (115.0, "not_ready")])
def test_what_a_side_has_not_done_counts_from_the_very_end_of_its_time(now_s, cause):
    running = probe()
    running.mark_ready("a")
    report = running.report(now_s, failure_reason="1 of 2 participants were ready")
    assert report.causes["b"] == cause


def test_a_side_may_send_three_hundred_signals_and_not_one_more():
    running = probe()
    taken = [running.take_signal("a", Offer("v=0")) for _ in range(301)]
    assert taken == [*[True] * 300, False]


def test_settings_cannot_be_changed_behind_the_browsers_back():
    assert ProbeSettings() == ProbeSettings(pings=10, threshold_ms=None)
    with pytest.raises(AttributeError):
        ProbeSettings().pings = 3


@pytest.mark.parametrize(
    ("signals", "is_hopeless"),
    [
        ([Offer("v=0"), Candidate(None)], True),
        ([Candidate(None)], False),
        ([Candidate(None), Offer("v=0")], True),
        ([Offer("v=0\r\na=end-of-candidates\r\n")], True),
        ([Offer("v=0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"), Candidate(None)], False),
        ([Offer("v=0"), Candidate(IceCandidate("candidate:1")), Candidate(None)], False),
        ([Offer("v=0"), Candidate(IceCandidate(""))], False),
        ([Offer("v=0"), Candidate(IceCandidate("")), Candidate(None)], True),
        ([Answer("v=0")], False),
    ],
)
def test_a_side_that_has_searched_for_addresses_in_vain_ends_all_hope(signals, is_hopeless):
    running = probe()
    for who in ("a", "b"):
        running.mark_ready(who)
    running.take_signal("b", Candidate(IceCandidate("candidate:1")))
    for signal in signals:
        running.take_signal("a", signal)
    assert running.is_hopeless == is_hopeless
    causes = running.report(101.0, "no hope").causes
    assert (causes == {"a": "no_candidates"}) == is_hopeless
