import csv
import io
import math
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.netcode.effect_delay import Effects
from interactive_gym.netcode.network_statistics import COLUMNS as STATISTICS_COLUMNS
from interactive_gym.netcode.network_statistics import NetworkStatistics
from interactive_gym.server.data.network_rows import (
    COLUMNS,
    NetworkRow,
    network_header,
    network_lines,
)
from interactive_gym.server.messages.fields import CandidateType

UPLOADED_COLUMNS = NetworkRow.__struct_fields__
ROW = {"frame": 30, "rtt_ms": 41.5, "local_candidate_type": "relay", "remote_candidate_type": None}


def taken(rows):
    """The rows as they are stored; `None` if they are refused."""
    try:
        return msgspec.convert(rows, list[NetworkRow], strict=True)
    except ValueError:
        return None


def test_the_rows_that_the_netcode_makes_are_accepted():
    statistics = NetworkStatistics(input_delay=2)
    for tick in range(62):
        statistics.note_tick(tick * 33.4, tick, True, tick % 3)
        statistics.note_peer(1, 2, 30.0, 80.0, Effects([70.1], 1))
    rows = statistics.take_rows(50)
    assert taken(rows)
    assert tuple(rows[0]) == STATISTICS_COLUMNS == UPLOADED_COLUMNS[: len(STATISTICS_COLUMNS)]


def test_a_page_may_leave_out_what_it_does_not_know():
    assert taken([ROW])
    assert taken([dict.fromkeys(UPLOADED_COLUMNS)])
    assert taken([{"local_candidate_type": kind} for kind in get_args(CandidateType)])


def test_numbers_are_stored_as_they_were_written_and_what_is_missing_is_empty():
    row = {"time_ms": 1000.0, "frame": 30, "ticks": None, "peer_seat": 15, "rtt_ms": 1e-07}
    (line,) = network_lines([("now", 1, 0, it) for it in taken([row])]).splitlines()
    assert line.startswith("now,1,0,1000.0,30,")
    assert line.split(",")[COLUMNS.index("peer_seat") :][:2] == ["15", "1e-07"]
    assert line.count(",,") > 0
    assert "None" not in line
    assert "UNSET" not in line


def test_a_number_may_be_as_large_as_a_browsers_whole_numbers():
    for number in (0, 0.0, 2**53, 2.0**53):
        assert taken([{"frame_ms": number}])
    for number in (2**53 + 1, 2.0**53 + 2, -1, -1e-300):
        assert taken([{"frame_ms": number}]) is None


HOSTILE = {
    "no list": {"frame": 1},
    "no rows": [[1, 2]],
    "an empty row": [{}],
    "a foreign field": [{**ROW, "subject_id": "abc"}],
    "the server's own fields": [{**ROW, "time": "now", "seat": 1}],
    "no field name": [{1: 2}],
    "text": [{"rtt_ms": "41"}],
    "a formula": [{"local_candidate_type": "=1+1"}],
    "another candidate type": [{"local_candidate_type": "HOST"}],
    "a number as candidate type": [{"remote_candidate_type": 1}],
    "a list as candidate type": [{"remote_candidate_type": ["host"]}],
    "a truth value": [{"frame": True}],
    "not a number": [{"rtt_ms": math.nan}],
    "infinite": [{"rtt_ms": -math.inf}],
    "huge": [{"frame": 10**5000}],
    "negative": [{"sent_bytes": -1}],
    "half a frame": [{"confirmed_frames": 0.5}],
    "no seat": [{"peer_seat": 16}],
    "nested": [{"frame": {"frame": 1}}],
    "a sound row and one that is not": [ROW, {"frame": "x"}],
}


@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE)
def test_rows_of_another_form_are_refused(rows):
    assert taken(rows) is None


fields = st.sampled_from([*UPLOADED_COLUMNS, "seat", "time", "x"]) | st.integers()
texts = st.sampled_from(["host", "relay", "", 'a,"b"\n', "1"])
values = st.none() | st.booleans() | st.integers() | st.floats() | texts


@given(st.lists(st.dictionaries(fields, values, max_size=4), min_size=1, max_size=3))
def test_what_is_accepted_makes_one_line_each_with_every_column(rows):
    accepted = taken(rows)
    if accepted is not None:
        text = network_header() + network_lines(("now", 1, 0, it) for it in accepted)
        header, *lines = csv.reader(io.StringIO(text))
        assert tuple(header) == COLUMNS
        assert text.count("\n") == 1 + len(rows)
        assert [line[:3] for line in lines] == [["now", "1", "0"]] * len(rows)
        assert {len(line) for line in lines} == {len(COLUMNS)}
