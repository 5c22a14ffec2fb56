import json
from pathlib import Path

import pandas as pd

from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.ledger.schema import SCHEMA


def ledger(path: Path | None, monotonic_s: float = 12.5) -> MatchLogger:
    return MatchLogger(path, clock=lambda: monotonic_s, wall_clock=lambda: 1_700_000_000.25)


def test_every_line_has_schema_kind_and_both_times(tmp_path):
    path = tmp_path / "scene" / "matching.jsonl"
    ledger(path).log("arrival", subject_id="a", server_rtt_ms=31.5)
    assert json.loads(path.read_text()) == {
        "schema": SCHEMA,
        "kind": "arrival",
        "monotonic_s": 12.5,
        "time": "2023-11-14T22:13:20.250Z",
        "subject_id": "a",
        "server_rtt_ms": 31.5,
    }


def test_a_line_tells_when_it_was_decided_if_that_is_known(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path, monotonic_s=12.5).log("arrival", at_s=11.25, subject_id="a")
    assert json.loads(path.read_text())["monotonic_s"] == 11.25


def test_a_line_is_on_disk_as_soon_as_it_is_logged(tmp_path):
    path = tmp_path / "matching.jsonl"
    log = ledger(path)
    for number in range(3):
        log.log("repool", subject_ids=[str(number)])
        assert len(path.read_text().splitlines()) == number + 1


def test_a_restarted_server_goes_on_in_the_same_file(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log("arrival", subject_id="a")
    ledger(path).log("arrival", subject_id="b")
    lines = pd.read_json(path, lines=True)
    assert list(lines["subject_id"]) == ["a", "b"]


def test_half_a_line_of_a_killed_server_does_not_spoil_the_next(tmp_path):
    path = tmp_path / "matching.jsonl"
    path.write_text('{"schema": 1, "ki')
    ledger(path).log("arrival", subject_id="b")
    assert json.loads(path.read_text().splitlines()[1])["subject_id"] == "b"


def test_a_ledger_that_cannot_be_written_is_logged_and_harms_nobody(tmp_path, caplog):
    path = tmp_path / "matching.jsonl"
    log = ledger(path)
    path.mkdir()
    log.log("arrival", subject_id="a")
    assert "could not be written" in caplog.text


def test_what_json_does_not_know_is_written_as_text(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log("proposal", matched={1, 2} - {2})
    assert json.loads(path.read_text())["matched"] == "{1}"
