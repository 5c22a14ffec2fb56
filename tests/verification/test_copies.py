import pytest

from interactive_gym.verification.copies import Copy, config_of, first_difference, read_copies

COLUMNS = ["frame", "reward"]
ROWS = ["0,1", "0,2", "1,1", "1,2"]


def copy_of(rows, columns=COLUMNS):
    return Copy("frames.csv", list(columns), list(rows), 0)


@pytest.mark.parametrize(
    ("stored", "frame", "column"),
    [
        (["0,1", "0,2", "1,1", "1,3"], 1, "reward"),
        (["0,1", '0,"2"', "1,1", "1,2"], 0, "quotes"),
        ([*ROWS, "2,1", "2,2"], 2, "frame"),
    ],
)
def test_the_first_cell_that_differs_is_named(stored, frame, column):
    found = first_difference(copy_of(stored), COLUMNS, ROWS, rows_per_frame=2)
    assert (found.frame, found.column) == (frame, column)


def test_a_copy_may_be_shorter_but_has_the_columns_of_the_game():
    assert first_difference(copy_of(ROWS[:2]), COLUMNS, ROWS, 2) is None
    assert first_difference(copy_of(ROWS, ["frame", "score"]), COLUMNS, ROWS, 2).column == "header"


def test_a_seat_that_parted_from_the_others_has_their_frames_before_its_own(tmp_path):
    (tmp_path / "frames.csv").write_text("frame,reward\n0,1\n0,2\n")
    (tmp_path / "frames.seat1.csv").write_text("frame,reward\n1,8\n1,9\n1,")
    common, own = read_copies(tmp_path, seats=2, rows_per_frame=2)
    assert common.rows == ["0,1", "0,2"]
    assert list(own) == [1] and own[1].rows == ["0,1", "0,2", "1,8", "1,9"]


def test_a_game_without_frames_has_an_empty_copy(tmp_path):
    common, own = read_copies(tmp_path, seats=2, rows_per_frame=2)
    assert (common.rows, own) == ([], {})


def test_a_game_is_simulated_from_what_decides_it_alone():
    match = {"agents": {"a": None}, "seed": 3, "end_reason": "completed", "group": []}
    assert config_of(match) == {"seat": 0, "agents": {"a": None}, "seed": 3}
