from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from interactive_gym.commands.hosting import hosting_options, set_hosting
from interactive_gym.configurations.experiment_config import ExperimentConfig


def served(arguments, environment):
    """The config of a command that was called so."""
    config = ExperimentConfig().hosting(port=9000, host="10.0.0.1")

    @click.command()
    @hosting_options
    def command(**hosting):
        set_hosting(config, **hosting)

    CliRunner().invoke(command, arguments, env=environment, catch_exceptions=False)
    return config


def test_what_is_not_given_stays_as_the_experiment_has_it():
    config = served([], {})
    assert (config.host, config.port, config.base_path) == ("10.0.0.1", 9000, "/")


def test_options_come_from_the_environment_and_arguments_go_before_it():
    environment = {
        "INTERACTIVE_GYM_HOST": "0.0.0.0",
        "INTERACTIVE_GYM_PORT": "8001",
        "INTERACTIVE_GYM_BASE_PATH": "/study1",
        "INTERACTIVE_GYM_DATA_DIR": "elsewhere",
    }
    config = served(["--port", "8002"], environment)
    assert (config.host, config.port, config.base_path) == ("0.0.0.0", 8002, "/study1/")
    assert config.data_dir == Path("elsewhere")


def test_a_value_that_cannot_be_used_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="port is 99999"):
        served([], {"INTERACTIVE_GYM_PORT": "99999"})
