"""What the build makes of the pages' modules."""

import json
import re
import shutil
from pathlib import Path

import pytest

import hatch_build
from interactive_gym.server.web.static_files import folder_of_scripts

ROOT = Path(__file__).parents[1]
ESBUILD = ROOT / "node_modules/.bin/esbuild"
STATIC = "interactive_gym/server/static"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The pages' modules and their bundles, in a folder like that of a checkout."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / hatch_build.MODULES, root / hatch_build.MODULES)
    hatch_build.bundle(root, ESBUILD)
    return root


def test_the_server_serves_the_bundles_that_the_build_makes(checkout):
    assert folder_of_scripts(checkout / STATIC) == "vendor/page"


def test_a_bundle_imports_nothing_and_lies_as_deep_as_what_tells_its_address(checkout):
    for name in ("main.js", "engine_worker.js", "timer_worker.js"):
        text = (checkout / hatch_build.BUNDLES / name).read_text()
        assert not re.search(r'^(?:import|export)\b.* from "', text, re.MULTILINE)
        assert set(re.findall(r"new URL\((.*?), import\.meta\.url\)", text)) <= {
            '"../../../"',
            '"./engine_worker.js"',
            '"./timer_worker.js"',
        }
    addresses = hatch_build.MODULES / "net/addresses.js"
    assert (checkout / addresses).exists()
    assert len(addresses.parts) == len((hatch_build.BUNDLES / "main.js").parts)


def test_the_same_modules_give_the_same_bundles(checkout, tmp_path):
    shutil.copytree(checkout / hatch_build.MODULES, tmp_path / hatch_build.MODULES)
    hatch_build.bundle(tmp_path, ESBUILD)
    for path in (checkout / hatch_build.BUNDLES).iterdir():
        assert (tmp_path / hatch_build.BUNDLES / path.name).read_bytes() == path.read_bytes()


def test_the_digests_are_those_of_all_modules(checkout):
    told = json.loads((checkout / hatch_build.MANIFEST).read_text())
    assert {"main.js", "engine/engine_worker.js", "view/game_view.js"} <= set(told)
    assert told == hatch_build.digests(ROOT)
