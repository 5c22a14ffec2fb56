"""Makes tables safe to be opened in a spreadsheet: no cell of a CSV file is taken for a formula.

Ids come from addresses, and reasons from pages, so participants can write what they like there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactive_gym.data.schema import TABLES
from interactive_gym.netcode.cells import json_text, text_of

if TYPE_CHECKING:
    import pandas as pd


def without_formulas(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The same table, with texts as the cells of ``frames.csv`` have them.

    A text that begins like a formula is written as JSON, in quotes that belong to it.

    Args:
        name: which table it is.
        table: its content.
    """
    (schema,) = [it for it in TABLES if it.name == name]
    kinds = {column.name: column.kind for column in (*schema.columns, *schema.added)}
    safe = table.copy(deep=False)
    for column in table.columns:
        kind = kinds.get(column, "text")
        if kind in ("text", "json"):
            write = json_text if kind == "json" else text_of
            # Most texts stand in many rows: each is looked at once.
            written = {text: write(text) for text in table[column].dropna().unique()}
            changed = {text: to for text, to in written.items() if to != text}
            if changed:
                safe[column] = table[column].map(lambda text, to=changed: to.get(text, text))
    return safe
