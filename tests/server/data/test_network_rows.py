import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.netcode.network_statistics import COLUMNS as STATISTICS_COLUMNS
from interactive_gym.netcode.network_statistics import NetworkStatistics
from interactive_gym.server.data.network_rows import (
    CANDIDATE_TYPES,
    COLUMNS,
    UPLOADED_COLUMNS,
    are_network_rows,
    network_header,
    network_lines,
)

ROW = {"frame": 30, "rtt_ms": 41.5, "local_candidate_type": "relay", "remote_candidate_type": None}


def test_the_rows_that_the_netcode_makes_are_accepted():
    statistics = NetworkStatistics(input_delay=2)
    for tick in range(62):
        statistics.note_tick(tick * 33.4, tick, True, tick % 3)
        statistics.note_peer(1, 2, 30.0, 80.0)
    rows = statistics.take_rows(50)
    assert rows
    assert are_network_rows(rows)
    assert set(rows[0]) == set(STATISTICS_COLUMNS)


def test_a_page_may_leave_out_what_it_does_not_know():
    assert are_network_rows([ROW])
    assert are_network_rows([dict.fromkeys(UPLOADED_COLUMNS)])
    assert are_network_rows([{"local_candidate_type": kind} for kind in CANDIDATE_TYPES])


def test_an_upload_has_1_to_64_rows():
    assert are_network_rows([ROW] * 64)
    assert not are_network_rows([ROW] * 65)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_may_be_as_large_as_a_browsers_whole_numbers(sign):
    for number in (0, 2**53, 2.0**53):
        assert are_network_rows([{"frame_ms": sign * number}])
    for number in (2**53 + 1, 2.0**53 + 2):
        assert not are_network_rows([{"frame_ms": sign * number}])


HOSTILE = {
    "no list": {"frame": 1},
    "none": [],
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
    "nested": [{"frame": {"frame": 1}}],
    "a sound row and one that is not": [ROW, {"frame": "x"}],
}


@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE)
def test_rows_of_another_form_are_refused(rows):
    assert not are_network_rows(rows)


fields = st.sampled_from([*UPLOADED_COLUMNS, "seat", "time", "x"]) | st.integers()
texts = st.sampled_from(["host", "relay", "", 'a,"b"\n', "1"])
values = st.none() | st.booleans() | st.integers() | st.floats() | texts


@given(st.lists(st.dictionaries(fields, values, max_size=4), max_size=3))
def test_what_is_accepted_makes_one_line_each_with_every_column(rows):
    if are_network_rows(rows):
        text = network_header() + network_lines("now", 1, rows)
        header, *lines = csv.reader(io.StringIO(text))
        assert tuple(header) == COLUMNS
        assert text.count("\n") == 1 + len(rows)
        assert [line[:2] for line in lines] == [["now", "1"]] * len(rows)
        assert {len(line) for line in lines} == {len(COLUMNS)}
