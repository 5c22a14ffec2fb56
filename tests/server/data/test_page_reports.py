import csv
import json
from pathlib import Path

import pytest

from interactive_gym.server.data import network_rows, page_reports
from interactive_gym.server.data.game_folder import FolderOnDisk, NoFolder
from interactive_gym.server.data.network_rows import NetworkRow
from interactive_gym.server.data.page_reports import PageEvent, PageReports, PageRow
from tests.support.files_on_disk import new_files

CREATED_AT = "2026-11-26T12:00:00.000Z"


def now(age_s: float = 0.0) -> str:
    return f"2026-11-26T12:00:{30 - age_s:06.3f}Z"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "game").mkdir()
    return tmp_path / "game"


@pytest.fixture
def reports(path):
    return reopened(path)


def reopened(path: Path) -> PageReports:
    reports = PageReports(FolderOnDisk(path, new_files(), takes_up=True), CREATED_AT, now)
    reports.take_up()
    return reports


def stalls(*frames: int) -> list[PageEvent]:
    return [PageEvent("stall", 0.0, {"frame": frame}) for frame in frames]


def seconds(*frames: int) -> list[PageRow]:
    return [PageRow(0.0, NetworkRow(frame=frame)) for frame in frames]


def lines(path):
    return [json.loads(line) for line in (path / "events.jsonl").read_text().splitlines()]


def table(path):
    with (path / "network.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_events_have_the_time_at_which_they_happened_and_their_number(reports, path):
    told = [PageEvent("hidden", 2.5, {"frame": 3}), PageEvent("visible", 0.0, {"frame": 4})]
    assert reports.add_events(1, 2, 0, told) == 2
    page = {"seat": 1, "incarnation": 2}
    assert lines(path) == [
        {"time": now(2.5), "kind": "hidden", "frame": 3, **page, "number": 0},
        {"time": now(), "kind": "visible", "frame": 4, **page, "number": 1},
    ]


def test_nothing_happened_before_the_game_was_made(reports, path):
    reports.add_events(0, 0, 0, [PageEvent("hidden", 30.5, {})])
    assert lines(path)[0]["time"] == CREATED_AT


def test_the_networks_rows_have_one_header_and_say_when_and_from_whom(reports, path):
    row = NetworkRow(frame=30, rtt_ms=41.5, local_candidate_type="host")
    assert reports.add_network(1, 3, 0, [PageRow(1.0, row)]) == 1
    others = [NetworkRow(frame=31, peer_seat=1), NetworkRow(frame=31, peer_seat=None)]
    reports.add_network(0, 0, 0, [PageRow(0.0, other) for other in others])
    header = (path / "network.csv").read_text().splitlines()[0]
    assert header == ",".join(network_rows.COLUMNS)
    first, second, third = table(path)
    assert [it["seat"] for it in (first, second, third)] == ["1", "0", "0"]
    assert (first["time"], first["incarnation"], first["rtt_ms"]) == (now(1.0), "3", "41.5")
    assert first["local_candidate_type"] == "host"
    assert (first["peer_seat"], second["peer_seat"], third["peer_seat"]) == ("", "1", "")


@pytest.mark.parametrize("restarts", [False, True])
def test_what_is_told_again_is_taken_once(reports, path, restarts):
    reports.add_events(0, 0, 0, stalls(1, 2))
    reports.add_network(0, 0, 0, seconds(1, 2))
    if restarts:
        reports = reopened(path)
    assert reports.add_events(0, 0, 0, stalls(1, 2)) == 2
    assert reports.add_events(0, 0, 1, stalls(2, 3, 4)) == 4
    assert reports.add_network(0, 0, 1, seconds(2, 3)) == 3
    assert [line["frame"] for line in lines(path)] == [1, 2, 3, 4]
    assert [row["frame"] for row in table(path)] == ["1", "2", "3"]


@pytest.mark.parametrize("restarts", [False, True])
def test_every_page_has_numbers_of_its_own(reports, path, restarts):
    for seat, incarnation in ((0, 0), (0, 1), (1, 0)):
        assert reports.add_events(seat, incarnation, 0, stalls(1)) == 1
        assert reports.add_network(seat, incarnation, 0, seconds(1)) == 1
        if restarts:
            reports = reopened(path)
    assert len(lines(path)) == len(table(path)) == 3


def test_what_follows_on_something_missing_is_asked_for_from_there(reports, path):
    reports.add_events(0, 0, 0, stalls(1))
    assert reports.add_events(0, 0, 2, stalls(3)) == 1
    assert reports.add_network(0, 0, 5, seconds(5)) == 0
    assert len(lines(path)) == 1
    assert not (path / "network.csv").exists()


def test_lines_of_the_server_itself_have_no_number_and_count_for_nothing(path):
    server = {"time": now(), "kind": "rejoined", "seat": 0, "incarnation": 1}
    (path / "events.jsonl").write_text(json.dumps(server) + "\n")
    assert reopened(path).add_events(0, 1, 0, stalls(1)) == 1


@pytest.mark.parametrize("file", ["events.jsonl", "network.csv"])
def test_what_is_not_on_disk_is_not_acknowledged_and_not_taken_twice(path, file):
    folder = FolderOnDisk(path, (files := new_files()), takes_up=True)
    reports = PageReports(folder, CREATED_AT, now)
    add = reports.add_events if file == "events.jsonl" else reports.add_network
    told = stalls if file == "events.jsonl" else seconds
    assert add(0, 0, 0, told(1)) == 1
    (path / file).rename(path / "elsewhere")
    (path / file).mkdir()
    assert add(0, 0, 1, told(2)) == 1
    assert add(0, 0, 1, told(2, 3)) == 1
    (path / file).rmdir()
    (path / "elsewhere").rename(path / file)
    files.tick()
    assert add(0, 0, 1, told(2, 3)) == 3
    text = (path / file).read_text()
    numbers = [line["frame"] for line in lines(path)] if file == "events.jsonl" else []
    assert numbers == [1, 2, 3] or [row["frame"] for row in table(path)] == ["1", "2", "3"], text


@pytest.mark.parametrize(
    ("limit", "add", "told"),
    [("MAX_EVENTS", "add_events", stalls), ("MAX_NETWORK_ROWS", "add_network", seconds)],
)
def test_no_seat_can_fill_the_disk(reports, monkeypatch, limit, add, told):
    monkeypatch.setattr(page_reports, limit, 3)
    add = getattr(reports, add)
    assert add(0, 0, 0, told(1, 2)) == 2
    with pytest.raises(ValueError, match="more than 3 of one participant"):
        add(0, 1, 0, told(3, 4))
    assert add(0, 1, 0, told(3)) == 1
    assert add(1, 0, 0, told(1, 2)) == 2


def test_a_seat_may_tell_two_hundred_thousand_rows_and_twenty_thousand_events():
    reports = PageReports(NoFolder(), CREATED_AT, now)
    assert reports.add_network(0, 0, 0, seconds(*[1] * 200_000)) == 200_000
    assert reports.add_events(0, 0, 0, stalls(*[1] * 20_000)) == 20_000
    for add, told, first in (
        (reports.add_network, seconds, 200_000),
        (reports.add_events, stalls, 20_000),
    ):
        with pytest.raises(ValueError, match="of one participant"):
            add(0, 0, first, told(1))
