"""Has pip find the wheels that browsers need for some requirements, dependencies included.

Pip runs in another process, with the user's own settings. Wheels are only downloaded; nothing is
installed or built. ``cache`` keeps them.
"""

import html
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from interactive_gym.packages.faults import explain, missing_from
from interactive_gym.packages.platform import BrowserPlatform

logger = logging.getLogger(__name__)

Pip = Callable[[Sequence[str]], tuple[int, str]]
"""Runs pip with arguments and returns its exit status and what it printed."""

RETRIES = 2
"""How often pip tries again to reach a registry."""


def run_pip(arguments: Sequence[str]) -> tuple[int, str]:
    """Run the pip of this Python."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


class PackageResolver:
    """Finds wheels for a platform.

    Args:
        platform: The browsers' Pyodide.
        pip: Runs pip.
    """

    def __init__(self, platform: BrowserPlatform, pip: Pip = run_pip) -> None:
        self.platform = platform
        self._pip = pip

    def resolve(self, requirements: Sequence[str], index_url: str | None, folder: Path) -> None:
        """Put the wheels of requirements, and of all they depend on, into a folder.

        Args:
            requirements: As pip takes them.
            index_url: A folder with the files of Pyodide's own distribution; None for where
                Pyodide itself finds it, which is asked only for what the registry does not have.
            folder: Where the wheels go.

        Raises:
            ValueError: There is no such set of wheels; the message is a clause that names the
                requirement and the reason.
        """
        platform, own = self.platform, self.platform.distribution_address
        status, output = self._download(requirements, index_url, folder)
        if status and index_url is None and own is not None and self._needs_distribution(output):
            logger.info(
                "%s: fetching from the distribution of Pyodide %s, %s",
                ", ".join(requirements),
                platform.pyodide_version,
                own,
            )
            status, output = self._download(requirements, own, folder)
        if status:
            raise ValueError(explain(output, platform, requirements, index_url, self._is_known))

    def _needs_distribution(self, output: str) -> bool:
        """Whether pip, by what it printed, looked in vain for what the distribution has."""
        return missing_from(output) in self.platform.distribution

    def _download(
        self, requirements: Sequence[str], index_url: str | None, folder: Path
    ) -> tuple[int, str]:
        platform = self.platform
        with tempfile.TemporaryDirectory() as scratch:
            options = [
                *("--only-binary=:all:", "--implementation", "cp", "--abi", platform.abi_tag),
                *("--python-version", platform.python_version),
                *("--platform", platform.platform_tag),
                *("--disable-pip-version-check", "--no-input", "--retries", str(RETRIES)),
                *("--progress-bar", "off", "--dest", str(folder)),
            ]
            if index_url is not None:
                links = Path(scratch) / "distribution.html"
                links.write_text(self._links(index_url), encoding="utf-8")
                options += ["--find-links", str(links)]
            return self._pip(["download", *options, *requirements])

    def _links(self, index_url: str) -> str:
        """A page of links to the distribution's wheels, with hashes for pip to check."""
        base = html.escape(index_url.rstrip("/"), quote=True)
        links = (
            f'<a href="{base}/{wheel.file_name}#sha256={wheel.sha256}">{wheel.file_name}</a>'
            for wheel in self.platform.distribution.values()
        )
        return "<!DOCTYPE html>\n<title>links</title>\n" + "\n".join(links)

    def _is_known(self, name: str) -> bool:
        """Whether the registry has a project of that name."""
        return self._pip(["index", "versions", "--disable-pip-version-check", name])[0] == 0
