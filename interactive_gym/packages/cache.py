"""The packages that participants' browsers install, resolved once and kept in a cache folder.

What is in the cache is used as it is, without a network, so that a study restarts with the same
packages. ``app`` asks for each scene's packages and
``web.package_routes`` serves them.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from interactive_gym.packages.package import BrowserPackage, PackagedScene
from interactive_gym.packages.platform import BrowserPlatform
from interactive_gym.packages.resolver import PackageResolver

_LIST = "packages.json"


def user_cache_folder(name: str) -> Path:
    """``interactive-gym/<name>`` in the user's cache folder (``XDG_CACHE_HOME``)."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path.home() / ".cache"
    return base / "interactive-gym" / name


class PackageCache:
    """A folder of sets of wheels, one for each list of requirements.

    Args:
        folder: Where they are kept; made when something is put there.
        resolver: Finds the wheels that are not there yet.
    """

    def __init__(self, folder: Path, resolver: PackageResolver) -> None:
        self._folder = folder
        self._resolver = resolver

    @classmethod
    def of_user(cls) -> "PackageCache":
        """The user's cache, for the Pyodide that this package serves."""
        return cls(user_cache_folder("packages"), PackageResolver(BrowserPlatform.vendored()))

    def packages(
        self, requirements: Sequence[str], index_url: str | None
    ) -> tuple[BrowserPackage, ...]:
        """The wheels of requirements and of their dependencies, each after those it needs.

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
            # Filled elsewhere and then moved, so that no folder is ever half filled.
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
    """Resolve the requirements of every scene, tell each its packages, and return all of them.

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
    """Read wheels and sort each after its dependencies; a cycle is cut anywhere."""
    packages: dict[NormalizedName, BrowserPackage] = {}
    needs: dict[NormalizedName, list[NormalizedName]] = {}
    for wheel in wheels:
        metadata = _metadata(wheel)
        name, version = metadata["name"], metadata["version"]
        packages[canonicalize_name(name)] = BrowserPackage(name, version, _sha256(wheel), wheel)
        needs[canonicalize_name(name)] = _required(metadata)
    return [packages[name] for name in _dependencies_first(needs) if name in packages]


def _metadata(wheel: Path) -> RawMetadata:
    """The metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        # Wheels may vendor others, whose metadata lie further down.
        [info] = [
            entry for entry in zipfile.Path(archive).iterdir() if entry.name.endswith(".dist-info")
        ]
        return parse_email((info / "METADATA").read_bytes())[0]


def _required(metadata: RawMetadata) -> list[NormalizedName]:
    """What a wheel may depend on, whatever the markers say.

    Old wheels have lines that are no longer valid. Pip decides about them; here they are ignored.
    """
    required = []
    for line in metadata.get("requires_dist", []):
        with suppress(InvalidRequirement):
            required.append(canonicalize_name(Requirement(line).name))
    return required


def _dependencies_first(needs: dict[NormalizedName, list[NormalizedName]]) -> list[NormalizedName]:
    while True:
        try:
            return list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            # Lists the cycle, each name before one that needs it.
            needed, needing = error.args[1][:2]
            needs[needing].remove(needed)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
