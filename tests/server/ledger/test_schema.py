import re

import pytest

from interactive_gym.server.ledger.schema import (
    LINES,
    SCHEMA,
    Header,
    LedgerLine,
    LookLine,
    VerdictLine,
    kind_of,
    read_line,
)
from tests.support.paths import DOCS

PAGE = DOCS / "ledger.md"


def test_every_kind_of_line_can_be_read():
    assert set(LINES.values()) == set(LedgerLine.__subclasses__())


@pytest.mark.parametrize("kind", LINES)
def test_the_page_about_the_ledger_names_every_field(kind):
    (row,) = re.findall(rf"^\| `{kind}` \|.*$", PAGE.read_text(), re.MULTILINE)
    named = set(re.findall(r"`([a-z0-9_]+)`", row))
    assert set(LINES[kind].__struct_fields__) <= named


SOUND = {"schema": SCHEMA, "kind": "look", "time": "", "monotonic_s": 1.0}
VERDICT = {
    **SOUND,
    "kind": "verdict",
    "proposal_id": "id",
    "probe_session_id": None,
    "pair": ["a", "b"],
    "rtt_ms": None,
    "threshold_ms": 150,
    "verdict": "expired",
    "reason": "the probe never ended",
}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ([], "got `array`"),
        ({"kind": "look"}, "schema is None"),
        ({**SOUND, "schema": 1}, f"schema is 1, and this version reads {SCHEMA}"),
        ({**SOUND, "kind": "lunch"}, "Invalid value 'lunch'"),
        ({"schema": SCHEMA, "kind": "look", "time": ""}, "required field `monotonic_s`"),
        ({**VERDICT, "verdict": "perhaps"}, "Invalid enum value 'perhaps'"),
        ({**VERDICT, "rtt_ms": True}, "rtt_ms"),
        ({name: of for name, of in VERDICT.items() if name != "pair"}, "required field `pair`"),
    ],
)
def test_what_is_no_line_is_told_apart(line, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        read_line(line)


def test_a_complete_line_is_one_and_may_have_more():
    assert read_line(SOUND) == (Header(SCHEMA, 1.0, ""), LookLine())
    assert read_line(SOUND | {"more": 1}) == read_line(SOUND)


def test_a_line_is_read_as_what_it_tells_with_its_numbers_as_they_were_written():
    header, line = read_line(VERDICT)
    assert header.schema == SCHEMA
    reason = "the probe never ended"
    assert line == VerdictLine("id", None, ["a", "b"], None, 150, "expired", reason)
    assert kind_of(line) == "verdict"
    assert isinstance(line.threshold_ms, int)
