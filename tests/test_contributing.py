"""What CONTRIBUTING, the changelog and the hooks of pre-commit name is there."""

import re
import runpy
import subprocess
import sys

import pytest

import interactive_gym
from tests.support.paths import README, ROOT

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
CHANGELOG = ROOT / "CHANGELOG.md"
GUIDES = [README, CONTRIBUTING, CHANGELOG]


def test_every_command_of_dev_py_that_is_named_exists() -> None:
    texts = "".join(guide.read_text() for guide in GUIDES)
    named = set(re.findall(r"python3 dev\.py (\w+)", texts))
    shown = subprocess.check_output([sys.executable, ROOT / "dev.py", "--help"], text=True)
    (offered,) = re.findall(r"{(.*?)}", shown.splitlines()[0])
    assert named == set(offered.split(","))


@pytest.mark.parametrize("guide", [CONTRIBUTING, CHANGELOG], ids=lambda path: path.name)
def test_every_file_that_is_named_exists(guide) -> None:
    named = re.findall(
        r"`(?:python3 )?((?:interactive_gym|tests|\.ci)/[^`\s]*)`", guide.read_text()
    )
    named += re.findall(r"\]\((?!http)([^)#]+)", guide.read_text())
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    versions = re.findall(r"^## (\S+) - \d{4}-\d\d-\d\d$", CHANGELOG.read_text(), re.MULTILINE)
    assert versions[0] == interactive_gym.__version__


def test_the_hooks_of_pre_commit_are_the_linters_of_dev_py() -> None:
    linters = runpy.run_path(str(ROOT / "dev.py"))["LINTERS"]
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert hooks == [" ".join(linter).removesuffix(" .") for linter in linters]
