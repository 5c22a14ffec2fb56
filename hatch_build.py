"""Build hook: places the pinned npm packages that the pages load into the package, and the pages'
own modules as bundles.

It runs for wheels and for editable installs, so an installed package is self-contained and a
page never loads anything from another host. Beside each file that it makes clearly smaller lies a
gzipped copy, which the server answers with. A page that loads bundles asks the server for three
files in place of fifty.
"""

import gzip
import hashlib
import json
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
MODULES = Path("interactive_gym/server/static/js")
BUNDLED = ("main.js", "engine/engine_worker.js", "timer_worker.js")
"""What the pages and their Workers start with."""
BUNDLES = VENDOR / "page"
"""As deep as the folders of the modules, as these find the server by their own address."""
MANIFEST = BUNDLES / "sources.json"
"""The digests of the modules that the bundles are made of."""
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
        manifest = root / MANIFEST
        is_fetched = lock_copy.exists() and lock_copy.read_bytes() == lock.read_bytes()
        is_bundled = manifest.exists() and json.loads(manifest.read_bytes()) == digests(root)
        if not (is_fetched and is_bundled):
            fetch(root)
            shutil.copy(lock, lock_copy)
        for folder, names in FILES.items():
            for name in names:
                gzip_copy(root / VENDOR / folder.split("/")[0] / name)
        for path in sorted((root / BUNDLES).glob("*.js")):
            gzip_copy(path)


def fetch(root: Path) -> None:
    """Replace the vendor folder of the checkout *root* by what its lock file names, and bundles."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "npm is not on PATH, but building interactive-gym needs it to fetch pyodide, "
            "socket.io-client and esbuild; install Node.js with npm, or install a built wheel."
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
        bundle(root, Path(scratch) / "node_modules/.bin/esbuild")


def bundle(root: Path, esbuild: Path) -> None:
    """Make one file of each module in ``BUNDLED`` and of what it imports."""
    subprocess.run(
        [
            *(esbuild, *(MODULES / name for name in BUNDLED), "--bundle", "--format=esm"),
            *("--entry-names=[name]", f"--outdir={BUNDLES}", "--log-level=warning"),
        ],
        cwd=root,
        check=True,
    )
    (root / MANIFEST).write_text(json.dumps(digests(root), indent=2) + "\n")


def digests(root: Path) -> dict[str, str]:
    """The SHA-256 of every module, by its path below ``MODULES``."""
    return {
        path.relative_to(root / MODULES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((root / MODULES).rglob("*.js"))
    }


def gzip_copy(path: Path) -> None:
    """Place a gzipped copy beside a file if it is worth it; the same file gives the same bytes."""
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0)
    if len(compressed) <= WORTHWHILE * len(content):
        path.with_name(f"{path.name}.gz").write_bytes(compressed)
