import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.simulation.populations.matrix_repair import Repair, repaired

NAN = math.nan
GAPS = st.sampled_from([NAN, 0.0, -1.0, math.inf])


def on_a_line(size, seed=0):
    """Hosts on a line, between which the triangle inequality is tight."""
    rng = random.Random(seed)
    places = sorted(rng.uniform(0.0, 300.0) for _ in range(size))
    return [[abs(a - b) for b in places] for a in places]


def test_a_whole_matrix_stays_as_it_is():
    rows = on_a_line(12)
    whole, repair = repaired(rows)
    assert [list(row) for row in whole] == rows
    assert repair == Repair(12) and not repair.is_needed


@given(st.integers(0, 99), st.data())
def test_gaps_are_counted_and_filled_in_within_the_bounds_of_the_triangle(seed, data):
    rows = on_a_line(9, seed)
    pairs = [(a, b) for a in range(9) for b in range(a)]
    gaps = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6))
    one_way = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6))
    one_way = [pair for pair in one_way if pair not in gaps]
    holed = [row[:] for row in rows]
    for a, b in gaps:
        holed[a][b], holed[b][a] = data.draw(GAPS), data.draw(GAPS)
    for a, b in one_way:
        holed[a][b] = data.draw(GAPS)
    whole, repair = repaired(holed)
    if repair.left_out:
        return
    assert (repair.filled_in, repair.one_way) == (len(gaps), len(one_way))
    for a, b in pairs:
        assert whole[a][b] == whole[b][a] > 0.0
        if (a, b) not in gaps:
            assert whole[a][b] == rows[a][b]
            continue
        ways = [
            (rows[a][c], rows[b][c])
            for c in range(9)
            if c not in (a, b) and not {(max(a, c), min(a, c)), (max(b, c), min(b, c))} & {*gaps}
        ]
        least, most = max(abs(x - y) for x, y in ways), min(x + y for x, y in ways)
        assert whole[a][b] == pytest.approx((least + most) / 2)


def test_directions_that_differ_have_the_mean_of_both():
    whole, repair = repaired([[0, 10, 20], [14, 0, 30], [20, 30, 0]])
    assert (whole[0][1], whole[1][0], repair.asymmetric) == (12, 12, 1)


def test_hosts_that_miss_most_of_their_rtts_are_left_out_and_the_others_are_not():
    rows = on_a_line(8)
    for other in range(7):
        if other != 2:
            rows[7][other] = rows[other][7] = NAN
    rows[0][1] = rows[1][0] = -1
    whole, repair = repaired(rows)
    assert len(whole) == 7
    assert (repair.hosts, repair.left_out, repair.filled_in) == (8, 1, 1)


def test_the_diagonal_does_not_matter():
    rows = on_a_line(4)
    for host in range(4):
        rows[host][host] = [NAN, -1, 0.3, 5][host]
    whole, repair = repaired(rows)
    assert not repair.is_needed and all(whole[host][host] == 0.0 for host in range(4))


def test_pairs_without_a_way_between_them_get_the_typical_rtt():
    rows = [[0, 10, NAN, NAN], [10, 0, NAN, 30], [NAN, NAN, 0, 50], [NAN, 30, 50, 0]]
    whole, repair = repaired(rows)
    assert repair.left_out + repair.filled_in > 0
    assert all(ms > 0 for a, row in enumerate(whole) for b, ms in enumerate(row) if a != b)


@pytest.mark.parametrize("rows", [[], [[0]], [[0, NAN, NAN], [NAN, 0, NAN], [NAN, NAN, 0]]])
def test_too_little_is_refused(rows):
    with pytest.raises(ValueError, match="a server and a pair need 3"):
        repaired(rows)
