import logging
import os
import shutil

import pytest

from interactive_gym.server.data import files as files_module
from interactive_gym.server.data.files import FAILURE_LASTS_S, MAX_KEPT_BYTES, MAX_OPEN_FILES
from tests.support.files_on_disk import file_size_limit, new_files
from tests.support.matching_fakes import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def files(clock):
    made = new_files(clock)
    yield made
    made.close()


def test_what_is_appended_is_on_disk_at_once(files, tmp_path):
    path = tmp_path / "lines"
    files.append(path, "one\n")
    assert path.read_text() == "one\n"
    assert files.append_now(path, "two\n", size=4) == 8
    assert path.read_text() == "one\ntwo\n"


def test_what_does_not_fit_leaves_no_part_behind(files, tmp_path):
    path = tmp_path / "lines"
    assert files.append_now(path, "header\n", size=0) == 7
    with file_size_limit(10), pytest.raises(OSError, match="too large"):
        files.append_now(path, "0,1,2\n", size=7)
    assert path.read_text() == "header\n"
    assert files.append_now(path, "0,1,2\n", size=7) == 13


def test_a_part_that_could_not_even_be_taken_back_is_removed_with_the_next_write(
    files, tmp_path, monkeypatch
):
    path = tmp_path / "lines"
    files.append_now(path, "header\n", size=0)
    truncate = os.ftruncate

    def failing(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "ftruncate", failing)
    with file_size_limit(10), pytest.raises(OSError, match="Input/output"):
        files.append_now(path, "0,1,2\n", size=7)
    assert path.read_text() == "header\n0,1"
    monkeypatch.setattr(os, "ftruncate", truncate)
    files.append_now(path, "0,1,2\n", size=7)
    assert path.read_text() == "header\n0,1,2\n"


def test_lines_that_cannot_be_written_wait_and_are_written_in_order(files, tmp_path):
    path = tmp_path / "lines"
    files.append(path, "0\n")
    with file_size_limit(2):
        for number in range(1, 50):
            files.append(path, f"{number}\n")
            files.tick()
    assert path.read_text() == "0\n"
    files.append(path, "50\n")
    files.tick()
    assert path.read_text().split() == [str(number) for number in range(51)]


def test_of_a_whole_file_that_cannot_be_written_the_last_content_waits(files, tmp_path):
    path = tmp_path / "match.json"
    files.replace(path, "old")
    with file_size_limit(0):
        for content in ("new", "newer"):
            files.replace(path, content)
        files.tick()
    assert path.read_text() == "old"
    files.tick()
    assert path.read_text() == "newer"
    assert [entry.name for entry in tmp_path.iterdir()] == ["match.json"]


def test_that_files_cannot_be_written_is_told_once_and_once_that_they_are_again(
    files, clock, tmp_path, caplog
):
    caplog.set_level(logging.WARNING)
    names = [tmp_path / name for name in ("a", "b", "c")]
    with file_size_limit(0):
        for _ in range(20):
            for path in names:
                files.append(path, "line\n")
            with pytest.raises(OSError, match="too large"):
                files.append_now(tmp_path / "frames", "row\n", size=0)
            clock.advance(0.5)
            files.tick()
    (told,) = caplog.messages
    assert told.startswith("File too large for its limit since at 1000 s: ")
    assert "a cannot be written" in told
    files.append_now(tmp_path / "frames", "row\n", size=0)
    files.tick()
    files.tick()
    assert caplog.messages[1:] == [
        "Files are written again since at 1010 s; they were not since at 1000 s. 60 lines had to "
        "wait, 0 were lost."
    ]
    assert [path.read_text() for path in names] == ["line\n" * 20] * 3


def test_a_write_that_nobody_tries_again_does_not_count_for_ever(files, clock, tmp_path):
    with file_size_limit(0), pytest.raises(OSError):
        files.append_now(tmp_path / "game" / "frames", "row\n", size=0)
    clock.advance(FAILURE_LASTS_S - 0.5)
    files.tick()
    assert files.is_failing(tmp_path / "game")
    assert not files.is_failing(tmp_path / "another")
    clock.advance(0.5)
    files.tick()
    assert not files.is_failing(tmp_path / "game")


def test_in_a_folder_that_is_gone_nothing_is_written_now(files, tmp_path):
    path = tmp_path / "game" / "frames.csv"
    path.parent.mkdir()
    files.append_now(path, "header\n", size=0)
    shutil.rmtree(path.parent)
    for size in (7, 0):
        with pytest.raises(FileNotFoundError):
            files.append_now(path, "row\n", size=size)
    assert not path.parent.exists()


def test_a_folder_that_was_moved_away_and_comes_back_is_written_on(files, tmp_path):
    folder, elsewhere = tmp_path / "game", tmp_path / "elsewhere"
    folder.mkdir()
    files.append_now(folder / "frames", "header\n", size=0)
    files.append(folder / "events", "0\n")
    folder.rename(elsewhere)
    with pytest.raises(FileNotFoundError):
        files.append_now(folder / "frames", "row\n", size=7)
    files.append(folder / "events", "1\n")
    elsewhere.rename(folder)
    files.append_now(folder / "frames", "row\n", size=7)
    files.tick()
    assert (folder / "frames").read_text() == "header\nrow\n"
    assert (folder / "events").read_text() == "0\n1\n"


@pytest.mark.parametrize("change", ["removed", "replaced", "cut", "added to"])
def test_a_file_that_somebody_has_changed_is_not_written_on(files, tmp_path, change):
    path = tmp_path / "frames"
    files.append_now(path, "header\n", size=0)
    if change == "removed":
        path.unlink()
    elif change == "replaced":
        path.unlink()
        path.write_text("head\n")
    elif change == "cut":
        os.truncate(path, 3)
    else:
        path.write_text("header\nmine\n")
    before = path.read_text() if path.exists() else None
    with pytest.raises(OSError):
        files.append_now(path, "row\n", size=7)
    assert (path.read_text() if path.exists() else None) == before


def test_a_lasting_folder_is_made_anew_when_somebody_has_removed_it(files, tmp_path, caplog):
    folder = tmp_path / "study"
    files.make_lasting_folder(folder)
    files.append(folder / "lines", "0\n")
    shutil.rmtree(folder)
    files.append(folder / "lines", "1\n")
    assert (folder / "lines").read_text() == "1\n"
    assert "has been made anew" in caplog.text


def test_only_so_many_files_are_open(files, tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        for number in range(3 * MAX_OPEN_FILES):
            files.append(tmp_path / str(number), "line\n")
    assert len(os.listdir("/proc/self/fd")) - before <= MAX_OPEN_FILES
    assert (tmp_path / "0").read_text() == "line\nline\n"


def test_the_files_of_a_folder_that_is_left_are_closed(files, tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    files.append(tmp_path / "a", "line\n")
    assert len(os.listdir("/proc/self/fd")) == before + 1
    files.leave(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_waits_for_the_folder_of_an_ended_game_that_was_removed_is_dropped(files, tmp_path):
    folder = tmp_path / "game"
    folder.mkdir()
    files.append(folder / "events", "0\n")
    shutil.rmtree(folder)
    files.append(folder / "events", "1\n")
    files.replace(folder / "match.json", "{}")
    files.tick()
    assert files.is_failing(folder)
    files.leave(folder)
    files.tick()
    assert not (files._kept_text or files._kept_content or files._kept_bytes)


def test_what_waits_has_a_limit_beyond_which_it_is_told_as_lost(
    files, tmp_path, caplog, monkeypatch
):
    assert MAX_KEPT_BYTES == 64 * 1024 * 1024
    monkeypatch.setattr(files_module, "MAX_KEPT_BYTES", 100)
    path = tmp_path / "lines"
    with file_size_limit(0):
        for _ in range(30):
            files.append(path, "123456789\n")
    files.tick()
    assert path.read_text() == "123456789\n" * 10
    assert caplog.text.count("what comes now is lost") == 1
    assert "30 lines had to wait, 20 were lost" in caplog.text.replace("10 lines", "30 lines")
    files.append(path, "more\n")
    assert path.read_text().endswith("more\n")
