import itertools
from pathlib import Path
from typing import Any

import pytest

from interactive_gym.environment_checks.checker import CheckOptions, check_environment
from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from tests.support.paths import BROKEN, ROOT


def check(environment: str, **options: Any) -> dict[str, Finding]:
    """The findings on an environment by the name of the check."""
    ticks = itertools.count()
    checks = CheckOptions(**{"frames": 100, **options})
    with EnvironmentSource(environment) as source:
        found = check_environment(source, checks, lambda: next(ticks) / 10_000)
        return {finding.check: finding for finding in found}


def broken(name: str, **options: Any) -> dict[str, Finding]:
    return check(f"{BROKEN}:{name}", **options)


def wrong(findings: dict[str, Finding]) -> set[str]:
    return {name for name, finding in findings.items() if finding.status == "wrong"}


@pytest.mark.parametrize("name", ["Sound", "Pickled", "SingleAgent"])
def test_a_sound_environment_passes_every_check(name: str) -> None:
    findings = broken(name)
    assert not wrong(findings)
    expected = {
        "interface",
        "infos",
        "rows",
        "saved state",
        "drawing",
        "seeds",
        "processes",
        "rollback",
    }
    assert expected < set(findings)


@pytest.mark.parametrize(
    "environment",
    [
        "interactive_gym.examples.kitchen.environment:make_env",
        "interactive_gym/examples/kitchen/environment.py",
        "interactive_gym.examples.slime_volleyball.environment:SlimeVolleyball",
        "interactive_gym/examples/slime_volleyball/environment.py",
    ],
)
def test_the_examples_pass_every_check(environment: str, monkeypatch: Any) -> None:
    monkeypatch.chdir(ROOT)
    findings = check(environment)
    assert not wrong(findings)
    assert findings["PettingZoo's parallel_api_test"].status == "ok"


@pytest.mark.parametrize(
    ("name", "where", "text"),
    [
        ("UnsavedAttribute", "rollback", "state['balls'][1][0] is "),
        ("WallClock", "processes", "state['balls'][0][1] is "),
        ("LeftOver", "seeds", "after the reset state['level'] is 1, then "),
        ("MissingSeed", "interface", "reset(seed=…) raises TypeError"),
        ("Unpicklable", "saved state", "cannot be saved for rollback"),
        ("AliasedWhenSaved", "saved state", "after it was saved, because"),
        ("LongText", "rows", "a row can have 4096: record less."),
        ("misspelt_field", "drawing", "picture[2] (circle) has 'colour', which no circle has"),
    ],
)
def test_what_is_wrong_is_named(name: str, where: str, text: str) -> None:
    findings = broken(name)
    assert findings[where].status == "wrong"
    assert text in findings[where].text


@pytest.mark.parametrize(
    ("name", "where", "cause"),
    [
        ("UnsavedAttribute", "rollback", "env.wind, which is not part of the saved state"),
        ("UnsavedSlot", "saved state", "env.balls[0].x, which is not part of the saved state"),
        ("GlobalRandom", "seeds", "broken_environments.py:"),
        ("WallClock", "processes", " calls time.time()"),
        ("SystemRandom", "processes", " calls os.urandom()"),
        ("Identity", "processes", " calls hash()"),
    ],
)
def test_a_likely_cause_is_named(name: str, where: str, cause: str) -> None:
    assert any(cause in found for found in broken(name)[where].causes)


def test_a_fault_in_one_place_is_told_in_that_place_only() -> None:
    assert wrong(broken("SetOrder")) == {"processes"}
    assert wrong(broken("DrawingChangesState")) >= {"drawing"}
    assert wrong(broken("misspelt_field")) == {"drawing"}


def test_a_slow_environment_does_not_fit_the_frame_budget() -> None:
    # In this test every call takes a tick of the clock: 0.1 ms, in Pyodide 0.2 ms.
    assert broken("Sound")["cost"].status == "ok"
    assert broken("Sound", fps=2000.0)["cost"].status == "wrong"


def test_policies_are_checked_by_name() -> None:
    findings = broken("Sound", policies=("steady", "forgetful", "absent"))
    assert findings["policy steady"].status == "ok"
    assert findings["policy forgetful"].status == "wrong"
    assert findings["policy absent"].status == "wrong"


def test_policies_are_not_blamed_for_what_the_environment_does() -> None:
    findings = broken("UnsavedAttribute", policies=("steady", "counting"))
    assert findings["rollback"].status == "wrong"
    assert findings["policy steady"].status == "skipped"
    assert findings["policy counting"].status == "skipped"


def test_actions_can_be_named_where_the_space_is_not_discrete(tmp_path: Path) -> None:
    file = tmp_path / "environment.py"
    code = BROKEN.read_text(encoding="utf-8")
    file.write_text(f"{code}\nSound.action_space = None\nenv = Sound()\n", encoding="utf-8")
    assert "--actions" in check(str(file))["interface"].text
    assert not wrong(check(str(file), actions=(0, 1, 2)))


def test_a_file_may_import_modules_beside_it_but_browsers_lack_them(tmp_path: Path) -> None:
    (tmp_path / "rules_of_the_game.py").write_text(
        "import time\nSPEED = 2\n\ndef late():\n    return time.time()\n", encoding="utf-8"
    )
    file = tmp_path / "environment.py"
    code = BROKEN.read_text(encoding="utf-8").split("class UnsavedAttribute")[0]
    code = code.replace("import os", "import os, rules_of_the_game")
    file.write_text(f"{code}\nenv = Sound()\n", encoding="utf-8")
    findings = check(str(file))
    assert wrong(findings) == {"imports"}
    assert "it imports rules_of_the_game (line" in findings["imports"].text
    assert "code of your own into the same file" in findings["imports"].text
    assert "rules_of_the_game.py:5 calls time.time()" in findings["source"].text


def test_an_environment_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    file = tmp_path / "environment.py"
    file.write_text("import a_module_that_nobody_has\n", encoding="utf-8")
    assert "a_module_that_nobody_has" in check(str(file))["interface"].text
    file.write_text("environment = 3\n", encoding="utf-8")
    assert "defines no variable env" in check(str(file))["interface"].text
