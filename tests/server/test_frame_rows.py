from __future__ import annotations

from typing import Any

import pytest

from interactive_gym.server.frame_rows import (
    BASE_COLUMNS,
    are_columns,
    are_rows,
    header_line,
    is_played,
)

AGENTS = ("left", "right")
WIDTH = len(BASE_COLUMNS)


def row(frame: int, agent: str = "left", action: str = "1", hidden: str = "false") -> str:
    return f"{frame},0,{frame},{agent},{action},{hidden},0.5,false,false"


def rows(frames: int, first_frame: int = 0) -> list[str]:
    return [
        row(frame, agent) for frame in range(first_frame, first_frame + frames) for agent in AGENTS
    ]


def accepts(rows: Any, first_frame: int = 0, width: int = WIDTH) -> bool:
    return are_rows(rows, first_frame, AGENTS, width)


def own_columns(count: int) -> list[str]:
    return [*BASE_COLUMNS, *(f"info_{number}" for number in range(count))]


def test_a_hundred_columns_are_accepted_and_not_one_more() -> None:
    assert are_columns(own_columns(100 - WIDTH))
    assert not are_columns(own_columns(101 - WIDTH))


def test_the_name_of_an_own_column_has_one_to_a_hundred_characters() -> None:
    for length, good in ((0, False), (1, True), (100, True), (101, False)):
        assert are_columns([*BASE_COLUMNS, "info_" + "x" * length]) == good


@pytest.mark.parametrize(
    "columns",
    [
        BASE_COLUMNS,
        None,
        [],
        [*BASE_COLUMNS[:-1]],
        [*BASE_COLUMNS[:-1], "info_x"],
        ["info_x", *BASE_COLUMNS],
        [*BASE_COLUMNS, "x"],
        [*BASE_COLUMNS, "my_info_x"],
        [*BASE_COLUMNS, "info_a\nb"],
        [*BASE_COLUMNS, "info_x", "info_x"],
        [*BASE_COLUMNS, 5],
        [*BASE_COLUMNS, ["info_x"]],
    ],
)
def test_columns_of_another_form_are_refused(columns: Any) -> None:
    assert not are_columns(columns)


def test_an_environment_need_not_add_columns() -> None:
    assert are_columns([*BASE_COLUMNS])


def test_a_header_is_a_line_of_csv() -> None:
    assert header_line(["frame", "info_a,b"]) == 'frame,"info_a,b"\n'


def test_an_upload_has_at_most_4096_rows() -> None:
    assert accepts(rows(2048))
    assert not accepts(rows(2049))
    assert are_rows([row(frame) for frame in range(4096)], 0, ["left"], WIDTH)
    assert not are_rows([row(frame) for frame in range(4097)], 0, ["left"], WIDTH)


def test_a_row_has_at_most_4096_characters() -> None:
    fixed = len(row(0, action=""))
    longest = row(0, action="1" * (4096 - fixed))
    assert len(longest) == 4096
    assert accepts([longest, row(0, "right")])
    assert not accepts([row(0, action="1" * (4097 - fixed)), row(0, "right")])


@pytest.mark.parametrize("upload", [None, [], (), "", {"0": "x"}, rows(1)[:1], rows(2)[:3]])
def test_an_upload_is_a_list_of_whole_frames(upload: Any) -> None:
    assert not accepts(upload)


def test_rows_belong_to_successive_frames_from_the_first_on() -> None:
    assert accepts(rows(3, first_frame=7), first_frame=7)
    assert not accepts(rows(3, first_frame=7), first_frame=6)
    assert not accepts(rows(3, first_frame=7), first_frame=8)
    assert not accepts([*rows(1), *rows(1, first_frame=2)])
    assert not accepts([*rows(1), *rows(1)])


def test_the_agents_of_a_frame_come_in_the_order_of_the_seats() -> None:
    assert not accepts(rows(1)[::-1])
    assert not accepts([row(0), row(0)])
    assert not accepts([row(0), row(0, "other")])


def test_a_single_row_is_a_frame_of_a_single_agent() -> None:
    assert are_rows([row(0)], 0, ["left"], WIDTH)


def test_agents_may_be_numbers() -> None:
    assert are_rows([row(0, "0"), row(0, "1")], 0, [0, 1], WIDTH)


@pytest.mark.parametrize("width", [WIDTH - 1, WIDTH + 1])
def test_every_row_has_as_many_fields_as_there_are_columns(width: int) -> None:
    assert not accepts(rows(1), width=width)
    assert accepts([f"{one},7" for one in rows(1)], width=WIDTH + 1)


@pytest.mark.parametrize(
    "bad", [None, 5, b"0,0", [], "", row(0) + "\n", row(0) + "\x00", row(0, action='"1')]
)
def test_one_row_that_is_no_line_of_csv_spoils_the_upload(bad: Any) -> None:
    assert not accepts([bad, row(0, "right")])
    assert not accepts([row(0), bad])


def test_a_row_is_played_where_a_page_was_hidden_or_not() -> None:
    assert is_played(row(0, hidden="true"))
    assert is_played(row(0, hidden="false"))
    assert not is_played(row(0, hidden=""))
    assert not is_played('"')
