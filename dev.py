#!/usr/bin/env python3
"""Sets up a checkout and runs it: ``python3 dev.py demo``, ``check`` or ``test``.

Needs Python 3.10 or newer, and 3.11 for the tests; installs everything else itself, into ``.venv``
and ``node_modules`` beside this file. Where a Debian package is missing (the venv module, Node.js
with npm, Chromium for the browser tests, ip for the emulated network) it is installed with apt-get.
So are Firefox, a TURN server and nginx, without which some tests are skipped.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FIREFOX_NAMES = ("firefox-esr", "firefox")
LINTERS = [
    [".venv/bin/ruff", "check", "."],
    [".venv/bin/ruff", "format", "--check", "."],
    [".venv/bin/mypy"],
    [".venv/bin/lint-imports", "--no-logo"],
    ["node_modules/.bin/tsc", "--project", "tsconfig.json"],
]
CODE_ALONE = ["-n", "auto", "--dist", "worksteal", "-m", "not e2e and not netlab"]
"""Options of pytest for the tests that need neither a browser nor an emulated network."""
ALL_TESTS = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
"""Options of pytest for all tests, file by file in their order: those of code alone are first."""
COVERAGE = ["--cov", "--cov-report=term:skip-covered"]
"""Options of pytest to print which branches were taken, also in processes that tests start."""


def main() -> int:
    """Parse the command line, set up what the command needs and run it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="serve the demo; options as of `interactive-gym demo`")
    commands.add_parser("check", help="linters, types, contracts and the tests of code alone")
    commands.add_parser("test", help="the same with all tests, and without options the coverage")
    commands.add_parser("setup", help="only set up what the tests need")
    args, rest = parser.parse_known_args()
    oldest = (3, 10) if args.command == "demo" else (3, 11)
    if sys.version_info < oldest:
        needed = ".".join(map(str, oldest))
        sys.exit(f"Python {sys.version.split()[0]} is too old: use Python {needed} or newer.")
    if args.command == "demo":
        install_package(extra="")
        return run([str(BIN / "interactive-gym"), "demo", *rest])
    install_package(extra="[test]")
    install_node_modules()
    if args.command != "check":
        install_debian_packages()
    if args.command == "setup":
        return 0
    if args.command == "check":
        return test([*CODE_ALONE, *rest])
    return test([*ALL_TESTS, *(rest or COVERAGE)])


def test(pytest_options: Sequence[str]) -> int:
    """Run the linters and the tests in turn; return the first exit status that is not zero."""
    for check in [*LINTERS, [".venv/bin/python", "-m", "pytest", *pytest_options]]:
        status = run(check)
        if status:
            return status
    return 0


def install_package(extra: str) -> None:
    """Install the checkout into ``.venv`` (editable), again only when its pins have changed."""
    sources = ("pyproject.toml", "package-lock.json", "hatch_build.py")
    pins = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in sources)).hexdigest()
    stamp = VENV / f".installed{extra}"
    vendored = ROOT / "interactive_gym/server/static/vendor/package-lock.json"
    if stamp.exists() and stamp.read_text() == pins and vendored.exists():
        return
    if not (shutil.which("node") and shutil.which("npm")):
        apt_install(["nodejs", "npm"])
    if not (BIN / "pip").exists():
        make_venv()
    run([str(BIN / "python"), "-m", "pip", "install", "--quiet", "-e", f".{extra}"], check=True)
    stamp.write_text(pins)


def make_venv() -> None:
    """Create ``.venv``, installing Debian's venv package first where Python lacks ensurepip."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        apt_install(["python3-venv"])
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install_node_modules() -> None:
    """Install the type checker and the typings of the browser dependencies."""
    lock, stamp = ROOT / "package-lock.json", ROOT / "node_modules/.installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], check=True)
    shutil.copy(lock, stamp)


def install_debian_packages() -> None:
    """Install what the browser tests and the emulated network run, where it is missing."""
    missing = [] if any(map(shutil.which, CHROMIUM_NAMES)) else ["chromium", "fonts-dejavu-core"]
    if not find_library("atomic"):
        # Playwright brings its own Node.js, which does not start without.
        missing.append("libatomic1")
    if not shutil.which("ip"):
        missing.append("iproute2")
    if shutil.which("apt-get"):
        missing += [] if any(map(shutil.which, FIREFOX_NAMES)) else ["firefox-esr"]
        missing += [] if shutil.which("turnserver") else ["coturn"]
        # Debian keeps it where users do not look for programs.
        has_nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        missing += [] if has_nginx else ["nginx-light"]
    if missing:
        apt_install(missing)


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages, through sudo where this is not root."""
    if not shutil.which("apt-get"):
        sys.exit(f"Please install {' and '.join(packages)}, then run this command again.")
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*prefix, "apt-get", "update", "-qq"], check=True, env=env)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    run([*prefix, *install], check=True, env=env)


def run(command: Sequence[str], check: bool = False, env: dict[str, str] | None = None) -> int:
    """Run a command in the checkout and return its exit status; with *check*, stop on failure."""
    print("$", " ".join(command), flush=True)
    try:
        status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    except KeyboardInterrupt:
        return 130
    if check and status:
        sys.exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
