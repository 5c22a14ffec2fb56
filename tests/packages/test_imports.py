"""What an environment's code imports, and what of it browsers lack."""

import json
import zipfile
from pathlib import Path

import pytest

from interactive_gym.packages.imports import missing_imports, what_is_missing
from tests.support.e2e.pyodide_runs import in_node
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("import numpy", {"numpy": 1}),
        ("import math\n\nimport numpy.linalg as la, scipy", {"numpy": 3, "scipy": 3}),
        ("from numpy import array\nimport numpy", {"numpy": 1}),
        ("from . import rules", {".": 1}),
        ("from .rules import play", {".": 1}),
        ("import tkinter", {"tkinter": 1}),
        ("if True:\n    import numpy", {"numpy": 2}),
        ("class A:\n    import numpy", {"numpy": 2}),
        ("with open('x') as f:\n    import numpy", {"numpy": 2}),
        ("if __name__ == '__main__':\n    import numpy", {"numpy": 2}),
        ("try:\n    import numpy\nexcept ValueError:\n    import scipy", {"numpy": 2, "scipy": 4}),
        (
            "try:\n    import json\nexcept ImportError:\n    pass\nelse:\n    import numpy",
            {"numpy": 6},
        ),
    ],
)
def test_what_browsers_lack_is_found_with_the_line_of_its_import(code, missing) -> None:
    assert missing_imports(code, []) == missing


@pytest.mark.parametrize(
    "code",
    [
        "import math, json, random, dataclasses, enum, typing, collections.abc, asyncio, ssl",
        "from __future__ import annotations\nfrom array import array",
        "from interactive_gym.netcode import state_digest\nimport js, pyodide",
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None",
        "try:\n    import numpy\nexcept (ValueError, ModuleNotFoundError):\n    numpy = None",
        "try:\n    import numpy\nexcept:\n    numpy = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy",
        "import typing\nif typing.TYPE_CHECKING:\n    import numpy",
        "if __name__ != '__main__':\n    import numpy",
        "def plot():\n    import matplotlib",
        "env = None",
        "this is no python",
    ],
)
def test_what_browsers_have_or_can_do_without_is_not(code) -> None:
    assert missing_imports(code, []) == {}


def test_packages_bring_their_modules(tmp_path: Path) -> None:
    wheel = tmp_path / "packed-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("packed/__init__.py", "")
        archive.writestr("packed_fast.cpython-314-wasm32-emscripten.so", "")
        archive.writestr("six_like.py", "")
        archive.writestr("packed-1.0.dist-info/METADATA", "")
    code = "import packed.inner\nimport packed_fast\nimport six_like\nimport unpacked"
    assert missing_imports(code, [wheel]) == {"unpacked": 4}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "interactive_gym/examples").glob("*/environment.py")), ids=str
)
def test_the_examples_run_in_browsers(path: Path) -> None:
    assert missing_imports(path.read_text(encoding="utf-8"), []) == {}


@pytest.mark.parametrize(
    ("missing", "cure"),
    [
        ({"numpy": 3}, "numpy (line 3), which browsers have only as a package: give .pyodide(pack"),
        ({"numpy": 3, "scipy": 4}, 'packages_to_install=["numpy", "scipy"]'),
        ({"tkinter": 2}, "Python in browsers has no tkinter: do without it"),
        ({".": 7}, "line 7 imports from a package of its own"),
    ],
)
def test_the_cure_is_named(missing, cure) -> None:
    assert cure in what_is_missing(missing)


LIBRARY = """
import json
import sys
import warnings

warnings.simplefilter("ignore")
found = {}
for name in sys.stdlib_module_names - {"antigravity", "idlelib", "this"}:
    if not name.startswith("_"):
        try:
            __import__(name)
            found[name] = True
        except ImportError:
            found[name] = False
json.dumps(found)
"""


@pytest.mark.e2e
def test_the_standard_library_is_that_of_the_pyodide_that_is_served() -> None:
    """Under Node.js, where Pyodide is the same."""
    there = json.loads(in_node(LIBRARY, []))
    assert sum(there.values()) > 150
    code = "\n".join(f"import {name}" for name in there)
    assert set(missing_imports(code, [])) == {
        name for name, is_there in there.items() if not is_there
    }
