"""What CONTRIBUTING, the changelog and the hooks of pre-commit name is there."""

import re
import runpy
import subprocess
import sys

import pytest
import tomllib

import interactive_gym
from tests.support.paths import README, ROOT

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
CHANGELOG = ROOT / "CHANGELOG.md"
SERVER = ROOT / "interactive_gym/server"
GUIDES = [README, CONTRIBUTING, CHANGELOG]


def test_every_command_of_dev_py_that_is_named_exists() -> None:
    texts = "".join(guide.read_text() for guide in GUIDES)
    named = set(re.findall(r"python3 dev\.py (\w+)", texts))
    shown = subprocess.check_output([sys.executable, ROOT / "dev.py", "--help"], text=True)
    (offered,) = re.findall(r"{(.*?)}", shown.splitlines()[0])
    assert named == set(offered.split(","))


@pytest.mark.parametrize("guide", [CONTRIBUTING, CHANGELOG], ids=lambda path: path.name)
def test_every_file_that_is_named_exists(guide) -> None:
    named = re.findall(r"`(?:python3 )?((?:[\w.]+/)+[\w.]*)`", guide.read_text())
    named += re.findall(r"\]\((?!http)([^)#]+)", guide.read_text())
    assert named
    places = [ROOT, SERVER.parent, SERVER]
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_the_picture_of_the_house_shows_the_floors_that_the_contracts_keep() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = [re.findall(r"server\.(\w+)", layer) for layer in layers]
    (house,) = re.findall(r"┌ server ─+┐\n(.*?)└", CONTRIBUTING.read_text(), re.DOTALL)
    rooms = [re.findall(r"\w+", line[:46]) for line in house.splitlines()]
    assert rooms == [floor for floor in floors if floor]


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    versions = re.findall(r"^## (\S+) - \d{4}-\d\d-\d\d$", CHANGELOG.read_text(), re.MULTILINE)
    assert versions[0] == interactive_gym.__version__


def test_the_hooks_of_pre_commit_are_the_linters_of_dev_py() -> None:
    linters = runpy.run_path(str(ROOT / "dev.py"))["LINTERS"]
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert hooks == [" ".join(linter).removesuffix(" .") for linter in linters]
