"""Makes small wheels for tests, and a platform to make them for."""

import dataclasses
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from interactive_gym.packages.platform import BrowserPlatform

COMPILED = "cp314-cp314-pyemscripten_2026_0_wasm32"
"""The tags of a wheel that is compiled for the browsers of `platform`."""


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    tags: str = "py3-none-any",
    needs: Sequence[str] = (),
) -> Path:
    """Write a wheel with one empty module."""
    wheel = folder / f"{name}-{version}-{tags}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {need}" for need in needs]
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tags}\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def platform(
    *distributed: Path, needs: Mapping[str, Sequence[str]] | None = None, address: str | None = None
) -> BrowserPlatform:
    """A platform whose own distribution has these wheels, and a library that needs another.

    Args:
        distributed: the wheels.
        needs: what packages need besides, by their name.
        address: where Pyodide itself finds that distribution.
    """
    packages = {
        wheel.name.split("-")[0]: {
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "depends": list((needs or {}).get(wheel.name.split("-")[0], [])),
            "imports": [wheel.name.split("-")[0]],
            "install_dir": "site",
            "name": wheel.name.split("-")[0],
            "package_type": "package",
            "unvendored_tests": False,
            "version": wheel.name.split("-")[1],
        }
        for wheel in distributed
    }
    packages["libshared"] = {
        "file_name": "libshared-1.zip",
        "sha256": "",
        "depends": [],
        "package_type": "shared_library",
    }
    packages["Needs_Shared"] = {
        "file_name": f"needs_shared-1.0-{COMPILED}.whl",
        "sha256": "",
        "depends": ["libshared"],
        "package_type": "package",
    }
    info = {"abi_version": "2026_0", "arch": "wasm32", "python": "3.14.2"}
    lock = {"info": info, "packages": packages}
    return dataclasses.replace(
        BrowserPlatform.from_lock("314.0.7", lock), distribution_address=address
    )
