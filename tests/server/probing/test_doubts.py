"""What speaks against a measurement, and what does not."""

import pytest

from interactive_gym.server.probing.doubts import doubts_about
from interactive_gym.server.probing.events import ProbeResult, parse_side
from interactive_gym.server.probing.report import make_report


def report(one_ms: float, other_ms: float):
    sides = [
        parse_side(who, ProbeResult("probe-1", samples_ms=[rtt_ms]))
        for who, rtt_ms in (("a", one_ms), ("b", other_ms))
    ]
    return make_report(
        probe_session_id="probe-1",
        offerer="a",
        answerer="b",
        sides=tuple(sides),
        duration_ms=100.0,
        failure_reason=None,
    )


@pytest.mark.parametrize(
    ("rtt_ms", "server_rtts_ms", "doubts"),
    [
        (5.0, (20.0, 25.0), ()),
        (5.0, (20.0, 80.0), ()),
        (5.0, (20.0, 80.1), ("below_server_rtts",)),
        (5.0, (80.1, 20.0), ("below_server_rtts",)),
        (100.0, (20.0, 270.0), ()),
        (140.0, (20.0, 25.0), ()),
        (140.1, (20.0, 25.0), ("above_server_rtts",)),
        (59_000.0, (20.0, 300.0), ("above_server_rtts",)),
        (5.0, (None, 300.0), ()),
        (900.0, (20.0, None), ()),
    ],
)
def test_an_rtt_far_off_the_triangle_over_the_server_is_doubted(rtt_ms, server_rtts_ms, doubts):
    assert doubts_about(rtt_ms, None, server_rtts_ms) == doubts
    assert doubts_about(rtt_ms, report(rtt_ms, rtt_ms), server_rtts_ms) == doubts


def test_so_is_one_of_which_the_two_sides_tell_different_values():
    assert doubts_about(20.0, report(20.0, 9.9), (10.0, 12.0)) == ("sides_disagree",)
    assert doubts_about(20.0, report(20.0, 10.1), (10.0, 12.0)) == ()
    assert doubts_about(200.0, report(20.0, 200.0), (10.0, 12.0)) == (
        *("sides_disagree", "above_server_rtts"),
    )
