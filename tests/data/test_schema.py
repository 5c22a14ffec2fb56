import pytest

from interactive_gym.data.schema import TABLES
from interactive_gym.netcode.recorder import BASE_COLUMNS
from tests.support.paths import DOCS


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_page_of_data_explains_every_column_of_files(table) -> None:
    page = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("data.md", "ledger.md"))
    assert [it.name for it in table.columns if f"`{it.name}`" not in page] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_has_a_column_twice(table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)


def test_steps_have_all_columns_of_frames() -> None:
    (steps,) = [table for table in TABLES if table.name == "steps"]
    assert {column.name for column in steps.columns} >= set(BASE_COLUMNS)
