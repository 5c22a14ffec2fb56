import logging
import os
import threading

import pytest

from interactive_gym.server.data.disk_sync import SYNC_INTERVAL_S, DiskSync, sync
from tests.support.files_on_disk import new_files
from tests.support.matching_fakes import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def synced(monkeypatch):
    """The paths that were brought onto the disk, and by which thread."""
    done = []

    def note(file):
        done.append((os.readlink(f"/proc/self/fd/{file}"), threading.current_thread().name))

    monkeypatch.setattr(os, "fsync", note)
    return done


def wait_for_round(disk):
    """Let the running round come to its end."""
    disk._running.exception(timeout=60)


def test_what_was_written_is_on_the_disk_a_second_later(clock, synced, tmp_path):
    disk = DiskSync(clock)
    path = tmp_path / "lines"
    path.write_text("line")
    assert SYNC_INTERVAL_S == 1.0
    for _ in range(3):
        disk.note(path)
    clock.advance(0.5)
    disk.tick()
    assert disk._running is None
    clock.advance(0.5)
    disk.tick()
    wait_for_round(disk)
    ((done, thread),) = synced
    assert done == str(path)
    assert thread.startswith("disk-sync")
    clock.advance(10)
    disk.tick()
    assert disk._running is None, "nothing is new"
    disk.close()


def test_a_slow_disk_is_not_waited_for_and_gets_one_round_at_a_time(clock, monkeypatch, tmp_path):
    goes_on, rounds = threading.Event(), []

    def slow(file):
        rounds.append(file)
        assert goes_on.wait(60)

    monkeypatch.setattr(os, "fsync", slow)
    disk = DiskSync(clock)
    path = tmp_path / "lines"
    path.write_text("line")
    for _ in range(5):
        disk.note(path)
        clock.advance(1)
        disk.tick()
    assert len(rounds) <= 1
    goes_on.set()
    wait_for_round(disk)
    disk.tick()
    wait_for_round(disk)
    assert len(rounds) == 2
    disk.close()


def test_a_disk_that_fails_is_told_once_and_once_that_it_works_again(
    clock, monkeypatch, tmp_path, caplog
):
    caplog.set_level(logging.WARNING)
    path = tmp_path / "lines"
    path.write_text("line")
    disk = DiskSync(clock)

    def fail(file):
        raise OSError(5, "Input/output error")

    def rounds(fsync):
        monkeypatch.setattr(os, "fsync", fsync)
        for _ in range(3):
            disk.note(path)
            clock.advance(1)
            disk.tick()
            wait_for_round(disk)
        disk.tick()

    rounds(fail)
    assert [f"{path} is not safely on the disk (Input/output error)" in m for m in caplog.messages]
    assert len(caplog.messages) == 1
    rounds(lambda file: None)
    assert caplog.messages[1:] == ["What is written is brought safely onto the disk again."]
    disk.close()


def test_a_file_that_is_gone_is_no_failure_and_hides_none(tmp_path, synced):
    path = tmp_path / "lines"
    path.write_text("line")
    assert sync([tmp_path / "gone", path]) is None
    assert [done for done, _ in synced] == [str(path)]


def test_files_bring_what_they_write_onto_the_disk_with_the_folders_that_list_it(
    clock, synced, tmp_path
):
    files = new_files(clock)
    game = tmp_path / "game"
    game.mkdir()
    files.append_now(game / "frames", "0\n", size=0)
    files.replace(game / "match.json", "{}")
    files.append(game / "events", "0\n")
    files.close()
    names = ("game/frames", "game/match.json", "game/events", "game", "")
    expected = {str(tmp_path / name) for name in names}
    assert {done for done, _ in synced} == expected
    before = len(synced)
    again = new_files(clock)
    again.append_now(game / "frames", "1\n", size=2)
    again.cut_now(game / "frames", 2)
    again.close()
    assert [done for done, _ in synced[before:]] == [str(game / "frames")]
