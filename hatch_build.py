"""Build hook: places the pinned npm packages that the pages load into the package.

It runs for wheels and for editable installs, so an installed package is self-contained and a
page never loads anything from another host. Beside each file that it makes clearly smaller lies a
gzipped copy, which the server answers with.
"""

import gzip
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("interactive_gym/server/static/vendor")
LOCK_COPY = VENDOR / "package-lock.json"
FILES = {
    "pyodide": (
        "pyodide.mjs",
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "pyodide-lock.json",
        "python_stdlib.zip",
    ),
    "socket.io-client/dist": ("socket.io.esm.min.js",),
}
WORTHWHILE = 0.9
"""A copy is kept if it has at most this share of its file's bytes."""


class BrowserDependenciesHook(BuildHookInterface):
    """Copies what is served of each npm dependency into ``VENDOR``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the vendor folder unless it already holds what the lock file names."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        lock, lock_copy = root / "package-lock.json", root / LOCK_COPY
        if not (lock_copy.exists() and lock_copy.read_bytes() == lock.read_bytes()):
            fetch(root)
            shutil.copy(lock, lock_copy)
        for folder, names in FILES.items():
            for name in names:
                gzip_copy(root / VENDOR / folder.split("/")[0] / name)


def fetch(root: Path) -> None:
    """Replace the vendor folder of the checkout *root* by what its lock file names."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "npm is not on PATH, but building interactive-gym needs it to fetch pyodide and "
            "socket.io-client; install Node.js with npm, or install a built wheel."
        )
    vendor = root / VENDOR
    shutil.rmtree(vendor, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, scratch)
        subprocess.run(
            [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=scratch,
            check=True,
        )
        for folder, names in FILES.items():
            target = vendor / folder.split("/")[0]
            target.mkdir(parents=True)
            for name in names:
                shutil.copy(Path(scratch) / "node_modules" / folder / name, target / name)


def gzip_copy(path: Path) -> None:
    """Place a gzipped copy beside a file if it is worth it; the same file gives the same bytes."""
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0)
    if len(compressed) <= WORTHWHILE * len(content):
        path.with_name(f"{path.name}.gz").write_bytes(compressed)
