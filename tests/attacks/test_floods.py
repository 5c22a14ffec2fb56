"""Two honest participants play on while somebody sends as much as they can.

How much later the others are answered, `tests/benchmarks/bench_floods.py` measures.
"""

import pytest

from tests.support.flood import KINDS, Flood


@pytest.mark.parametrize("kind", KINDS)
def test_others_play_on_during_a_flood(served, honest, kind):
    with Flood(served, kind):
        honest.play_on()


ENDS = {
    "no-ops of Engine.IO": [1008, "too many messages"],
    "large messages": [1008, "too many messages"],
    "events without a name": [1008, "malformed messages"],
}


@pytest.mark.parametrize("kind", ENDS)
def test_a_flood_is_disconnected_with_a_reason(served, honest, kind):
    with Flood(served, kind) as flood:
        for _ in range(2):
            assert flood.next_end() == ENDS[kind]
    honest.play_on()
    assert reasons_told_of(served, flood.recruitment_id) == [ENDS[kind][1]]


def reasons_told_of(served, recruitment_id):
    """Why the data say that this participant was cut off."""
    lines = served.participant_lines()
    (subject_id,) = {
        line["subject_id"]
        for line in served.recruitment_lines()
        if line["recruitment_id"] == recruitment_id
    }
    told = [line for line in lines if line["subject_id"] == subject_id]
    return [line["reason"] for line in told if line["event"] == "cut_off"]
