"""What version 0.1.0 wrote and documented still works: a ledger with its plan, and a script."""

import subprocess
import sys
from pathlib import Path

from interactive_gym.cli import main

HERE = Path(__file__).parent


def test_a_recorded_ledger_is_replayed_line_by_line(capsys):
    assert main(["replay", str(HERE / "matching.jsonl")]) == 0
    assert "confirmed 118 lines" in capsys.readouterr().out


def test_a_changed_verdict_in_the_recorded_ledger_is_found(tmp_path, capsys):
    changed = tmp_path / "matching.jsonl"
    ledger = (HERE / "matching.jsonl").read_text()
    changed.write_text(ledger.replace('"verdict": "rejected"', '"verdict": "accepted"', 1))
    assert main(["replay", str(changed)]) == 1
    assert "differs" in capsys.readouterr().out


def test_a_researchers_script_with_the_documented_paths_runs_unchanged(tmp_path):
    script = [sys.executable, "-W", "ignore", str(HERE / "researchers_script.py")]
    done = subprocess.run(
        [*script, "--check", str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200 ")
    scenes = [path.parent.name for path in sorted(tmp_path.rglob("matching.jsonl"))]
    assert scenes == ["volleyball_0", "volleyball_1", "volleyball_2"]
