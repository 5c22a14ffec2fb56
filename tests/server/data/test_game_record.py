import csv
import hashlib
import json
from contextlib import closing

import pytest

from interactive_gym.server.data.frame_copies import Desync
from interactive_gym.server.data.frame_rows import BASE_COLUMNS
from interactive_gym.server.data.game_folder import FolderOnDisk
from interactive_gym.server.data.game_record import GameRecord
from tests.support.files_on_disk import file_size_limit, new_files, new_folder

COLUMNS = [*BASE_COLUMNS, "info_score"]
AGENTS = ["left", "right"]
GROUP = [{"seat": seat, "agent": agent} for seat, agent in enumerate(AGENTS)]
MATCH = {"agents": AGENTS, "group": GROUP, "seed": 7}


def rows(first, last, score=0):
    return [
        f"{frame},0,{frame},{agent},1,false,0.0,false,false,{score}"
        for frame in range(first, last)
        for agent in AGENTS
    ]


def digest(lines, columns=COLUMNS):
    return hashlib.sha256("".join(f"{line}\n" for line in [",".join(columns), *lines]).encode())


class Uploads:
    """Uploads as one seat's browser makes them."""

    def __init__(self, record, seat):
        self.record, self.seat, self.lines = record, seat, []

    def send(self, lines, first_frame=None, columns=COLUMNS):
        first = len(self.lines) // len(AGENTS) if first_frame is None else first_frame
        self.lines += lines
        running = digest(self.lines, columns).hexdigest()
        return self.record.append_frames(self.seat, columns, first, lines, running)

    def finish(self):
        frames = len(self.lines) // len(AGENTS)
        self.record.finish(self.seat, frames, digest(self.lines).hexdigest())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "game"


@pytest.fixture
def record(folder):
    with closing(new_folder(folder)) as disk:
        record = GameRecord(disk, MATCH, now=lambda age_s=0: "now")
        record.begin()
        yield record


@pytest.fixture
def seats(record):
    return [Uploads(record, 0), Uploads(record, 1)]


def stored(folder, name="frames.csv"):
    return (folder / name).read_text().splitlines()


def match(folder):
    return json.loads((folder / "match.json").read_text())


def test_two_uploads_of_the_same_frames_are_stored_once_whatever_their_batches(
    record, seats, folder
):
    assert seats[0].send(rows(0, 5)) == 5
    assert seats[1].send(rows(0, 2)) == 2
    assert seats[1].send(rows(2, 8)) == 8
    assert seats[0].send(rows(5, 8)) == 8
    assert stored(folder) == [",".join(COLUMNS), *rows(0, 8)]
    for seat in seats:
        seat.finish()
    record.close("completed")
    assert match(folder)["agreed"] is True
    assert match(folder)["frames"] == 8
    file_digest = hashlib.sha256((folder / "frames.csv").read_bytes()).hexdigest()
    assert [seat["digest"] for seat in match(folder)["recordings"]] == [file_digest] * 2


def test_frames_are_on_disk_as_soon_as_they_are_acknowledged(seats, folder):
    seats[0].send(rows(0, 1))
    assert stored(folder)[1:] == rows(0, 1)


@pytest.mark.parametrize("first_frame", [1, -1, 2**70])
def test_rows_that_do_not_continue_the_recording_are_not_stored(record, folder, first_frame):
    lines = rows(0, 1)
    running = digest(lines).hexdigest()
    assert record.append_frames(0, COLUMNS, first_frame, lines, running) == 0
    assert not (folder / "frames.csv").exists()


HOSTILE_ROWS = {
    "none": [],
    "half a frame": rows(0, 1)[:1],
    "a line break": [rows(0, 1)[0] + "\n", rows(0, 1)[1]],
    "a carriage return": [rows(0, 1)[0].replace("false", "\r", 1), rows(0, 1)[1]],
    "a NUL": [rows(0, 1)[0] + "\0", rows(0, 1)[1]],
    "a lone surrogate": [rows(0, 1)[0] + "\ud800", rows(0, 1)[1]],
    "a field too many": [row + ",x" for row in rows(0, 1)],
    "a field too few": [row.rpartition(",")[0] for row in rows(0, 1)],
    "another frame": rows(1, 2),
    "a frame spelled otherwise": [row.replace("0", "00", 1) for row in rows(0, 1)],
    "agents exchanged": rows(0, 1)[::-1],
    "an open quote": [rows(0, 1)[0], rows(0, 1)[1][:-1] + '"x'],
    "a huge row": [rows(0, 1)[0] + "0" * 5000, rows(0, 1)[1]],
    "a gap": [*rows(0, 1), *rows(2, 3)],
    "too many": rows(0, 2049),
}


@pytest.mark.parametrize("hostile", HOSTILE_ROWS.values(), ids=HOSTILE_ROWS)
def test_rows_of_another_form_than_promised_are_not_stored(record, seats, folder, hostile):
    try:
        claimed = digest(hostile).hexdigest()
    except UnicodeEncodeError:
        claimed = ""
    with pytest.raises(ValueError, match="row"):
        record.append_frames(0, COLUMNS, 0, hostile, claimed)
    assert not (folder / "frames.csv").exists()
    assert seats[0].send(rows(0, 1)) == 1


HOSTILE_COLUMNS = {
    "none": [],
    "too few": list(BASE_COLUMNS[:-1]),
    "another order": [*BASE_COLUMNS[1:], BASE_COLUMNS[0], "info_score"],
    "foreign": [*BASE_COLUMNS, "score"],
    "twice": [*BASE_COLUMNS, "info_a", "info_a"],
    "a line break": [*BASE_COLUMNS, "info_a\nb"],
    "too many": [*BASE_COLUMNS, *(f"info_{number}" for number in range(200))],
}


@pytest.mark.parametrize("columns", HOSTILE_COLUMNS.values(), ids=HOSTILE_COLUMNS)
def test_columns_of_another_form_than_promised_are_not_stored(record, folder, columns):
    width = len(columns)
    lines = [",".join([*row.split(",")[:9], *["0"] * (width - 9)][:width]) for row in rows(0, 1)]
    running = hashlib.sha256(
        "".join(f"{line}\n" for line in [",".join(columns), *lines]).encode()
    ).hexdigest()
    with pytest.raises(ValueError, match="columns"):
        record.append_frames(0, columns, 0, lines, running)
    assert not (folder / "frames.csv").exists()


def test_the_columns_of_a_seat_do_not_change(seats):
    seats[0].send(rows(0, 1))
    other = [*BASE_COLUMNS, "info_other"]
    with pytest.raises(ValueError, match="columns"):
        seats[0].send(rows(1, 2), columns=other)


def test_whoever_uploads_first_decides_nothing_for_the_others(record, seats, folder):
    """Not even which columns there are; both copies are kept."""
    forged = [*BASE_COLUMNS, "info_forged"]
    seats[0].send(rows(0, 3), columns=forged)
    assert seats[1].send(rows(0, 2)) == 2
    assert seats[1].send(rows(2, 4)) == 4
    assert seats[0].send(rows(3, 4), columns=forged) == 4
    assert record.desync == Desync(frame=0, seats=(0, 1), part="rows")
    assert stored(folder) == [",".join(BASE_COLUMNS)]
    assert stored(folder, "frames.seat0.csv") == [",".join(forged), *rows(0, 4)]
    assert stored(folder, "frames.seat1.csv") == [",".join(COLUMNS), *rows(0, 4)]
    record.close("completed")
    assert match(folder)["frames"] == 0
    assert [seat["agreed"] for seat in match(folder)["recordings"]] == [False, False]


def test_rows_that_do_not_match_their_digest_are_not_stored(record, folder):
    wrong = digest(rows(0, 1, score=9)).hexdigest()
    with pytest.raises(ValueError, match="digest"):
        record.append_frames(0, COLUMNS, 0, rows(0, 1), wrong)
    assert not (folder / "frames.csv").exists()


def test_a_value_with_a_comma_in_quotes_is_one_field(record, seats, folder):
    lines = [row[:-1] + '"[1,2]"' for row in rows(0, 1)]
    assert seats[0].send(lines) == 1
    with (folder / "frames.csv").open(newline="") as file:
        assert [row["info_score"] for row in csv.DictReader(file)] == ["[1,2]", "[1,2]"]


@pytest.mark.parametrize("first", [0, 1])
def test_a_difference_names_nobody_and_each_copy_is_kept(record, seats, folder, first):
    one, other = seats[first], seats[1 - first]
    one.send(rows(0, 6))
    other.send([*rows(0, 3), *rows(3, 5, score=1)])
    other.send(rows(5, 7, score=1))
    one.send(rows(6, 8))
    assert record.desync == Desync(frame=3, seats=(0, 1), part="rows")
    assert stored(folder) == [",".join(COLUMNS), *rows(0, 3)]
    own = [stored(folder, f"frames.seat{seat}.csv") for seat in (first, 1 - first)]
    assert own[0] == [",".join(COLUMNS), *rows(3, 8)]
    assert own[1] == [",".join(COLUMNS), *rows(3, 7, score=1)]
    assert match(folder)["desync"] == {"frame": 3, "seats": [0, 1], "part": "rows"}
    told = [json.loads(line) for line in stored(folder, "events.jsonl")]
    assert told == [{"time": "now", "kind": "desync", "frame": 3, "seats": [0, 1]}]
    record.close("desync")
    assert match(folder)["frames"] == 3
    assert [seat["agreed"] for seat in match(folder)["recordings"]] == [False, False]
    assert match(folder)["agreed"] is False


def test_a_copy_that_differs_once_stays_apart_even_where_it_agrees_again(record, seats, folder):
    seats[0].send(rows(0, 2))
    seats[1].send([*rows(0, 1, score=1), *rows(1, 2)])
    seats[1].send(rows(2, 3))
    assert stored(folder)[1:] == []
    assert stored(folder, "frames.seat0.csv")[1:] == rows(0, 2)
    assert stored(folder, "frames.seat1.csv")[1:] == [*rows(0, 1, score=1), *rows(1, 3)]


def test_pages_that_recorded_nothing_agree_without_a_digest(record, folder):
    record.finish(0, 0, "")
    record.close("partner_lost")
    assert match(folder)["agreed"] is True


def test_a_page_that_recorded_something_and_uploaded_nothing_does_not_agree(record, folder):
    record.finish(0, 1, digest(rows(0, 1)).hexdigest())
    record.close("partner_lost")
    assert match(folder)["agreed"] is False


def test_a_seat_that_reported_other_figures_than_it_uploaded_does_not_agree(record, seats, folder):
    for seat in seats:
        seat.send(rows(0, 2))
    seats[0].finish()
    record.finish(1, 2, "0" * 64)
    record.close("completed")
    assert [seat["agreed"] for seat in match(folder)["recordings"]] == [True, False]


def test_a_game_in_which_one_seat_uploaded_less_is_not_agreed(record, seats, folder):
    seats[0].send(rows(0, 2))
    seats[1].send(rows(0, 1))
    record.close("partner_lost")
    assert match(folder)["agreed"] is False
    assert [seat["agreed"] for seat in match(folder)["recordings"]] == [True, True]


def test_after_closing_nothing_changes_any_more(record, seats, folder):
    seats[0].send(rows(0, 1))
    record.log_event("joined", seat=0)
    record.close("completed")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert seats[0].send(rows(1, 2)) == 1
    record.log_event("late")
    record.close("partner_lost")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_events_are_appended_in_order_with_their_time(record, folder):
    record.log_event("joined", seat=0)
    record.log_event("joined", seat=1)
    assert [json.loads(line) for line in stored(folder, "events.jsonl")] == [
        {"time": "now", "kind": "joined", "seat": 0},
        {"time": "now", "kind": "joined", "seat": 1},
    ]


def test_the_match_keeps_what_it_began_with_when_it_is_updated(record, folder):
    record.update_match(p2p_rtt_ms=12.5)
    assert match(folder) == {**MATCH, "p2p_rtt_ms": 12.5}


@pytest.mark.parametrize("written_before", [0, 2])
def test_rows_that_could_not_be_written_can_be_sent_again(folder, written_before):
    disk = new_folder(folder)
    record = GameRecord(disk, MATCH, now=lambda age_s=0: "now")
    if written_before:
        Uploads(record, 0).send(rows(0, written_before))
    size = (folder / "frames.csv").stat().st_size if written_before else 100
    more, running = rows(written_before, 4), digest(rows(0, 4)).hexdigest()
    with file_size_limit(size + 20), pytest.raises(OSError, match="too large"):
        record.append_frames(0, COLUMNS, written_before, more, running)
    assert record.is_failing
    assert record.next_frame(0) == written_before
    assert record.append_frames(0, COLUMNS, written_before, more, running) == 4
    assert Uploads(record, 1).send(rows(0, 4)) == 4
    assert record.desync is None
    assert stored(folder) == [",".join(COLUMNS), *rows(0, 4)]
    disk.close()


def table(folder, name):
    with (folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_rows_are_one_for_every_agent_and_uploads_by_seat(tmp_path):
    agents = ["left", "robot", "right"]
    group = [{"seat": 0, "agent": "left"}, {"seat": 1, "agent": "right"}]
    match_of_three = {"agents": agents, "group": group}
    record = GameRecord(new_folder(tmp_path / "game"), match_of_three, now=lambda age_s=0: "now")
    lines = [f"0,0,0,{agent},1,false,0.0,false,false,0" for agent in agents]
    lines[1] = lines[1].replace("false", "", 1)
    for seat in range(2):
        record.append_frames(seat, COLUMNS, 0, lines, digest(lines).hexdigest())
    record.close("completed")
    closed = match(tmp_path / "game")
    assert closed["agreed"] is True
    assert closed["frames"] == 1
    assert [seat["seat"] for seat in closed["recordings"]] == [0, 1]


def vacant(lines, agent="right"):
    """These rows as they are when nobody plays an agent any more."""
    return [
        line.replace(",1,false,", ",0,,", 1) if f",{agent}," in line else line for line in lines
    ]


def test_a_cut_is_noted_as_it_happens_and_in_the_end_how_long_the_seat_had_played(
    record, seats, folder
):
    seats[0].send(rows(0, 4))
    seats[1].send(rows(0, 3))
    record.note_cut(1, "hidden")
    assert match(folder)["cuts"] == [{"seat": 1, "reason": "hidden", "at": "now"}]
    seats[0].send([*rows(4, 6), *vacant(rows(6, 9))])
    seats[0].finish()
    record.close("completed")
    assert match(folder)["cuts"] == [{"seat": 1, "reason": "hidden", "at": "now", "frames": 6}]
    assert match(folder)["agreed"] is True
    assert json.loads(stored(folder, "events.jsonl")[0]) == {
        "time": "now",
        "kind": "cut",
        "seat": 1,
        "reason": "hidden",
    }


def test_a_game_without_losses_says_so(record, folder):
    record.close("completed")
    assert match(folder)["cuts"] == []


def test_what_a_cut_seat_uploads_late_is_still_compared(record, seats, folder):
    seats[0].send(rows(0, 4))
    record.note_cut(1, "idle")
    seats[1].send(rows(0, 3))
    assert record.desync is None
    seats[1].send(rows(3, 4, score=1))
    assert record.desync == Desync(frame=3, seats=(0, 1), part="rows")
    record.close("partner_lost")
    assert match(folder)["agreed"] is False


def test_a_page_that_starts_anew_is_told_what_is_known_and_goes_on_there(record, seats):
    seats[0].send(rows(0, 4))
    again = Uploads(record, 0)
    assert again.send(rows(0, 6)) == 4
    running = digest(rows(0, 6)).hexdigest()
    assert record.append_frames(0, COLUMNS, 4, rows(4, 6), running) == 6


@pytest.mark.parametrize("order", [1, -1])
def test_the_earliest_desync_stays_whoever_finds_it_when(record, folder, order):
    for frame, part in [(8, "state"), (9, "rows")][::order]:
        record.note_desync(Desync(frame, (0, 1), part))
    assert match(folder)["desync"] == {"frame": 8, "seats": [0, 1], "part": "state"}


def test_after_closing_no_cut_or_desync_is_taken(record, folder):
    record.close("completed")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    record.note_cut(0, "idle")
    record.note_desync(Desync(1, (0, 1), "rows"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def ending(first, last):
    """Rows whose last frame ends the only episode."""
    lines = rows(first, last)
    return [*lines[:-2], *(line.replace("0.0,false", "0.0,true") for line in lines[-2:])]


def test_a_seat_is_complete_once_it_has_uploaded_the_game_to_its_end_and_says_so(tmp_path):
    record = GameRecord(new_folder(tmp_path / "game"), {**MATCH, "num_episodes": 1}, now=str)
    one, other = Uploads(record, 0), Uploads(record, 1)
    one.send(rows(0, 2))
    one.finish()
    assert not record.is_complete(0)
    one.send(ending(2, 4))
    record.finish(0, 4, "0" * 64)
    assert not record.is_complete(0)
    one.finish()
    assert record.is_complete(0)
    assert not record.is_complete(1)
    with pytest.raises(ValueError, match="the game has no frame 4"):
        one.send(rows(4, 5))
    with pytest.raises(ValueError, match="the game has no frame 2"):
        other.send([*ending(0, 2), *rows(2, 3)])


def test_of_a_seat_that_is_lost_or_has_left_rows_may_come_without_its_participant(record, seats):
    with pytest.raises(ValueError, match="hidden must not be empty"):
        seats[0].send(vacant(rows(0, 1)))
    seats[0].lines.clear()
    record.note_left(1)
    assert seats[0].send(vacant(rows(0, 1))) == 1


def test_whatever_a_matchmaker_has_for_parameters_the_match_is_strict_json(tmp_path):
    matchmaker = {"class": "Mine", "parameters": {"limit": float("inf"), "seen": {1}}}
    folder = tmp_path / "game"
    GameRecord(new_folder(folder), {**MATCH, "matchmaker": matchmaker}, now=str).begin()

    def refuse(constant):
        raise AssertionError(constant)

    match = json.loads((folder / "match.json").read_text(), parse_constant=refuse)
    assert match["matchmaker"]["parameters"] == {"limit": None, "seen": "{1}"}


def test_a_game_that_is_restored_goes_on_from_its_rows_and_takes_none_of_an_earlier_page(
    record, seats, folder
):
    seats[0].send(rows(0, 3))
    assert record.restore([1, 1]) == rows(0, 3)
    # Seat 1's old page had more, and is told that nothing of it is needed any more.
    assert seats[1].send(rows(0, 5)) == 5
    assert [record.next_frame(seat) for seat in (0, 1)] == [3, 0]
    new = rows(0, 4)
    running = digest(new).hexdigest()
    assert record.append_frames(1, COLUMNS, 0, new, running, incarnation=1) == 4
    assert stored(folder)[1:] == new
    assert [json.loads(line) for line in stored(folder, "events.jsonl")] == [
        {"time": "now", "kind": "restored", "frame": 3, "incarnations": [1, 1]}
    ]
    assert not record.finish(0, 9, "of an earlier page")
    assert record.finish(1, 4, running, incarnation=1)


def test_what_was_restored_is_known_after_a_restart(record, seats, folder):
    seats[0].send(rows(0, 3))
    record.restore([2, 256])
    with closing(new_files()) as files:
        again = GameRecord(FolderOnDisk(folder, files, takes_up=True), MATCH, now=record._now)
        again.take_up()
    assert [again.takes(0, 1), again.takes(0, 2), again.takes(1, 255)] == [False, True, False]


def test_a_game_without_a_row_is_restored_to_its_beginning(record):
    assert record.restore([1, 1]) == []
