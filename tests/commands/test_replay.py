import json

from interactive_gym.cli import main
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.plan import plan_digest
from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.audited_study import AuditedStudy, eventful_start
from tests.support.ledger_study import Newest, Study, eventful


def test_the_command_ends_with_0_when_all_is_confirmed_and_with_1_at_a_difference(tmp_path, capsys):
    study = eventful(Study(tmp_path, LatencyMatchmaker(150)))
    assert main(["replay", str(study.path)]) == 0
    assert "confirmed" in capsys.readouterr().out
    lines = study.lines()
    at = next(n for n, line in enumerate(lines) if line["kind"] == "verdict")
    lines[at]["rtt_ms"] = 1.5
    study.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["replay", str(study.path)]) == 1
    out = capsys.readouterr().out
    assert f"line {at + 1} differs" in out
    assert "expected:" in out


def test_the_command_refuses_what_is_no_ledger_with_one_sentence(tmp_path, capsys):
    assert main(["replay", str(tmp_path / "none.jsonl")]) == 2
    (tmp_path / "other.jsonl").write_text('{"a": 1}\n')
    assert main(["replay", str(tmp_path / "other.jsonl")]) == 2
    assert "line 1 cannot be replayed" in capsys.readouterr().err


def test_a_matchmaker_that_cannot_be_imported_can_be_named(tmp_path, capsys):
    study = eventful(Study(tmp_path, Newest(150, after_s=1.0)))
    lines = study.lines()
    lines[0]["plan"]["matchmaker"]["class"] = "__gone__.Newest"
    digest = plan_digest(lines[0]["plan"])
    lines = [line | ({"plan_digest": digest} if "plan_digest" in line else {}) for line in lines]
    study.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["replay", str(study.path)]) == 2
    assert "--matchmaker MODULE:CLASS" in capsys.readouterr().err
    assert main(["replay", str(study.path), "--matchmaker", f"{Newest.__module__}:Newest"]) == 0


def test_what_was_confirmed_is_said_in_sentences(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    assert main(["replay", str(study.path)]) == 0
    out = capsys.readouterr().out
    assert "The server was killed, or is still running" in out
    study.close()
    assert main(["replay", str(study.path)]) == 0
    out = capsys.readouterr().out
    for sentence in (
        "The manifest names the last line: none is missing at the end.",
        "exits as in participants.jsonl.",
        "matches as in the match.json of the game.",
        "probes with the RTT that follows from the samples.",
        "Nothing differs.",
    ):
        assert sentence in out
    assert json.loads(study.manifest.read_text())["ledgers"]["game"]["chain"] in out


def test_everything_that_differs_is_named(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    study.close()
    lines = study.path.read_text().replace('"reason": "idle"', '"reason": "disconnected"')
    study.path.write_text(lines)
    assert main(["replay", str(study.path)]) == 1
    out = capsys.readouterr().out
    assert "differs: its digest does not follow" in out
    assert "participants.jsonl has 'idle'" in out
    study.path.write_text("".join(lines.splitlines(keepends=True)[:-2]))
    assert main(["replay", str(study.path)]) == 1
    assert "lines are missing at the end" in capsys.readouterr().out


def test_that_an_earlier_versions_lines_are_not_chained_is_said(tmp_path, capsys):
    study = eventful(Study(tmp_path, FIFOMatchmaker(150)))
    assert main(["replay", str(study.path)]) == 0
    assert "The lines are not chained, as earlier versions wrote them" in capsys.readouterr().out


def test_a_digest_that_was_kept_finds_out_who_computed_everything_anew(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    rows = study.path.read_text().splitlines()
    kept = json.loads(rows[9])["chain"]
    assert main(["replay", str(study.path), "--digest", kept]) == 0
    assert "The digest that was kept is that of line 10." in capsys.readouterr().out
    assert main(["replay", str(study.path), "--digest", "0" * 32]) == 1
    out = capsys.readouterr().out
    assert "differs: no line has the digest 00000000000000000000000000000000 that was kept" in out


def test_beside_no_study_a_file_called_manifest_may_be_anything(tmp_path, capsys):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    folder = tmp_path / "shared/ledgers"
    folder.mkdir(parents=True)
    (folder.parent / "manifest.json").write_text('{"name": "another program"}')
    (folder / "matching.jsonl").write_bytes(study.path.read_bytes())
    assert main(["replay", str(folder / "matching.jsonl")]) == 0
    assert "No manifest stands for the end" in capsys.readouterr().out
