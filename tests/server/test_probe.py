from __future__ import annotations

from interactive_gym.server.probe import Probe, ProbeSettings
from interactive_gym.server.probe_report import parse_side


def probe(**fields: object) -> Probe:
    return Probe("p", "a", "b", lambda *verdict: None, 10.0, 25.0, **fields)  # type: ignore[arg-type]


def test_a_browser_takes_ten_samples_unless_told_otherwise() -> None:
    assert ProbeSettings() == ProbeSettings(pings=10, threshold_ms=None)


def test_each_of_the_two_is_the_others_partner() -> None:
    assert probe().participants == ("a", "b")
    assert (probe().partner_of("a"), probe().partner_of("b")) == ("b", "a")


def test_a_probe_starts_once_when_both_are_ready_whoever_says_so_twice() -> None:
    one = probe()
    assert [one.mark_ready(who) for who in "aab"] == [False, False, True]
    assert [one.mark_ready(who) for who in "ab"] == [False, False]
    assert one.started


def test_what_is_missing_is_counted_in_participants() -> None:
    one = probe()
    assert one.what_is_missing() == "0 of 2 participants were ready"
    one.mark_ready("b")
    assert one.what_is_missing() == "1 of 2 participants were ready"
    one.mark_ready("a")
    assert one.what_is_missing() == "0 of 2 participants reported"
    one.sides["b"] = parse_side("b", {"samples_ms": [40.0]})
    assert one.what_is_missing() == "1 of 2 participants reported"


def test_a_report_has_the_sides_in_order_and_how_long_it_took_in_milliseconds() -> None:
    one = probe()
    for who, samples_ms in (("b", [44.0]), ("a", [40.0])):
        one.sides[who] = parse_side(who, {"samples_ms": samples_ms})
    report = one.report(11.5, None)
    assert (report.probe_session_id, report.offerer, report.answerer) == ("p", "a", "b")
    assert [side.subject_id for side in report.sides] == ["a", "b"]
    assert (report.duration_ms, report.rtt_ms, report.failure_reason) == (1500.0, 44.0, None)


def test_a_report_of_a_probe_that_failed_has_the_sides_that_arrived() -> None:
    one = probe()
    one.sides["b"] = parse_side("b", {"samples_ms": [44.0]})
    report = one.report(25.0, "1 of 2 participants reported")
    assert [side.subject_id for side in report.sides] == ["b"]
    assert (report.rtt_ms, report.failure_reason) == (None, "1 of 2 participants reported")
