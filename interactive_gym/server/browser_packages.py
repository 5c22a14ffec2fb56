"""The packages that participants' browsers install, resolved once and kept in a cache folder.

What is in the cache is used as it is, without a network, so that a study restarts with the very
same packages. It never installs them on the server. ``app`` asks for each scene's packages and
``package_routes`` serves them.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Protocol

from interactive_gym.server.browser_platform import BrowserPlatform, normalized
from interactive_gym.server.package_resolver import PackageResolver

_LIST = "packages.json"


@dataclass(frozen=True)
class BrowserPackage:
    """A wheel for browsers."""

    name: str
    """The project's name."""

    version: str
    """Its version."""

    sha256: str
    """The SHA-256 of the wheel, in hexadecimal."""

    file: Path
    """The wheel."""

    @property
    def url(self) -> str:
        """The path at which the server gives it out."""
        return f"/packages/{self.sha256}/{self.file.name}"

    def as_record(self) -> dict[str, str]:
        """What `match.json` says of it."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


def default_cache_folder() -> Path:
    """``interactive-gym/packages`` in the user's cache folder (``XDG_CACHE_HOME``)."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path.home() / ".cache"
    return base / "interactive-gym" / "packages"


class PackagedScene(Protocol):
    """A game scene whose environment may need packages."""

    @property
    def scene_id(self) -> str:
        """The scene's id."""

    @property
    def packages_to_install(self) -> Sequence[str]:
        """What its environment's code needs, as pip takes it."""

    @property
    def pyodide_index_url(self) -> str | None:
        """A folder with the files of Pyodide's own distribution; None for none."""

    def serve_packages(self, packages: Sequence[BrowserPackage]) -> None:
        """Take what its requirements came to."""


class PackageCache:
    """Sets of wheels, each under the requirements it was resolved for.

    Args:
        folder: Where they are kept; made when something is put there.
        resolver: Finds those that are not there yet.
    """

    def __init__(self, folder: Path, resolver: PackageResolver) -> None:
        self._folder = folder
        self._resolver = resolver

    @classmethod
    def of_user(cls) -> "PackageCache":
        """The user's cache, filled with what the browsers of this package's Pyodide can run."""
        return cls(default_cache_folder(), PackageResolver(BrowserPlatform.vendored()))

    def packages(
        self, requirements: Sequence[str], index_url: str | None
    ) -> tuple[BrowserPackage, ...]:
        """The wheels of requirements and of all they depend on, each after those it needs.

        Args:
            requirements: As pip takes them.
            index_url: A folder with the files of Pyodide's own distribution; None for none.

        Raises:
            ValueError: There is no such set of wheels, as `PackageResolver.resolve` says.
        """
        if not requirements:
            return ()
        folder = self._folder / self._key(requirements, index_url)
        kept = _read(folder)
        if kept is None:
            self._fill(folder, requirements, index_url)
            kept = _read(folder)
            assert kept is not None
        return kept

    def _key(self, requirements: Sequence[str], index_url: str | None) -> str:
        platform = self._resolver.platform
        parts = [sorted(requirements), platform.pyodide_version, platform.platform_tag, index_url]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def _fill(self, folder: Path, requirements: Sequence[str], index_url: str | None) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Filled beside its place, so that a half-filled folder is never taken for a whole one.
            scratch = Path(tempfile.mkdtemp(dir=self._folder))
        except OSError as error:
            raise ValueError(
                f"the cache folder {self._folder} cannot be written ({error.strerror}): name "
                "another user cache with the environment variable XDG_CACHE_HOME"
            ) from error
        try:
            self._resolver.resolve(requirements, index_url, scratch)
            records = [
                {**package.as_record(), "file": package.file.name}
                for package in in_order(sorted(scratch.glob("*.whl")))
            ]
            (scratch / _LIST).write_text(json.dumps(records, indent=1), encoding="utf-8")
            if _read(folder) is None:
                shutil.rmtree(folder, ignore_errors=True)
                scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def resolve_packages(scenes: Iterable[PackagedScene], cache: PackageCache) -> list[BrowserPackage]:
    """Tell every scene which packages its requirements come to, and return all of them.

    Raises:
        ValueError: A scene's requirements cannot be met; the message names the scene, the package
            and the reason.
    """
    found: list[BrowserPackage] = []
    for scene in scenes:
        try:
            packages = cache.packages(scene.packages_to_install, scene.pyodide_index_url)
        except ValueError as error:
            raise ValueError(
                f"packages_to_install in the scene {scene.scene_id!r}: {error}."
            ) from error
        scene.serve_packages(packages)
        found += packages
    return found


def _read(folder: Path) -> tuple[BrowserPackage, ...] | None:
    """What a folder of the cache holds; None unless it is whole."""
    try:
        records = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        packages = tuple(
            BrowserPackage(
                record["name"], record["version"], record["sha256"], folder / record["file"]
            )
            for record in records
        )
        whole = all(_sha256(package.file) == package.sha256 for package in packages)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return packages if whole else None


def in_order(wheels: Sequence[Path]) -> list[BrowserPackage]:
    """Read wheels, and put each after those it depends on; circles are cut anywhere."""
    packages: dict[str, BrowserPackage] = {}
    needs: dict[str, list[str]] = {}
    for wheel in wheels:
        name, version, required = _metadata(wheel)
        packages[normalized(name)] = BrowserPackage(name, version, _sha256(wheel), wheel)
        needs[normalized(name)] = required
    ordered: dict[str, BrowserPackage] = {}
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in entered or name not in packages:
            return
        entered.add(name)
        for needed in needs[name]:
            enter(needed)
        ordered[name] = packages[name]

    for name in packages:
        enter(name)
    return list(ordered.values())


def _metadata(wheel: Path) -> tuple[str, str, list[str]]:
    """A wheel's project, its version, and the normalized names of what it may depend on."""
    with zipfile.ZipFile(wheel) as archive:
        [path] = [
            name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
        ]
        headers = HeaderParser().parsestr(archive.read(path).decode("utf-8"))
    required = []
    for line in headers.get_all("Requires-Dist") or []:
        found = re.match(r"[\w.-]+", line)
        required.append(normalized(found[0] if found else line))
    return str(headers["Name"]), str(headers["Version"]), required


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
