"""Explains in a sentence why pip found no wheels for the browser.

It reads what pip printed. ``resolver`` raises the explanation.
"""

import re
from collections.abc import Callable, Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from interactive_gym.packages.platform import BrowserPlatform

_NO_PIP = re.compile(r"No module named pip\b")
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
    has_index_url: bool,
    is_known: Callable[[str], bool],
) -> str:
    """Say what is wrong, beginning with the requirement and without a full stop.

    Args:
        output: What pip printed.
        platform: The platform whose wheels are looked for.
        requirements: The requirements that pip was given.
        has_index_url: Whether the wheels of Pyodide's own distribution were offered to pip.
        is_known: Tells whether a registry has a project of a name.
    """
    asked = ", ".join(map(repr, requirements))
    if _NO_PIP.search(output):
        return (
            f"{asked} cannot be resolved, as the Python that runs the server has no pip: install "
            "it there (python -m ensurepip, or uv pip install pip)"
        )
    if _OTHER_FILE.search(output):
        return (
            f"{asked} was found with another content than Pyodide {platform.pyodide_version} "
            "states: give the pyodide_index_url of that version's distribution"
        )
    if found := _NOT_THERE.search(output):
        status, url = found[1] or found[3], found[2] or found[4]
        return f"{asked} cannot be downloaded: {url} is answered with status {status}"
    if _NO_CONNECTION.search(output):
        return (
            f"{asked} is not in the cache yet, and the package registry or pyodide_index_url "
            "cannot be reached: start the server once with a connection"
        )
    if found := _NO_VERSION.search(output) or _CONFLICT.search(output):
        wanted = found["requirement"].strip()
        versions = found.groupdict().get("versions") or "none"
        name = re.split(r"[\s,]", found["parent"] or "")[0]
        needed = f", which {name} needs," if name else ""
        reason = _reason(wanted, versions, platform, has_index_url, is_known)
        return f"{wanted!r}{needed} {reason}"
    lines = [line for line in output.splitlines() if line.startswith("ERROR")]
    return f"{asked} cannot be resolved: {(lines or ['pip gives no reason'])[-1]}"


def _reason(
    requirement: str,
    versions: str,
    platform: BrowserPlatform,
    has_index_url: bool,
    is_known: Callable[[str], bool],
) -> str:
    name = canonicalize_name(Requirement(requirement).name)
    if versions != "none":
        return f"has no such version for browsers: there are {versions}"
    if name in platform.distribution and not has_index_url:
        return (
            f"has a wheel for browsers only in the distribution of Pyodide "
            f"{platform.pyodide_version}: give that folder's address as pyodide_index_url"
        )
    if not is_known(name):
        return "is not known to the package registry: is the name spelt right?"
    return (
        "has no wheel that runs in browsers, neither a pure-Python one nor one for "
        f"{platform.platform_tag} and Python {platform.python_version}: do without it"
    )
