import csv
import hashlib
import io
from typing import Any

import pytest

from interactive_gym.netcode.cells import cell
from interactive_gym.netcode.recorder import MAX_COLUMNS, MAX_ROW_CHARS, Recorder
from interactive_gym.netcode.simulation import FrameResult
from tests.support.simulated_network import game_config


def result(episode: int, step: int, inputs: bytes, *outcomes: Any) -> FrameResult:
    actions = [ACTIONS[value & 0x7F] for value in inputs]
    return FrameResult(episode, step, inputs, actions, list(outcomes), False)


ACTIONS = [0, [1, 2]]


def recorder_of(agents: list[Any], info_keys: list[str]) -> Recorder:
    return Recorder(game_config(agents=agents, actions=ACTIONS), info_keys)


def test_a_frame_is_one_line_per_agent_in_seat_order() -> None:
    recorder = recorder_of(["left", 4], ["score"])
    assert recorder.columns[-2:] == ["truncated", "info_score"]
    recorder.record(result(0, 0, b"\x00\x00", (0, False, False, 1), (0, False, False, 2)))
    assert recorder.record(
        result(1, 7, b"\x01\x80", (0.5, True, False, "a"), (-1, False, True, None))
    ) == ['1,1,7,left,"[1,2]",false,0.5,true,false,a', "1,1,7,4,0,true,-1,false,true,"]


def test_an_agent_that_took_no_part_has_empty_cells() -> None:
    recorder = recorder_of(["left", "right"], ["a", "b"])
    lines = recorder.record(result(0, 0, b"\x00\x00", (1, False, False, 1, 2), None))
    assert lines[1] == "0,0,0,right,0,false,,,,,"
    assert [len(row) for row in csv.reader(lines)] == [len(recorder.columns)] * 2


def test_the_digest_is_that_of_the_file() -> None:
    recorder = recorder_of(["left"], ["a,b"])
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(recorder.columns)
    for step in range(3):
        lines = recorder.record(result(0, step, b"\x00", (1, False, False, "x,y")))
        file.write("".join(f"{line}\n" for line in lines))
    digest = hashlib.sha256(file.getvalue().encode()).hexdigest()
    assert recorder.digest == digest
    assert f"{recorder.checksum:08x}" == digest[:8]
    assert recorder.frames == 3


def test_a_new_table_has_no_frames_and_the_digest_of_its_header() -> None:
    recorder = recorder_of(["left"], ["score"])
    header = "frame,episode,step,agent,action,hidden,reward,terminated,truncated,info_score\n"
    assert recorder.frames == 0
    assert recorder.digest == hashlib.sha256(header.encode()).hexdigest()


def test_an_agent_without_a_participant_shows_its_action_and_no_hidden_page() -> None:
    config = game_config(3, actions=ACTIONS, policies=[None, "random", None])
    recorder = Recorder(config, [])
    outcomes: list[tuple[Any, ...] | None] = [(1, False, False)] * 3
    actions = [0, [1, 2], "a,b"]
    lines = recorder.record(FrameResult(0, 0, b"\x00\xff", actions, outcomes, False))
    assert lines == [
        "0,0,0,player_0,0,false,1,false,false",
        '0,0,0,player_1,"[1,2]",,1,false,false',
        '0,0,0,player_2,"a,b",,1,false,false',
    ]


class Text(str):
    __slots__ = ()


class Number(int):
    def __str__(self) -> str:
        return "a number"

    __repr__ = __str__


class Float(float):
    def __repr__(self) -> str:
        return "a float"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Number(3), "3"),
        (Float(0.5), "0.5"),
        (Text("a"), "a"),
        (10**30, str(10**30)),
        ("a\rb", '"""a\\rb"""'),
        ("a\x7f", '"""a\\u007f"""'),
        ("ä", "ä"),
        ("", ""),
        ({"b": 1, "a": "ä"}, '"{""b"":1,""a"":""\\u00e4""}"'),
        ((1, None), '"[1,null]"'),
    ],
)
def test_a_cell_is_one_line_of_plain_text(value: Any, text: str) -> None:
    assert cell(value) == text
    assert next(csv.reader([f"{text},x"]))[1] == "x"


def test_an_array_of_numpy_is_no_cell() -> None:
    numpy = pytest.importorskip("numpy")
    assert cell(numpy.float32(0.5)) == "0.5"
    assert cell(numpy.array(7)) == "7"
    with pytest.raises(TypeError):
        cell(numpy.array([7]))


def test_a_row_too_long_to_be_stored_is_named_with_its_longest_column() -> None:
    recorder = recorder_of(["left", "right"], ["a", "story"])
    fits = MAX_ROW_CHARS - len("0,0,0,left,0,false,0.5,false,false,1,")
    outcome = (0.5, False, False, 1, "x" * fits)
    recorder.record(result(0, 0, b"\x00\x00", outcome, None))
    longer = (*outcome[:4], "x" * (fits + 1))
    with pytest.raises(ValueError, match=r"Frame 1 .* 4097 .* left, of which 4060 are in info_st"):
        recorder.record(result(0, 1, b"\x00\x00", longer, None))


@pytest.mark.parametrize("reward", ["banana", [1], 10**41])
def test_a_reward_that_is_no_number_is_named_at_its_frame(reward: Any) -> None:
    recorder = recorder_of(["left"], [])
    with pytest.raises(ValueError, match=r"Frame 0 gives agent left the reward .*: make it a num"):
        recorder.record(result(0, 0, b"\x00", (reward, False, False)))


@pytest.mark.parametrize("reward", [None, True, 0, -3, 1e-300, float("nan"), float("-inf")])
def test_every_number_can_be_a_reward_and_flags_become_booleans(reward: Any) -> None:
    (line,) = recorder_of(["left"], []).record(result(0, 0, b"\x00", (reward, 1, 0)))
    assert line == f"0,0,0,left,0,false,{cell(reward)},true,false"


def test_columns_have_a_limit_in_number() -> None:
    assert len(recorder_of(["left"], [str(n) for n in range(91)]).columns) == MAX_COLUMNS
    with pytest.raises(ValueError, match="92 keys, but a game can record 91"):
        recorder_of(["left"], [str(n) for n in range(92)])
