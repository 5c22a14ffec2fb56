"""Explains in a sentence why pip found no wheels for the browser.

It reads what pip printed. ``resolver`` raises the explanation.
"""

import re
from collections.abc import Callable, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from interactive_gym.packages.platform import BrowserPlatform

_NO_PIP = re.compile(r"No module named pip\b")
_NO_FILE = re.compile(r"No such file or directory: '([^']+)'")
_CUT_OFF = re.compile(r"IncompleteRead|incomplete-download|not enough bytes")
_NO_CONNECTION = re.compile(r"connection broken by|Could not fetch URL|ConnectionError")
_OTHER_FILE = re.compile(r"DO NOT MATCH THE HASHES|Expected sha256", re.IGNORECASE)
_NOT_THERE = re.compile(
    r"HTTP error (\d+) while getting (\S+)|(\d{3}) Client Error.*for url: (\S+)"
)
_NO_VERSION = re.compile(
    r"satisfies the requirement (?P<requirement>.+?)"
    r"(?: \(from (?!versions)(?P<parent>[^)]+)\))? \(from versions: (?P<versions>[^)]*)\)"
)
_CONFLICT = re.compile(r"^\s+(?P<parent>\S+) \S+ depends on (?P<requirement>.+)$", re.MULTILINE)


def explain(
    output: str,
    platform: BrowserPlatform,
    requirements: Sequence[str],
    index_url: str | None,
    is_known: Callable[[str], bool],
) -> str:
    """Say what is wrong, beginning with the requirement and without a full stop.

    Args:
        output: What pip printed.
        platform: The platform whose wheels are looked for.
        requirements: The requirements that pip was given.
        index_url: The folder of Pyodide's distribution that the scene names, if it names one.
        is_known: Tells whether a registry has a project of a name.
    """
    asked = ", ".join(map(repr, requirements))
    files = _files_to_put(platform, [*requirements, missing_from(output) or "-"])
    where_else = f", or {files}" if files else ""
    if _NO_PIP.search(output):
        return (
            f"{asked} cannot be resolved, as the Python that runs the server has no pip: install "
            "it there (python -m ensurepip, or uv pip install pip)"
        )
    if _OTHER_FILE.search(output):
        return (
            f"{asked} was found with another content than Pyodide {platform.pyodide_version} "
            f"states: give the pyodide_index_url of that version's distribution{where_else}"
        )
    if _CUT_OFF.search(output):
        return f"{asked} was cut off while it was downloaded: start the server again{where_else}"
    if found := _NO_FILE.search(output):
        return f"{asked} needs the file {found[1]}, which is not there: {files or 'put it there'}"
    if found := _NOT_THERE.search(output):
        status, url = found[1] or found[3], found[2] or found[4]
        return f"{asked} cannot be downloaded: {url} is answered with status {status}{where_else}"
    if _NO_CONNECTION.search(output):
        return (
            f"{asked} is not in the cache yet, and the package registry or Pyodide's distribution "
            f"cannot be reached: start the server once with a connection{where_else}"
        )
    if found := _NO_VERSION.search(output) or _CONFLICT.search(output):
        wanted = found["requirement"].strip()
        versions = found.groupdict().get("versions") or "none"
        name = re.split(r"[\s,]", found["parent"] or "")[0]
        needed = f", which {name} needs," if name else ""
        tried = index_url or platform.distribution_address
        place = f", which {tried} did not give" if tried else ""
        reason = _reason(wanted, versions, platform, f"{place}: {files}", is_known)
        return f"{wanted!r}{needed} {reason}"
    lines = [line for line in output.splitlines() if line.startswith("ERROR")]
    return f"{asked} cannot be resolved: {(lines or ['pip gives no reason'])[-1]}"


def missing_from(output: str) -> NormalizedName | None:
    """The project of which pip, by what it printed, found nothing; None if it says no name."""
    found = _NO_VERSION.search(output) or _CONFLICT.search(output)
    if found is None:
        return None
    try:
        return canonicalize_name(Requirement(found["requirement"].strip()).name)
    except InvalidRequirement:
        return None


def _files_to_put(platform: BrowserPlatform, requirements: Sequence[str]) -> str:
    """Which files of the distribution to put into a folder; empty if it has none of these."""
    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements]
    wheels = platform.files_for(names)
    named = ", ".join(f"{wheel.file_name} (SHA-256 {wheel.sha256})" for wheel in wheels)
    return f"put {named} into a folder, and give that as pyodide_index_url" if named else ""


def _reason(
    requirement: str,
    versions: str,
    platform: BrowserPlatform,
    cure: str,
    is_known: Callable[[str], bool],
) -> str:
    name = canonicalize_name(Requirement(requirement).name)
    if versions != "none":
        return f"has no such version for browsers: there are {versions}"
    if name in platform.distribution:
        return (
            f"has a wheel for browsers only in the distribution of Pyodide "
            f"{platform.pyodide_version}{cure}"
        )
    if not is_known(name):
        return "is not known to the package registry: is the name spelt right?"
    return (
        "has no wheel that runs in browsers, neither a pure-Python one nor one for "
        f"{platform.platform_tag} and Python {platform.python_version}: do without it"
    )
