"""What version 0.2.0 wrote still works: a ledger whose lines are not chained, with its probes."""

from pathlib import Path

import pytest

from interactive_gym.cli import main

LEDGER = Path(__file__).parent / "matching_0_2_0.jsonl"


def test_a_recorded_ledger_is_replayed_and_said_not_to_be_chained(capsys):
    assert main(["replay", str(LEDGER)]) == 0
    out = capsys.readouterr().out
    assert "confirmed 102 lines" in out
    assert "The lines are not chained, as earlier versions wrote them" in out
    assert "18 probes with the RTT that follows from the samples." in out


@pytest.mark.parametrize(
    ("was", "forged", "what"),
    [
        ('"samples_ms": [', '"samples_ms": [9.5, ', "follows from the samples"),
        ('"verdict": "rejected"', '"verdict": "accepted"', "the matching decides otherwise"),
        ('"patience_ms": 60000', '"patience_ms": 90000', "the digest it claims"),
    ],
)
def test_what_contradicts_itself_is_found_without_a_chain(tmp_path, capsys, was, forged, what):
    changed = tmp_path / "matching.jsonl"
    text = LEDGER.read_text()
    assert was in text
    changed.write_text(text.replace(was, forged, 1))
    assert main(["replay", str(changed)]) == 1
    assert what in capsys.readouterr().out
