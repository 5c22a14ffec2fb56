"""Whether all browsers compute the same games, bit for bit, and still the ones they used to."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.e2e import golden_digests
from tests.support.e2e.pyodide_runs import BrowserUnusable, in_chromium, in_firefox, in_node

GAMES = {
    "slime_volleyball": "a2606b7559670adc19fa99493b1145815f6dc08a23e77887183b3e32be6813dc",
    "kitchen": "4900a34634c8e9d96bebe4c7c93a43fe4b1a912071f82d992be4482fce8b9bd7",
}
"""Computed from square roots and whole numbers alone, so in every Python."""

IN_PYODIDE = {
    **GAMES,
    "functions": "d9bd4e8e841f517c445fbee7e203b368b3cbfc42672c0fa9f0b9c60f36c53ce0",
}
"""Transcendental functions, in Pyodide wherever it runs; C libraries of other Pythons differ."""


@pytest.mark.parametrize("run", [in_node, in_chromium, in_firefox])
@pytest.mark.e2e
def test_scripted_games_and_functions_have_the_same_digests_in_every_pyodide(
    run: Callable[[str, list[Path]], str],
) -> None:
    source = "from tests.support.e2e.golden_digests import digests; digests()"
    try:
        answer = run(source, [Path(golden_digests.__file__)])
    except BrowserUnusable as reason:
        pytest.skip(str(reason))
    assert json.loads(answer) == IN_PYODIDE


def test_scripted_games_have_the_same_digests_in_this_python() -> None:
    found = json.loads(golden_digests.digests())
    assert {name: found[name] for name in GAMES} == GAMES
