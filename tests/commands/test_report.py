import csv
import sys

import pytest

from interactive_gym.cli import main
from tests.support.reported_study import ReportedStudy

pytest.importorskip("matplotlib", reason="matplotlib is not installed: see the extra `report`")


def test_a_page_its_figures_and_the_weights_are_written_alike_twice(tmp_path, capsys) -> None:
    study = ReportedStudy(tmp_path / "made")
    for name in ("one", "two"):
        assert main(["report", str(study.folder), "--to", str(tmp_path / name)]) == 0
    files = sorted(it.relative_to(tmp_path / "one") for it in (tmp_path / "one").rglob("*.*"))
    assert {"report.html", "weights.csv", "flow.svg"} <= {file.name for file in files}
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    with (tmp_path / "one" / "weights.csv").open() as read:
        weighted = {row["subject_id"] for row in csv.DictReader(read)}
    matched = {it["subject_id"] for line in study.of_kind("matched") for it in line["group"]}
    assert weighted == matched
    assert "report.html" in capsys.readouterr().out


def test_without_matplotlib_it_is_said_how_to_get_it(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    (tmp_path / "study").mkdir()
    assert main(["report", str(tmp_path / "study"), "--to", str(tmp_path / "out")]) == 2
    assert "interactive-gym[report]" in capsys.readouterr().err
