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
        assert flood.first_end() == ENDS[kind]
    honest.play_on()
