import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from interactive_gym import cli
from tests.support.paths import BROKEN

QUICKLY = ("--frames", "60", "--fps", "1")
"""Few frames, and a budget that the cost fits into on a busy machine too."""


def test_a_sound_environment_ends_with_status_0_and_a_line_per_check(capsys: Any) -> None:
    assert cli.main(["check-env", f"{BROKEN}:Sound", *QUICKLY]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "note", "skipped"}
    assert sum(line.startswith("ok ") for line in lines) >= 7


def test_a_broken_environment_ends_with_status_1_and_names_the_attribute(capsys: Any) -> None:
    assert cli.main(["check-env", f"{BROKEN}:UnsavedAttribute", "--frames", "60"]) == 1
    output = capsys.readouterr().out
    assert "wrong    rollback: " in output
    assert "likely cause: env.wind, which is not part of the saved state" in output


def test_the_findings_can_be_had_as_json(capsys: Any) -> None:
    command = [
        "check-env",
        f"{BROKEN}:SetOrder",
        "--frames",
        "60",
        "--policy",
        "steady",
        "--json",
    ]
    assert cli.main(command) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    status = {finding["check"]: finding["status"] for finding in report["findings"]}
    assert status["processes"] == "wrong"
    assert status["policy steady"] == "ok"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ("no_such_file.py", "no_such_file.py is no file"),
        ("some_module", "names no environment"),
    ],
)
def test_a_name_that_names_nothing_is_refused(environment: str, sentence: str, capsys: Any) -> None:
    assert cli.main(["check-env", environment]) == 2
    assert sentence in capsys.readouterr().err


def test_actions_are_read_as_json_or_as_names(capsys: Any) -> None:
    assert cli.main(["check-env", f"{BROKEN}:Sound", "--actions", "0,2", *QUICKLY]) == 0
    assert "2 actions" in capsys.readouterr().out
    assert cli.main(["check-env", f"{BROKEN}:Sound", "--actions", "up,down"]) == 1
    assert "step({'left': 'up'" in capsys.readouterr().out.replace("down", "up")


def test_what_is_imported_and_run_for_the_checks_is_gone_afterwards(capsys: Any) -> None:
    path, main = list(sys.path), sys.modules["__main__"]
    cli.main(["check-env", f"{BROKEN}:Sound", "--frames", "30"])
    assert sys.path == path
    assert sys.modules["__main__"] is main


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_in_pyodide_only_the_packages_named_are_there(
    capsys: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wheel = tmp_path / "tides-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tides.py", "HEIGHT = 2\n")
        archive.writestr("tides-1.0.dist-info/METADATA", "Name: tides\nVersion: 1.0\n")
        archive.writestr("tides-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tides-1.0.dist-info/RECORD", "")
    # Here the module is found in the archive itself, so that the other checks pass.
    monkeypatch.setenv("PYTHONPATH", str(wheel))
    monkeypatch.syspath_prepend(wheel)
    file = tmp_path / "environment.py"
    code = BROKEN.read_text(encoding="utf-8").replace("import os", "import os, tides")
    file.write_text(code, encoding="utf-8")
    command = ["check-env", f"{file}:Sound", *QUICKLY]
    assert cli.main(command) == 1
    assert "imports: it imports tides (line" in capsys.readouterr().out
    assert cli.main([*command, "--pyodide"]) == 1
    assert "cost: it cannot be measured: ModuleNotFoundError: No module named 'tides'" in (
        capsys.readouterr().out
    )
    assert cli.main([*command, "--pyodide", "--package", "tides"]) == 0
    assert "in Pyodide on this machine" in capsys.readouterr().out
    assert cli.main([*command, "--pyodide", "--package", "ebbs"]) == 2
    assert "--package: 'ebbs' is not known" in capsys.readouterr().err
    assert cli.main([*command, "--package", "tides"]) == 0
