import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.netcode.recorder import MAX_COLUMNS, MAX_ROW_CHARS
from interactive_gym.server.data.frame_rows import (
    BASE_COLUMNS,
    FIRST_PLACE,
    MAX_ROWS,
    Place,
    RowRules,
    header_line,
    is_played,
)
from tests.support.simulated_network import Network, SimulatedGame, game_config
from tests.support.stub_game import StubGame

AGENTS = ("left", 7)
WIDTH = len(BASE_COLUMNS) + 1
MATCH = {
    "agents": [*AGENTS, "robot"],
    "group": [{"agent": "left"}, {"agent": 7}],
    "actions": [0, 1, [1, 2]],
    "num_episodes": 2,
    "max_steps": 5,
}
RULES = RowRules(MATCH)
LONG = RowRules({**MATCH, "max_steps": None})


def row(frame: int, agent: object, **cells: object) -> str:
    """A row of the first episode, with some cells as given."""
    values = {"episode": 0, "step": frame, "action": 1, "hidden": "false", "reward": 0.5}
    values |= {"terminated": "false", "truncated": "false", "info": 0}
    if agent == "robot":
        values["hidden"] = ""
    values |= cells
    head = f"{frame},{values['episode']},{values['step']},{agent},{values['action']}"
    outcome = f"{values['reward']},{values['terminated']},{values['truncated']},{values['info']}"
    return f"{head},{values['hidden']},{outcome}"


def frame_rows(frame: int, **cells: object) -> list[str]:
    return [row(frame, agent, **cells) for agent in (*AGENTS, "robot")]


def rows(first_frame: int, frames: int) -> list[str]:
    return [
        line for frame in range(first_frame, first_frame + frames) for line in frame_rows(frame)
    ]


def check(lines: list[str], first_frame: int = 0, rules: RowRules = RULES, lost=()) -> Place | None:
    return rules.check(lines, first_frame, Place(0, first_frame), WIDTH, lost)


@pytest.mark.parametrize("own", [[], ["info_a"], ["info_a", "info_b c", "info_é"]])
def test_columns_are_those_of_every_game_and_then_ones_of_infos(own):
    assert RULES.are_columns([*BASE_COLUMNS, *own])


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
        [*BASE_COLUMNS, "info_a;=cmd()"],
        ["=cmd()", *BASE_COLUMNS[1:]],
    ],
)
def test_other_columns_are_refused(columns):
    assert not RULES.are_columns(columns)


def test_columns_have_limits_in_number_and_length():
    own = [f"info_{number}" for number in range(MAX_COLUMNS - len(BASE_COLUMNS))]
    assert len([*BASE_COLUMNS, *own]) == MAX_COLUMNS == 100
    assert RULES.are_columns([*BASE_COLUMNS, *own])
    assert not RULES.are_columns([*BASE_COLUMNS, *own, "info_more"])
    assert RULES.are_columns([*BASE_COLUMNS, "info_" + "x" * 100])
    assert not RULES.are_columns([*BASE_COLUMNS, "info_" + "x" * 101])


def test_the_header_is_a_line_of_csv():
    assert header_line(["frame", 'info_a,"b"']) == 'frame,"info_a,""b"""\n'


def test_rows_are_one_for_each_agent_and_frame_in_order():
    assert check(rows(0, 1)) == Place(0, 1)
    assert check(rows(1, 3), 1) == Place(0, 4)
    quoted = [row(0, "left", info='"a, ""b"""'), *frame_rows(0)[1:]]
    assert check(quoted) == Place(0, 1)


def test_the_frames_go_through_the_episodes_to_the_games_last_possible_one():
    last = frame_rows(4, truncated="true")
    assert check([*rows(0, 4), *last]) == Place(1, 0)
    second = frame_rows(5, episode=1, step=0, terminated="true")
    assert RULES.check(second, 5, Place(1, 0), WIDTH) is None
    with pytest.raises(ValueError, match="the game has no frame 6"):
        RULES.check(frame_rows(6), 6, None, WIDTH)
    with pytest.raises(ValueError, match="the game has no frame 6"):
        RULES.check([*second, *frame_rows(6, episode=2, step=0)], 5, Place(1, 0), WIDTH)


def test_an_episode_ends_when_it_has_for_all_who_take_part():
    one_left = [
        row(0, "left", terminated="true"),
        row(0, 7),
        "0,0,0,robot,1,,,,,",
    ]
    assert check(one_left) == Place(0, 1)
    assert check([one_left[0], row(0, 7, truncated="true"), one_left[2]]) == Place(1, 0)
    with pytest.raises(ValueError, match="must end with its step 5"):
        check(rows(0, 5))
    assert check(rows(0, 50), rules=LONG) == Place(0, 50)


OTHER_ROWS = {
    "none": [],
    "half a frame": rows(0, 1)[:2],
    "another order": rows(0, 1)[::-1],
    "another frame": rows(1, 1),
    "a gap": [*rows(0, 1), *rows(2, 1)],
    "a frame twice": [*rows(0, 1), *rows(0, 1)],
    "a cell too many": [f"{line},0" for line in rows(0, 1)],
    "a cell too few": [line.rpartition(",")[0] for line in rows(0, 1)],
    "a frame spelled otherwise": [f"0{line}" for line in rows(0, 1)],
    "a line break": [f"{line}\n" for line in rows(0, 1)],
    "an open quote": frame_rows(0, info='"open'),
    "text after a quote": frame_rows(0, info='"a"b'),
    "an empty line": ["", *rows(0, 1)[1:]],
    "another episode": frame_rows(0, episode=1),
    "another step": frame_rows(0, step=1),
    "a negative step": frame_rows(0, step=-1),
}
OTHER_CELLS = {
    "reward": ["banana", "=cmd()", "1,5", "0x1f", "9" * 41, "[1]", " 1", "1 "],
    "terminated": ["", "yes", "True", "1", "=1"],
    "truncated": ["", "no", "0", "=cmd()"],
    "hidden": ["yes", "True", "0", "=1"],
    "action": ["", "2", "1.0", "=cmd()", "left", "-1"],
    "info": ["=cmd()", "+1+1", "@SUM(A1)", "-2+3", "＝1", " =1", "a;=cmd()", '"=1,2"', '"x;""=1"'],
}


@pytest.mark.parametrize("uploaded", OTHER_ROWS.values(), ids=OTHER_ROWS)
def test_rows_that_are_not_in_their_place_are_refused(uploaded):
    with pytest.raises(ValueError, match="row"):
        check(uploaded)


@pytest.mark.parametrize(
    ("column", "cell"), [(column, cell) for column, cells in OTHER_CELLS.items() for cell in cells]
)
def test_a_cell_of_another_type_is_refused_whoever_it_is_about(column, cell):
    for agent in range(2 if column in ("action", "hidden") else 3):
        uploaded = frame_rows(0)
        uploaded[agent] = row(0, (*AGENTS, "robot")[agent], **{column: cell})
        with pytest.raises(ValueError, match="row"):
            check(uploaded)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(
            ("reward", cell)
            for cell in ("", "-0.0", "1e-07", "1e+300", "nan", "-inf", "12", "true")
        ),
        *(("hidden", cell) for cell in ("true", "false")),
        *(("action", cell) for cell in ("0", '"[1,2]"')),
        *(("info", cell) for cell in ("", "plain", "-5", "-0.5", "a=b", '"[-1,-2]"', '"""=1"""')),
    ],
)
def test_what_a_game_can_have_is_taken(column, cell):
    uploaded = frame_rows(0)
    uploaded[0] = row(0, "left", **{column: cell})
    assert check(uploaded) == Place(0, 1)


def test_a_seat_is_played_until_its_participant_is_lost_and_a_policy_by_nobody():
    gone = [row(0, "left", hidden="", action="wait"), *frame_rows(0)[1:]]
    with pytest.raises(ValueError, match="hidden must not be empty"):
        check(gone)
    assert check(gone, lost={0}) == Place(0, 1)
    with pytest.raises(ValueError, match="hidden must not be empty"):
        check(gone, lost={1})
    robot = [*frame_rows(0)[:2], row(0, "robot", hidden="false")]
    with pytest.raises(ValueError, match="hidden must be true or false where"):
        check(robot)
    formula = [*frame_rows(0)[:2], row(0, "robot", action="=cmd()")]
    with pytest.raises(ValueError, match="may not be a formula"):
        check(formula)


def test_without_an_outcome_all_its_cells_are_empty():
    for more in ("1,,,", ",,true,", ",,,x"):
        uploaded = [*frame_rows(0)[:2], f"0,0,0,robot,1,,{more}"]
        with pytest.raises(ValueError, match="without an outcome"):
            check(uploaded)


def test_an_upload_has_a_limit_in_rows():
    assert MAX_ROWS == 4096
    assert check(rows(0, MAX_ROWS // 3), rules=LONG) == Place(0, MAX_ROWS // 3)
    with pytest.raises(ValueError, match="1 to 4096 rows"):
        check(rows(0, MAX_ROWS // 3 + 1), rules=LONG)


def test_a_row_has_a_limit_in_characters():
    longest = row(0, "left")
    longest += "0" * (MAX_ROW_CHARS - len(longest))
    assert len(longest) == MAX_ROW_CHARS == 4096
    assert check([longest, *frame_rows(0)[1:]]) == Place(0, 1)
    with pytest.raises(ValueError, match="4096 characters"):
        check([f"{longest}0", *frame_rows(0)[1:]])


@pytest.mark.parametrize(("hidden", "played"), [("true", True), ("false", True), ("", False)])
def test_a_participant_played_where_the_page_could_be_hidden(hidden, played):
    assert is_played(row(0, "left", hidden=hidden)) is played


@pytest.mark.parametrize("max_steps", [None, 40])
def test_the_rows_of_a_real_game_are_taken_to_its_end(max_steps):
    config = game_config(num_episodes=3, max_steps=max_steps)
    game = SimulatedGame(StubGame, config, 1, Network(delay_ms=20))
    game.run(until_ms=60_000)
    match = dataclasses.asdict(config)
    match["group"] = [{"agent": agent} for agent in config.agents]
    for player in game.players:
        assert player.result["finished"]
        width = len(player.rows[0].split(","))
        place = FIRST_PLACE
        for at in range(0, len(player.rows), 60):
            place = RowRules(match).check(player.rows[at : at + 60], at // 2, place, width)
        assert place is None


texts = st.text(max_size=9) | st.sampled_from(["=cmd()", "-1", "true", "0", '"', "a;=1"])


@given(st.lists(texts, min_size=WIDTH, max_size=WIDTH))
def test_no_row_is_taken_in_which_a_spreadsheet_finds_a_formula(cells):
    line = ",".join(cells)
    try:
        check([line, *frame_rows(0)[1:]])
    except ValueError:
        return
    assert not any(cell.lstrip(" ").startswith(("=", "+", "@")) for cell in cells)


CELLS = st.sampled_from(
    ["", "0", "1", "-1", "-0.5", "1e-07", "nan", "true", "false", "plain", "=1", "a;=1", "-x", "2"]
)


def test_an_agent_whose_name_looks_like_two_cells_is_one():
    match = {"agents": ["a,b"], "group": [{"agent": "a,b"}]}
    rules = RowRules(match)
    end = "1,false,0.5,false,false,0"
    assert rules.check([f'0,0,0,"a,b",{end}'], 0, FIRST_PLACE, WIDTH) == Place(0, 1)
    with pytest.raises(ValueError, match="10 cells"):
        rules.check([f"0,0,0,a,b,{end}"], 0, FIRST_PLACE, WIDTH)


@settings(max_examples=400)
@given(st.lists(CELLS, min_size=WIDTH - 4, max_size=WIDTH - 4), st.integers(0, 2))
def test_the_fast_look_at_a_row_and_that_at_its_cells_agree(cells, position):
    line = ",".join(["0", "0", "0", str([*AGENTS, "robot"][position]), *cells])
    uploaded = frame_rows(0)
    uploaded[position] = line
    quoted = [*uploaded]
    # Quotes, which change nothing, make it look at every cell.
    quoted[position] = ",".join(f'"{cell}"' for cell in line.split(","))

    def answer(lines):
        try:
            return check(lines)
        except ValueError:
            return None

    assert answer(uploaded) == answer(quoted)


ADAPTIVE = RowRules({**MATCH, "max_steps": None, "adapts_input_delay": True})


def test_a_game_whose_input_delay_changes_has_a_column_of_it():
    columns = [*BASE_COLUMNS, "input_delay", "info_a"]
    assert ADAPTIVE.are_columns(columns)
    assert not RULES.are_columns(columns)
    assert not ADAPTIVE.are_columns([*BASE_COLUMNS, "info_a"])
    assert not ADAPTIVE.are_columns([*BASE_COLUMNS, "info_a", "input_delay"])


@pytest.mark.parametrize("info", ["0", '"a, b"', ""])
@pytest.mark.parametrize("delay", [0, 2, 30])
def test_an_input_delay_is_a_number_of_frames(delay, info):
    lines = frame_rows(0, info=f"{delay},{info}")
    assert ADAPTIVE.check(lines, 0, Place(0, 0), WIDTH + 1) == Place(0, 1)
    ended = [lines[0], lines[1], f"0,0,0,robot,1,,,,,{delay},"]
    assert ADAPTIVE.check(ended, 0, Place(0, 0), WIDTH + 1) == Place(0, 1)


@pytest.mark.parametrize("info", ["0", '"a, b"'])
@pytest.mark.parametrize("delay", ["", -1, 31, "02", 2.0, "x", "=1", "²"])
def test_what_is_no_number_of_frames_is_refused(delay, info):
    lines = frame_rows(0, info=f"{delay},{info}")
    with pytest.raises(ValueError, match="the input delay must be a number from 0 to 30"):
        ADAPTIVE.check(lines, 0, Place(0, 0), WIDTH + 1)


def test_the_rows_of_a_game_whose_input_delay_changes_are_accepted():
    config = game_config(num_episodes=6, adapts_input_delay=True, input_delay=1)
    game = SimulatedGame(StubGame, config, 3, Network(delay_ms=90)).run()
    match = {
        "agents": list(config.agents),
        "group": [{"agent": agent} for agent in config.agents],
        "actions": list(config.actions),
        "adapts_input_delay": True,
    }
    rules, rows = RowRules(match), game.players[0].rows
    width = rows[0].count(",") + 1
    assert len({line.split(",")[len(BASE_COLUMNS)] for line in rows}) > 1
    assert rules.check(rows, 0, Place(0, 0), width) is not None
