import json
from pathlib import Path

import pandas as pd

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.line_files import LineFile
from interactive_gym.server.ledger.match_logger import MatchLogger, open_ledger
from interactive_gym.server.ledger.schema import SCHEMA, ArrivalLine, RepoolLine, VerdictLine


def ledger(path: Path, monotonic_s: float = 12.5) -> MatchLogger:
    lines = LineFile.alone(path)
    return MatchLogger(lines, clock=lambda: monotonic_s, wall_clock=lambda: 1_700_000_000.25)


def arrival(subject_id: str, server_rtt_ms: float | None = None, attributes=None) -> ArrivalLine:
    return ArrivalLine(subject_id, server_rtt_ms, attributes or {}, (), ["b"])


def test_every_line_has_schema_kind_and_both_times(tmp_path):
    path = tmp_path / "scene" / "matching.jsonl"
    ledger(path).log(arrival("a", server_rtt_ms=31.5))
    assert json.loads(path.read_text()) == {
        "schema": SCHEMA,
        "kind": "arrival",
        "monotonic_s": 12.5,
        "time": "2023-11-14T22:13:20.250Z",
        "subject_id": "a",
        "server_rtt_ms": 31.5,
        "attributes": {},
        "previous_partners": [],
        "blocked_with": ["b"],
        "waited_ms": 0,
    }


def test_the_fields_of_a_line_stand_in_the_order_of_its_definition(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log(VerdictLine("id", None, ("a", "b"), 150, 1e3, "rejected", "é"), at_s=1.0)
    assert path.read_text() == (
        '{"schema": 2, "kind": "verdict", "monotonic_s": 1.0, "time": "2023-11-14T22:13:20.250Z", '
        '"proposal_id": "id", "probe_session_id": null, "pair": ["a", "b"], "rtt_ms": 150, '
        '"threshold_ms": 1000.0, "verdict": "rejected", "reason": "\\u00e9", "doubts": [], '
        '"disputed": []}\n'
    )


def test_a_line_tells_when_it_was_decided_if_that_is_known(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path, monotonic_s=12.5).log(arrival("a"), at_s=11.25)
    assert json.loads(path.read_text())["monotonic_s"] == 11.25


def test_a_line_is_on_disk_as_soon_as_it_is_logged(tmp_path):
    path = tmp_path / "matching.jsonl"
    log = ledger(path)
    for number in range(3):
        log.log(RepoolLine([str(number)], None, []))
        assert len(path.read_text().splitlines()) == number + 1


def test_a_restarted_server_goes_on_in_the_same_file(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log(arrival("a"))
    ledger(path).log(arrival("b"))
    lines = pd.read_json(path, lines=True)
    assert list(lines["subject_id"]) == ["a", "b"]


def test_half_a_line_of_a_killed_server_does_not_spoil_the_file(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log(arrival("a"))
    with path.open("a") as file:
        file.write('{"schema": 1, "ki')
    ledger(path).log(arrival("b"))
    assert list(pd.read_json(path, lines=True)["subject_id"]) == ["a", "b"]


def test_a_ledger_that_cannot_be_written_is_logged_and_harms_nobody(tmp_path, caplog):
    path = tmp_path / "matching.jsonl"
    log = ledger(path)
    path.mkdir()
    log.log(arrival("a"))
    assert "matching.jsonl cannot be written (Is a directory)" in caplog.text


def test_what_json_does_not_know_is_written_as_text(tmp_path):
    path = tmp_path / "matching.jsonl"
    ledger(path).log(arrival("a", attributes={"seen": {1, 2} - {2}}))
    assert json.loads(path.read_text())["attributes"] == {"seen": "{1}"}


def test_a_ledger_that_was_torn_or_cut_begins_again_with_what_was_found(tmp_path):
    path = tmp_path / "study/game/matching.jsonl"
    for _ in range(2):
        store = DataStore(tmp_path, "study", wall_clock=lambda: 0.0)
        log = open_ledger(store, "game")
        log.log(arrival("a"), at_s=1.0)
        log.log(arrival("b"), at_s=1.0)
        store.tick()
        rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join(rows[:-1]) + rows[-1][:9])
    mended = [line for line in map(json.loads, rows) if line["kind"] == "mended"]
    facts = {"removed_bytes": 9, "missing_lines": 1, "is_as_in_manifest": False}
    assert [{name: line[name] for name in facts} for line in mended] == [facts]
