import json
import os

import pandas as pd
import pytest

from interactive_gym.server.data.torn_files import mend, mend_torn_files

WHOLE = b'{"a": 1}\n{"a": 2}\n'
TORN = [b'{"a"', b'{"a": 3', b"{", b"\0" * 5000, b'{"a": 3}\n\0\0\0', b'{"a": \0\0}\n', b"\xc3"]


@pytest.mark.parametrize("rest", TORN)
def test_half_a_line_at_the_end_is_removed(tmp_path, rest, caplog):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(WHOLE + rest)
    mend(path)
    kept = path.read_bytes()
    assert kept.startswith(WHOLE)
    assert b"\0" not in kept and kept.endswith(b"\n")
    assert list(pd.read_json(path, lines=True)["a"])[:2] == [1, 2]
    assert "lines.jsonl ended with half a line" in caplog.text
    mend(path)
    assert path.read_bytes() == kept


@pytest.mark.parametrize("cut", range(len(WHOLE) + 1))
def test_wherever_a_file_is_torn_its_whole_lines_stay_and_the_rest_goes(tmp_path, cut):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(WHOLE[:cut])
    mend(path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    # An object without its line end is whole.
    assert len(lines) == (cut >= 8) + (cut >= 17)
    assert path.read_bytes().endswith(b"\n") or not lines


@pytest.mark.parametrize("content", [b"", b"\n", WHOLE, b"frame,agent\n0,left\n"])
def test_a_whole_file_is_not_touched(tmp_path, content):
    path = tmp_path / "lines.csv"
    path.write_bytes(content)
    os.chmod(path, 0o444)
    before = os.stat(path).st_mtime_ns
    mend(path)
    assert (path.read_bytes(), os.stat(path).st_mtime_ns) == (content, before)


def test_a_row_of_a_table_is_whole_only_with_its_line_end(tmp_path):
    path = tmp_path / "frames.csv"
    path.write_bytes(b"frame,score\n0,1\n1,10")
    mend(path)
    assert path.read_bytes() == b"frame,score\n0,1\n"


def test_a_long_line_is_found_whole(tmp_path):
    path = tmp_path / "frames.csv"
    path.write_bytes(b"a\n" + b"x" * 300_000 + b"\n" + b"y" * 200_000)
    mend(path)
    assert path.stat().st_size == 2 + 300_001


def test_every_appended_file_of_a_study_is_mended_and_nothing_else(tmp_path):
    torn = ["participants.jsonl", "game/matching.jsonl", "game/g1/events.jsonl"]
    torn += ["game/g1/frames.csv", "game/g1/frames.seat1.csv", "game/g1/network.csv"]
    other = ["game/g1/match.json", "notes.txt"]
    (tmp_path / "game/g1").mkdir(parents=True)
    for name in (*torn, *other):
        (tmp_path / name).write_text("whole\nhal")
    (tmp_path / "game/g1/.match.json.unfinished").write_text("{")
    mend_torn_files(tmp_path)
    assert {(tmp_path / name).read_text() for name in torn} == {"whole\n"}
    assert {(tmp_path / name).read_text() for name in other} == {"whole\nhal"}
    assert not (tmp_path / "game/g1/.match.json.unfinished").exists()


def test_what_cannot_be_mended_is_named_and_stops_nothing(tmp_path, caplog, monkeypatch):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("whole\nhal")
    truncate = os.truncate

    def refuse_one(path, size):
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        truncate(path, size)

    monkeypatch.setattr(os, "truncate", refuse_one)
    mend_torn_files(tmp_path)
    assert "a.csv may end with half a line (Permission denied)" in caplog.text
    assert (tmp_path / "b.csv").read_text() == "whole\n"
