"""`docs/scenes.md` names every scene, its options and what it stores, and its examples run."""

import inspect
import re

import pytest

from interactive_gym.scenes import questionnaires, static_scene
from interactive_gym.scenes.page_scene import StaticScene
from tests.support.paths import DOCS

PAGE = (DOCS / "scenes.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("name", static_scene.__all__)
def test_every_scene_is_named(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", sorted(set(ROWS) & set(static_scene.__all__)))
def test_every_option_of_a_ready_page_is_named(name):
    cls = getattr(static_scene, name)
    named = re.findall(r"\w+", PAGE)
    for setter in (cls.display, getattr(cls, "consent", None), getattr(cls, "quiz", None)):
        options = inspect.signature(setter).parameters if setter else {}
        assert set(options) - {"self", "page"} <= set(named)


@pytest.mark.parametrize("name", questionnaires.__all__)
def test_everything_that_a_questionnaire_stores_is_named(name):
    scene: StaticScene = getattr(questionnaires, name)().scene(scene_id="page")
    assert set(scene.form().fields) <= set(re.findall(r"`(\w+)`", ROWS[name]))


def test_the_examples_run_as_they_stand(tmp_path, monkeypatch):
    (tmp_path / "information.html").write_text("<p>What it is about.</p>")
    monkeypatch.chdir(tmp_path)
    names = dict(vars(static_scene))
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, names)
    for scene in ("about_you", "consent", "quiz"):
        names[scene].check()
