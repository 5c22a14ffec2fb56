"""`docs/recruitment.md` names every option and panel, and its examples run."""

import inspect
import re

import pytest

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.options.panels import PANELS, PROLIFIC_COMPLETION
from interactive_gym.options.recruitment_id import ID_PARAMETERS
from interactive_gym.options.screening_rules import MESSAGES
from interactive_gym.scenes import static_scene
from interactive_gym.server.messages.device import DeviceReport
from tests.support.paths import DOCS

PAGE = (DOCS / "recruitment.md").read_text()


RECRUITMENT, DEVICES = PAGE.split("## Devices")


def test_every_option_has_its_row():
    options = set(inspect.signature(ExperimentConfig.recruitment).parameters) - {"self"}
    assert set(re.findall(r"^\| `(\w+)` \|", RECRUITMENT, re.MULTILINE)) == options


def test_every_limit_reason_and_figure_is_named():
    limits = set(inspect.signature(ExperimentConfig.entry_screening).parameters) - {"self"}
    rows = "".join(re.findall(r"^\| (`\w+`.*?) \|", DEVICES, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", rows)) == set(MESSAGES)
    named = set(re.findall(r"\w+", DEVICES))
    assert limits | set(DeviceReport.__struct_fields__) <= named


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
    names = dict(vars(static_scene))
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    for code in (code for code in examples if "config." in code):
        names["config"] = ExperimentConfig()
        exec(code, names)
        assert names["config"].recruitment_rules.panel.name or names["config"].screening_rules
