"""No cell of an exported CSV file is taken for a formula."""

import json

import pandas as pd
import pytest

from interactive_gym.data.csv_text import without_formulas


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "@SUM(A1)", "-1+1", " =1", "a;=1", "＝1"])
def test_a_text_that_begins_like_a_formula_becomes_json(text) -> None:
    table = pd.DataFrame({"reason": [text], "subject_id": ["s1"]}, dtype="string")
    safe = without_formulas("participants", table)
    (cell,) = safe["reason"]
    assert cell.startswith('"') and ";=" not in cell
    assert json.loads(cell) == text
    assert list(safe["subject_id"]) == ["s1"]
    assert list(table["reason"]) == [text]


def test_json_stays_the_same_json_and_what_is_harmless_stays_as_it_is() -> None:
    values = ['"a;=1"', "-5", '["=x"]', None]
    table = pd.DataFrame({"value": values, "item": ["mood", "-5", "a-b", None]}, dtype="string")
    safe = without_formulas("answers", table)
    assert [None if it is pd.NA else json.loads(it) for it in safe["value"]] == [
        "a;=1",
        -5,
        ["=x"],
        None,
    ]
    assert not any(";=" in it for it in safe["value"].dropna())
    assert list(safe["item"].dropna()) == ["mood", "-5", "a-b"]
