import json

import pytest

from interactive_gym.data import load_study
from interactive_gym.reporting.rows import quantile, quartiles, rows_of


def test_quartiles_lie_between_values() -> None:
    assert quartiles([]) is None
    assert quartiles([3]) == (3, 3, 3)
    assert quartiles([4, 1, 2, 3]) == (1.75, 2.5, 3.25)
    assert quantile([1, 3], 0.1) == pytest.approx(1.2)


def test_rows_have_none_for_what_is_missing_and_json_is_read(tmp_path) -> None:
    line = {"subject_id": "s", "value": ["a"], "item": None}
    (tmp_path / "answers.jsonl").write_text(json.dumps(line) + "\n")
    (row,) = rows_of(load_study(tmp_path), "answers")
    assert row["value"] == ["a"] and row["item"] is None and row["time"] is None
