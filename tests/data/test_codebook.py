from interactive_gym.data.codebook import codebook, dataset_description
from interactive_gym.data.schema import TABLES

COLUMNS = {table.name: [it.name for it in table.columns] for table in TABLES}


def test_every_column_has_its_line() -> None:
    text = codebook(COLUMNS)
    for table in TABLES:
        section = text.split(f"## {table.name}\n")[1].split("\n## ")[0]
        assert all(f"| `{column.name}` |" in section for column in table.columns)


def test_columns_that_are_not_there_are_not_described() -> None:
    kept = {"participants": ["time"], "times": ["subject_id"]}
    assert "completion_code" not in codebook(COLUMNS | kept)


def test_a_table_that_is_not_there_is_not_described() -> None:
    columns = {name: names for name, names in COLUMNS.items() if name != "recruitment"}
    assert "recruitment_id" not in codebook(columns)
    assert "recruitment_id" not in str(dataset_description("study", columns))


def test_every_variable_is_described_once_also_those_of_infos() -> None:
    columns = COLUMNS | {"steps": [*COLUMNS["steps"], "info_score"]}
    described = dataset_description("study", columns)["variableMeasured"]
    names = [variable["name"] for variable in described]
    assert len(names) == len(set(names))
    assert set(names) == {name for table in columns.values() for name in table}
    assert all(variable["description"] for variable in described)
