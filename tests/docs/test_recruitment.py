"""`docs/recruitment.md` names every option and panel, and its examples run."""

import inspect
import re

import pytest

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.options.panels import PANELS, PROLIFIC_COMPLETION
from interactive_gym.options.recruitment_id import ID_PARAMETERS
from interactive_gym.scenes.static_scene import CompletionCodeScene
from tests.support.paths import DOCS

PAGE = (DOCS / "recruitment.md").read_text()


def test_every_option_has_its_row():
    options = set(inspect.signature(ExperimentConfig.recruitment).parameters) - {"self"}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == options


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_and_its_parameters_are_named(name):
    panel = PANELS[name]
    assert f'"{name}"' in PAGE
    named = (*panel.id_parameters, panel.study_parameter, panel.session_parameter)
    assert all(f"{parameter}=" in PAGE for parameter in named if parameter)


def test_the_usual_parameters_and_addresses_are_named():
    assert all(f"`{name}`" in PAGE for name in ID_PARAMETERS)
    assert PROLIFIC_COMPLETION in PAGE
    assert f"`{PANELS['prolific'].home}`" in PAGE


def test_the_examples_run_as_they_stand():
    names = {"CompletionCodeScene": CompletionCodeScene}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        names["config"] = ExperimentConfig()
        exec(code, names)
        assert names["config"].recruitment_rules.panel.name
