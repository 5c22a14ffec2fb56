"""What all tests share: how Hypothesis runs, and a folder of state that is not the user's."""

import os

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine, and of what else it does, than of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _folder_of_state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have servers under test keep their keys elsewhere than the user's own do."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


def pytest_configure(config: pytest.Config) -> None:
    """Have one coverage measurement in a worker of xdist, which pytest-cov begins later.

    Before that two have begun, as the worker is a process that a test run starts, and as pytest-cov
    takes it for the controller. They would go on where a test asks for none (`no_cover`).
    """
    if hasattr(config, "workerinput") and config.pluginmanager.hasplugin("_cov"):
        while (measurement := Coverage.current()) is not None:
            measurement.stop()
