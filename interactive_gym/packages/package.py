"""A wheel that participants' browsers install, and the scenes whose environments need some.

``cache`` finds them, ``web.package_routes`` serves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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
        """Its address, relative to that of the page."""
        return f"packages/{self.sha256}/{self.file.name}"

    def as_record(self) -> dict[str, str]:
        """Its entry in `match.json`."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


class PackagedScene(Protocol):
    """A game scene whose environment may need packages."""

    @property
    def scene_id(self) -> str:
        """The scene's id."""

    @property
    def packages_to_install(self) -> Sequence[str]:
        """The requirements of its environment's code, as pip takes them."""

    @property
    def pyodide_index_url(self) -> str | None:
        """A folder with the files of Pyodide's own distribution; None for none."""

    def serve_packages(self, packages: Sequence[BrowserPackage]) -> None:
        """Take the packages to which its requirements were resolved."""
