import re
from pathlib import Path

from interactive_gym.packages.platform import BrowserPlatform
from interactive_gym.packages.runtime import pyodide_version
from tests.support.wheels import COMPILED, make_wheel, platform


def test_the_platform_is_that_of_the_served_pyodide():
    found = BrowserPlatform.vendored()
    assert found.pyodide_version == pyodide_version()
    assert re.fullmatch(r"3\.\d+", found.python_version)
    assert found.abi_tag == "cp" + found.python_version.replace(".", "")
    assert re.fullmatch(r"pyemscripten_\d+_\d+_wasm32", found.platform_tag)
    # What the registry has no wheel of, and the reason for pyodide_index_url.
    assert found.platform_tag in found.distribution["numpy"].file_name


def test_the_distribution_is_that_of_the_lock_without_what_only_pyodide_can_load(tmp_path: Path):
    wheel = make_wheel(tmp_path, "fast", tags=COMPILED)
    found = platform(wheel)
    assert found.platform_tag == "pyemscripten_2026_0_wasm32"
    assert list(found.distribution) == ["fast"]
    assert found.distribution["fast"].file_name == wheel.name
