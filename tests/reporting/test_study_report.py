import re
from html import escape

import pytest

from interactive_gym.data import load_study
from interactive_gym.reporting.plans import plans_of
from interactive_gym.reporting.study_report import ASSUMPTIONS, report_on

pytest.importorskip("matplotlib", reason="matplotlib is not installed: see the extra `report`")


@pytest.fixture(scope="module")
def report(study, tables):
    return report_on("study", tables, plans_of(study.folder))


def test_the_page_loads_nothing(report) -> None:
    assert not re.search(r'(src|href)="(?!#)', report.html)
    assert "@import" not in report.html and not re.search(r"url\((?!#)", report.html)
    assert "<script" not in report.html


def test_ids_that_are_referred_to_are_there_once(report) -> None:
    ids = re.findall(r'\bid="([^"]+)"', report.html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', report.html)) <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", report.html)) <= set(ids)


def test_assumptions_and_every_game_are_on_the_page(report, study) -> None:
    assert all(escape(assumption) in report.html for assumption in ASSUMPTIONS)
    for line in study.of_kind("matched"):
        assert f">game/{line['game_id']}<" in report.html


def test_a_study_that_has_not_begun_has_a_page_too(tmp_path) -> None:
    report = report_on("nothing", load_study(tmp_path), [])
    assert "There are no games yet." in report.html
    assert report.weightings == []
