import pytest

from interactive_gym.data import load_study
from tests.support.reported_study import ReportedStudy


@pytest.fixture(scope="package")
def study(tmp_path_factory) -> ReportedStudy:
    return ReportedStudy(tmp_path_factory.mktemp("reported"))


@pytest.fixture(scope="package")
def tables(study):
    return load_study(study.folder)
