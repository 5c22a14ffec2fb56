"""Which wheels browsers can run: the Python, ABI and platform of the Pyodide that is served.

Read from the vendored files, so that it follows the pinned version. ``resolver`` asks pip for such
wheels.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from interactive_gym.packages.runtime import pyodide_version

PYODIDE_FOLDER = Path(__file__).resolve().parents[1] / "server" / "static" / "vendor" / "pyodide"
"""Where the package keeps the Pyodide that it serves."""


@dataclass(frozen=True)
class DistributedWheel:
    """A wheel of Pyodide's own distribution."""

    file_name: str
    """Its name in the distribution's folder."""

    sha256: str
    """The SHA-256 of its content, in hexadecimal."""

    needs: tuple[NormalizedName, ...] = ()
    """The packages that it needs besides."""


@dataclass(frozen=True)
class BrowserPlatform:
    """A Pyodide as a platform of wheels."""

    pyodide_version: str
    """Its version."""

    python_version: str
    """The version of its Python, such as ``3.14``."""

    platform_tag: str
    """The platform tag of wheels compiled for it, such as ``pyemscripten_2026_0_wasm32``."""

    distribution: Mapping[NormalizedName, DistributedWheel]
    """The wheels of its own distribution, by normalized name."""

    distribution_address: str | None = field(default=None, compare=False)
    """The folder in which Pyodide itself looks for that distribution; None if it names none."""

    @property
    def abi_tag(self) -> str:
        """The ABI tag of wheels compiled for its Python, such as ``cp314``."""
        return f"cp{self.python_version.replace('.', '')}"

    @classmethod
    def vendored(cls) -> "BrowserPlatform":
        """The platform of the Pyodide that the package serves.

        Raises:
            RuntimeError: The browser dependencies have not been placed into the package.
        """
        version = pyodide_version()
        lock = json.loads((PYODIDE_FOLDER / "pyodide-lock.json").read_text(encoding="utf-8"))
        loader = (PYODIDE_FOLDER / "pyodide.mjs").read_text(encoding="utf-8")
        address = distribution_address_in(loader, version)
        return replace(cls.from_lock(version, lock), distribution_address=address)

    def files_for(self, names: Iterable[str]) -> list[DistributedWheel]:
        """The wheels of the distribution that packages of these names and what they need are."""
        waiting = [canonicalize_name(name) for name in names]
        found: dict[NormalizedName, DistributedWheel] = {}
        while waiting:
            name = waiting.pop(0)
            if name in self.distribution and name not in found:
                found[name] = self.distribution[name]
                waiting += found[name].needs
        return list(found.values())

    @classmethod
    def from_lock(cls, version: str, lock: Mapping[str, Any]) -> "BrowserPlatform":
        """Read a ``pyodide-lock.json`` of a version."""
        info = lock["info"]
        python = Version(info["python"])
        packages = {canonicalize_name(name): package for name, package in lock["packages"].items()}
        return cls(
            pyodide_version=version,
            python_version=f"{python.major}.{python.minor}",
            platform_tag=f"pyemscripten_{info['abi_version']}_{info['arch']}",
            distribution={
                name: DistributedWheel(
                    package["file_name"],
                    package["sha256"],
                    tuple(map(canonicalize_name, package["depends"])),
                )
                for name, package in packages.items()
                if _can_be_served(package, packages)
            },
        )


def distribution_address_in(loader: str, version: str) -> str | None:
    """Where Pyodide's own loader finds its distribution, by its source; None if it does not say."""
    found = re.search(r"(https://[^\s\"'`$]+/)v\$\{\w+\}(/full/)", loader)
    return None if found is None else f"{found[1]}v{version}{found[2]}"


def _can_be_served(package: Mapping[str, Any], packages: Mapping[NormalizedName, Any]) -> bool:
    """Whether a package is a wheel that needs nothing but wheels.

    Pyodide loads shared libraries by name from its distribution only.
    """
    needs = [packages[canonicalize_name(name)] for name in package["depends"]]
    return bool(package["file_name"].endswith(".whl")) and all(
        need["package_type"] == "package" for need in needs
    )
