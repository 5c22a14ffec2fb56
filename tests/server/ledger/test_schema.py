import re
from typing import get_args

import pytest

from interactive_gym.server.ledger.schema import LINES, SCHEMA, LedgerKind, Line, line_fault
from tests.support.paths import DOCS

PAGE = DOCS / "ledger.md"


def test_every_kind_has_a_record():
    assert set(LINES) == set(get_args(LedgerKind))


@pytest.mark.parametrize("kind", LINES)
def test_the_page_about_the_ledger_names_every_field(kind):
    (row,) = re.findall(rf"^\| `{kind}` \|.*$", PAGE.read_text(), re.MULTILINE)
    named = set(re.findall(r"`([a-z0-9_]+)`", row))
    assert LINES[kind].__annotations__.keys() - Line.__annotations__.keys() <= named


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ([], "no JSON object"),
        ({"kind": "look"}, "schema is None"),
        ({"schema": SCHEMA, "kind": "lunch"}, "kind is 'lunch'"),
        ({"schema": SCHEMA, "kind": "look", "time": ""}, "lacks monotonic_s"),
    ],
)
def test_what_is_no_line_is_told_apart(line, fault):
    assert fault in line_fault(line)


def test_a_complete_line_is_one_and_may_have_more():
    line = {"schema": SCHEMA, "kind": "look", "time": "", "monotonic_s": 1.0}
    assert line_fault(line) is None
    assert line_fault(line | {"more": 1}) is None
