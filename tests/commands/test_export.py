import csv
import json
import sys

import pandas as pd
import pytest

from interactive_gym.cli import main
from interactive_gym.data import load_study
from interactive_gym.data.schema import TABLES
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, recorded, stub_code, with_reward


@pytest.fixture
def study(tmp_path) -> VerifiedStudy:
    made = VerifiedStudy(tmp_path / "study")
    made.played("of_three", game_config(3, seed=3), stub_code(3), lambda: StubGame(3))
    line = {"event": "started", "subject_id": "s1", "completion_code": "C1"}
    (made.folder / "participants.jsonl").write_text(json.dumps(line) + "\n")
    line = {"subject_id": "s1", "recruitment_id": "P1"}
    (made.folder / "recruitment.jsonl").write_text(json.dumps(line) + "\n")
    return made


def test_every_column_that_is_exported_is_described(study, tmp_path) -> None:
    target = tmp_path / "exported"
    assert main(["export", str(study.folder), "--to", str(target)]) == 0
    described = json.loads((target / "dataset_description.json").read_text())
    names = {variable["name"] for variable in described["variableMeasured"]}
    headers = [
        next(csv.reader(file.read_text().splitlines())) for file in (target / "data").iterdir()
    ]
    assert len(headers) == len([table for table in TABLES if not table.is_personal])
    assert {name for header in headers for name in header} == names
    (frames,) = study.folder.glob("*/of_three/frames.csv")
    exported = (target / "data" / "description-steps_data.csv").read_text()
    assert exported.count("\n") == frames.read_text().count("\n")


def test_recruitment_ids_are_exported_only_if_asked_for(study, tmp_path) -> None:
    main(["export", str(study.folder), "--to", str(tmp_path / "a")])
    main(["export", str(study.folder), "--to", str(tmp_path / "b"), "--recruitment-ids"])
    texts = {
        target: "".join(file.read_text() for file in (tmp_path / target).rglob("*.*"))
        for target in "ab"
    }
    for personal in ("P1", "C1", "recruitment_id"):
        assert personal not in texts["a"]
        assert personal in texts["b"]


def test_a_folder_with_something_in_it_is_left_alone(study, tmp_path, capsys) -> None:
    assert main(["export", str(study.folder), "--to", str(study.folder)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_parquet_reads_back_with_its_types(study, tmp_path) -> None:
    pytest.importorskip("pyarrow", reason="PyArrow is not installed: see the extra `export`")
    assert main(["export", str(study.folder), "--to", str(tmp_path / "a"), "--format=parquet"]) == 0
    for name, table in load_study(study.folder).items():
        read = pd.read_parquet(tmp_path / "a" / "data" / f"description-{name}_data.parquet")
        assert list(read.columns) == list(table.columns)
        assert len(read) == len(table)
        numbers = [it for it in table.columns if str(table[it].dtype) in ("Int64", "Float64")]
        pd.testing.assert_frame_equal(read[numbers], table[numbers])


@pytest.mark.parametrize("library", ["polars", "duckdb"])
def test_other_libraries_read_the_same_parquet(study, tmp_path, library) -> None:
    pytest.importorskip("pyarrow", reason="PyArrow is not installed: see the extra `export`")
    module = pytest.importorskip(
        library, reason=f"{library} is not installed: see the extra `test`"
    )
    main(["export", str(study.folder), "--to", str(tmp_path / "a"), "--format=parquet"])
    for name, table in load_study(study.folder).items():
        file = tmp_path / "a" / "data" / f"description-{name}_data.parquet"
        if library == "polars":
            read = module.read_parquet(file)
            columns, rows = read.columns, read.rows()
            types = {name: str(kind) for name, kind in read.schema.items()}
        else:
            relation = module.read_parquet(str(file))
            columns, rows = relation.columns, relation.fetchall()
            types = {
                column: str(kind) for column, kind in zip(columns, relation.types, strict=True)
            }
        assert list(columns) == list(table.columns)
        expected = [
            [None if value is pd.NA or value is pd.NaT else value for value in row]
            for row in table.astype(object).itertuples(index=False)
        ]
        assert [list(row) for row in rows] == expected
        numbers = {"Int64": {"Int64", "BIGINT"}, "Float64": {"Float64", "DOUBLE"}}
        for column in table.columns:
            kinds = numbers.get(str(table[column].dtype))
            assert kinds is None or types[column] in kinds


def test_parquet_without_pyarrow_is_refused_with_the_cure(
    study, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["export", str(study.folder), "--to", str(tmp_path / "a"), "--format=parquet"]) == 2
    assert "interactive-gym[export]" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


def test_observations_are_exported_of_games_that_verify(study, tmp_path, capsys) -> None:
    honest = study.folder / "game" / "of_three"
    columns, rows = recorded(honest)
    copies = dict.fromkeys(range(3), with_reward(rows, 0, "99.0"))
    study.stored("forged", game_config(3, seed=3), stub_code(3), columns, copies)
    target = tmp_path / "a"
    assert main(["export", str(study.folder), "--to", str(target), "--observations"]) == 0
    steps = pd.read_csv(target / "data" / "description-steps_data.csv")
    first = steps[steps["step"] == 0].groupby("game_id")["observation"]
    assert first.count().to_dict() == {"of_three": 9, "forged": 0}
    assert "game/forged has no observations: differs at frame" in capsys.readouterr().out
    assert "`observation`" in (target / "codebook.md").read_text()
