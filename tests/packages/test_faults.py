"""What pip says is copied from pip's own words, cut to the lines that matter."""

import pytest

from interactive_gym.packages.faults import explain
from tests.support.wheels import COMPILED, make_wheel, platform

NO_VERSION = (
    "ERROR: Could not find a version that satisfies the requirement {} (from versions: {})\n"
    "ERROR: No matching distribution found for {}\n"
)
CONFLICT = """
The conflict is caused by:
    game 1.0 depends on physics>=2
    The user requested physics==1
"""


def said(output, *requirements, browsers=None, index_url=None, is_known=True):
    asked = []

    def known(name):
        asked.append(name)
        return is_known

    text = explain(output, browsers or platform(), requirements or ["fast"], index_url, known)
    return text, asked


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "/usr/bin/python3: No module named pip\n",
            "'fast' cannot be resolved, as the Python",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "'fast' was found with another content than Pyodide 314.0.7 states: give the",
        ),
        (
            "ERROR: HTTP error 404 while getting https://lab.example/fast.whl (from …)",
            "'fast' cannot be downloaded: https://lab.example/fast.whl is answered with status 404",
        ),
        (
            "ERROR: 503 Server Error: Busy for url: https://lab.example/\n"
            "ERROR: 403 Client Error: Forbidden for url: https://lab.example/fast.whl",
            "'fast' cannot be downloaded: https://lab.example/fast.whl is answered with status 403",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'",
            "'fast' is not in the cache yet, and the package registry or Pyodide's distribution "
            "cannot be reached: start the server once with a connection",
        ),
        ("Collecting fast\nERROR: one\nERROR: two\nfast", "'fast' cannot be resolved: ERROR: two"),
        ("", "'fast' cannot be resolved: pip gives no reason"),
    ],
)
def test_what_pip_prints_is_put_into_one_sentence(output, sentence):
    text, asked = said(output)
    assert text.startswith(sentence)
    assert asked == [], "the registry is only asked where the name may be wrong"


def test_all_that_was_asked_for_is_named_where_pip_blames_none():
    text, _ = said("", "fast", "game>=2")
    assert text.startswith("'fast', 'game>=2' cannot be resolved")


def test_a_version_that_there_is_not_is_told_with_those_there_are():
    text, asked = said(NO_VERSION.format("fast==3", "1.0, 1.2", "fast==3"))
    assert text == "'fast==3' has no such version for browsers: there are 1.0, 1.2"
    assert asked == []


def test_a_name_that_the_registry_does_not_know_may_be_misspelt():
    text, asked = said(NO_VERSION.format("Fast_Er", "none", "Fast_Er"), is_known=False)
    assert text == "'Fast_Er' is not known to the package registry: is the name spelt right?"
    assert asked == ["fast-er"]


def test_a_project_without_a_wheel_for_browsers_is_told_what_would_be_one():
    text, _ = said(NO_VERSION.format("native", "none", "native"))
    assert text.startswith("'native' has no wheel that runs in browsers")
    assert "pyemscripten_2026_0_wasm32 and Python 3.14" in text


def test_who_needs_it_is_named_where_it_was_not_asked_for():
    requirement = "physics>=2 (from game)"
    text, _ = said(NO_VERSION.format(requirement, "none", "physics>=2"), "game")
    assert text.startswith("'physics>=2', which game needs, has no wheel that runs in browsers")


def test_a_conflict_names_the_one_of_the_two_that_was_not_asked_for():
    text, asked = said(CONFLICT, "game", "physics==1")
    assert text.startswith("'physics>=2', which game needs, has no wheel that runs in browsers")
    assert asked == ["physics"]


def test_what_pyodide_distributes_needs_the_address_of_its_distribution(tmp_path):
    browsers = platform(make_wheel(tmp_path, "numbers", tags=COMPILED))
    output = NO_VERSION.format("Numbers", "none", "Numbers")
    text, asked = said(output, browsers=browsers)
    told = "'Numbers' has a wheel for browsers only in the distribution of Pyodide 314.0.7"
    wheel = browsers.distribution["numbers"]
    files = f"put {wheel.file_name} (SHA-256 {wheel.sha256}) into a folder"
    assert text == f"{told}: {files}, and give that as pyodide_index_url"
    assert asked == []
    text, _ = said(output, browsers=browsers, index_url="https://lab.example/")
    assert text.startswith(f"{told}, which https://lab.example/ did not give: {files}")
