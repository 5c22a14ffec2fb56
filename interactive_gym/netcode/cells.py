"""The text of values in the cells of a table, the same on every machine.

No cell can be taken for a formula by a spreadsheet. ``recorder`` makes rows of cells, and the
server checks by the same rules what it is sent.
"""

import csv
import io
import json
import re
from typing import Any

MAX_KEY_CHARS = 100
"""Most characters in the key of an info that becomes a column."""

FLAGS = ("true", "false")
"""The cells of a boolean."""

NUMBER_PATTERN = r"-?(?:[0-9]{1,40}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?|inf)|nan"
"""The text of a number, as a regular expression."""

_NUMBER = re.compile(NUMBER_PATTERN)
_SIGNS = frozenset("=+-@＝＋－＠")
# The wide forms are taken for formulas where Chinese or Japanese is written.
_FORMULA_WITHIN = re.compile(r"""(;[\s"']*)([=+\-@＝＋－＠])""")
_FORMULA = re.compile(r"""(?:^\s*|;[\s"']*)[=+\-@＝＋－＠]""")


def cell(value: Any) -> str:
    """A value as a cell: its text, quoted by the rules of CSV where that is needed."""
    return quoted(text_of(value))


def text_of(value: Any) -> str:
    """A value as text: floats by repr, booleans as true and false, None empty, else JSON.

    Text with control characters becomes JSON, so that a row always stays on one line, and so does
    text that a spreadsheet would take for a formula.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 10**40:
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if value is None:
        return ""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return text_of(value.item())
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    if not text.isprintable() or is_formula(text):
        text = json_text(json.dumps(text) if isinstance(value, str | int) else text)
    return text


def json_text(text: str) -> str:
    """JSON in which a spreadsheet finds no formula after a semicolon; it means the same."""
    return _FORMULA_WITHIN.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)


def is_number(text: str) -> bool:
    """Whether this is the text of a number of at most 40 digits, or of infinity or NaN."""
    return _NUMBER.fullmatch(text) is not None


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take a cell of this text for a formula.

    It does so by the first character, or by that after a semicolon where semicolons separate cells.
    """
    # Most text has none of these characters, and to see that is faster than a search.
    return not _SIGNS.isdisjoint(text) and bool(_FORMULA.search(text)) and not is_number(text)


def quoted(text: str) -> str:
    """Text as a cell, in quotes where CSV demands them."""
    # Written out, as a loop takes several times as long, and this is run for every cell.
    if not ("," in text or '"' in text or "\n" in text or "\r" in text):
        return text
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([text])
    return buffer.getvalue()
