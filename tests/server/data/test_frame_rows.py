import pytest

from interactive_gym.netcode.recorder import MAX_COLUMNS, MAX_ROW_CHARS
from interactive_gym.server.data.frame_rows import (
    BASE_COLUMNS,
    MAX_ROWS,
    are_columns,
    are_rows,
    header_line,
    is_played,
)

AGENTS = ("left", 7)
WIDTH = len(BASE_COLUMNS) + 1


def row(frame: int, agent: object, hidden: str = "false", info: str = "0") -> str:
    return f"{frame},0,{frame},{agent},1,{hidden},0.5,false,false,{info}"


def rows(first_frame: int, frames: int) -> list[str]:
    return [
        row(frame, agent) for frame in range(first_frame, first_frame + frames) for agent in AGENTS
    ]


@pytest.mark.parametrize("own", [[], ["info_a"], ["info_a", "info_b c", "info_é"]])
def test_columns_are_those_of_every_game_and_then_ones_of_infos(own):
    assert are_columns([*BASE_COLUMNS, *own])


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [*BASE_COLUMNS[:-1]],
        [*BASE_COLUMNS[1:], BASE_COLUMNS[0]],
        [*BASE_COLUMNS, "score"],
        [*BASE_COLUMNS, "info_"],
        [*BASE_COLUMNS, "info_a", "info_a"],
        [*BASE_COLUMNS, "info_a\nb"],
        [*BASE_COLUMNS, "info_a\x00"],
    ],
)
def test_other_columns_are_refused(columns):
    assert not are_columns(columns)


def test_columns_have_limits_in_number_and_length():
    own = [f"info_{number}" for number in range(MAX_COLUMNS - len(BASE_COLUMNS))]
    assert len([*BASE_COLUMNS, *own]) == MAX_COLUMNS == 100
    assert are_columns([*BASE_COLUMNS, *own])
    assert not are_columns([*BASE_COLUMNS, *own, "info_more"])
    assert are_columns([*BASE_COLUMNS, "info_" + "x" * 100])
    assert not are_columns([*BASE_COLUMNS, "info_" + "x" * 101])


def test_the_header_is_a_line_of_csv():
    assert header_line(["frame", 'info_a,"b"']) == 'frame,"info_a,""b"""\n'


def test_rows_are_one_for_each_agent_and_frame_in_order():
    assert are_rows(rows(0, 1), 0, AGENTS, WIDTH)
    assert are_rows(rows(41, 3), 41, AGENTS, WIDTH)
    assert are_rows([row(0, "left", info='"a, ""b"""'), row(0, 7)], 0, AGENTS, WIDTH)


@pytest.mark.parametrize(
    "uploaded",
    [
        [],
        rows(0, 1)[:1],
        rows(0, 1)[::-1],
        rows(1, 1),
        [*rows(0, 1), *rows(2, 1)],
        [*rows(0, 1), *rows(0, 1)],
        [row(0, "left"), row(0, 7) + ",0"],
        [row(0, "left"), row(0, 7).rpartition(",")[0]],
        [row(0, "left"), "0" + row(0, 7)],
        [row(0, "left"), row(0, 7) + "\n"],
        [row(0, "left"), row(0, 7, info='"open')],
        [row(0, "left"), row(0, 7, info='"a"b')],
        [row(0, "left"), ""],
    ],
)
def test_other_rows_are_refused(uploaded):
    assert not are_rows(uploaded, 0, AGENTS, WIDTH)


def test_an_upload_has_a_limit_in_rows():
    assert MAX_ROWS == 4096
    assert are_rows(rows(0, MAX_ROWS // 2), 0, AGENTS, WIDTH)
    assert not are_rows(rows(0, MAX_ROWS // 2 + 1), 0, AGENTS, WIDTH)


def test_a_row_has_a_limit_in_characters():
    longest = row(0, "left")
    longest += "0" * (MAX_ROW_CHARS - len(longest))
    assert len(longest) == MAX_ROW_CHARS == 4096
    assert are_rows([longest, row(0, 7)], 0, AGENTS, WIDTH)
    assert not are_rows([longest + "0", row(0, 7)], 0, AGENTS, WIDTH)


@pytest.mark.parametrize(("hidden", "played"), [("true", True), ("false", True), ("", False)])
def test_a_participant_played_where_the_page_could_be_hidden(hidden, played):
    assert is_played(row(0, "left", hidden)) is played
