import pytest

from interactive_gym.server.data.wall_times import utc_iso, wall_s_of


def test_a_time_is_written_in_utc_to_the_millisecond():
    assert utc_iso(1_700_000_000.0) == "2023-11-14T22:13:20.000Z"
    assert utc_iso(1_700_000_000.5) == "2023-11-14T22:13:20.500Z"


@pytest.mark.parametrize("wall_s", [0.0, 1_700_000_000.0, 1_700_000_000.125])
def test_what_is_written_can_be_read(wall_s):
    assert wall_s_of(utc_iso(wall_s)) == wall_s
