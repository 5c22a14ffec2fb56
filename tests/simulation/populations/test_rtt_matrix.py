import gzip
import random
from collections import Counter

import pytest

from interactive_gym.simulation.populations.rtt_matrix import RttMatrix

ROWS = [[0, 10, 20, 90], [10, 0, 30, 80], [20, 30, 0, 70], [90, 80, 70, 0]]


def written(rows):
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


@pytest.mark.parametrize("name", ["rtts.csv", "rtts.csv.gz"])
def test_a_matrix_is_read_compressed_or_not(tmp_path, name):
    path = tmp_path / name
    with gzip.open(path, "wt") if name.endswith(".gz") else path.open("w") as file:
        file.write(written(ROWS))
    matrix = RttMatrix.read(path)
    assert matrix.pair_rtts_ms() == [10, 20, 90, 30, 80, 70]
    assert matrix.percentile_ms(0.5) == 50.0
    assert matrix.description == f"{name} (4 hosts)"


def test_the_people_are_different_hosts_and_their_rtts_are_those_of_the_matrix():
    matrix = RttMatrix(ROWS)
    for seed in range(20):
        cohort = matrix.cohort(3, random.Random(seed))
        # A quarter of four hosts is the one with the smallest median RTT: host 0 or 1 ties with
        # none, so the server is host 0 and the others have 10, 20 and 90 ms to it.
        assert sorted(cohort.server_rtt_ms) == [10, 20, 90]
        host = {10: 1, 20: 2, 90: 3}
        for a in range(3):
            for b in range(3):
                hosts = host[cohort.server_rtt_ms[a]], host[cohort.server_rtt_ms[b]]
                assert cohort.rtt_ms(a, b) == ROWS[hosts[0]][hosts[1]]


def test_the_server_is_drawn_from_the_best_connected_quarter():
    # Eight hosts around a hub, each a millisecond farther from it than the one before.
    away_ms = [float(host) for host in range(1, 9)]
    star = [[0.0 if a == b else a + b for b in away_ms] for a in away_ms]
    nearest_ms = {
        min(RttMatrix(star).cohort(7, random.Random(seed)).server_rtt_ms) for seed in range(40)
    }
    # From the first host the nearest is the second and the other way round: 3 ms. From any other
    # host the nearest would be the first, at 4 ms or more.
    assert nearest_ms == {3.0}


def test_more_people_than_hosts_share_hosts_with_the_rtt_that_is_typical_there():
    cohort = RttMatrix(ROWS).cohort(7, random.Random(0))
    servers = list(cohort.server_rtt_ms)
    # The server is host 0; each of the others is drawn twice before any is drawn a third time.
    assert sorted(Counter(servers).values()) == [2, 2, 3]
    same = [(a, b) for a in range(7) for b in range(a) if servers[a] == servers[b]]
    typical = {10: 20.0, 20: 25.0, 90: 75.0}
    assert all(cohort.rtt_ms(a, b) == typical[servers[a]] for a, b in same)


def test_a_small_matrix_makes_a_study_of_any_size():
    rows = [[0, 10, 20], [10, 0, 30], [20, 30, 0]]
    assert len(RttMatrix(rows).cohort(300, random.Random(1))) == 300


def test_how_a_matrix_was_understood_is_one_sentence(tmp_path):
    path = tmp_path / "rtts.csv"
    path.write_text(written(ROWS))
    assert RttMatrix.read(path).reading is None
    path.write_text(
        ";a;b;c;d;e\na;0;10,5;20;;nan\nb;12,5;0;30;80;\nc;20;30;0;70;-1\nd;90;80;70;0;0\ne;;5;;;0\n"
    )
    matrix = RttMatrix.read(path)
    assert matrix.reading == (
        "rtts.csv: its first row and column are names; separated by semicolons; 2 pairs known in "
        "one direction only, which counts for both; 1 pair different by direction, with the mean "
        "of both; 1 of 5 hosts left out, as more than half of their RTTs are missing."
    )
    assert matrix.pair_rtts_ms() == [11.5, 20, 90, 30, 80, 70]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([[0, 1], [1, 0]], "it has 2 rows"),
        ([[0, 1, 2], [1, 0], [2, 3, 0]], "row 2 has 2 columns, not 3"),
        ([[0, 1, 2], [1, 0, -3], [2, -3, 0]], "row 2, column 3 is -3"),
        ([[0, 1, 0], [1, 0, 0], [0, 0, 0]], "1 of them miss most of their RTTs"),
    ],
)
def test_what_is_no_matrix_of_rtts_is_refused_with_the_place_of_the_fault(rows, fault):
    with pytest.raises(ValueError, match=fault):
        RttMatrix(rows, "rtts.csv")


@pytest.mark.parametrize("content", [None, b"from,to\na,b\n", b"\x1f\x8b not gzip", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, content):
    path = tmp_path / "rtts.csv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"rtts\.csv\.gz cannot be read"):
        RttMatrix.read(path)
