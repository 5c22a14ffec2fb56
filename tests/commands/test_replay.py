import json

from interactive_gym.cli import main
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.plan import plan_digest
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
