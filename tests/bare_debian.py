#!/usr/bin/env python3
"""Runs the README's two commands on a bare Debian, without Node.js, pip or a browser.

    python3 tests/bare_debian.py [--suite SUITE] [--mirror URL] [options of pytest]

Needs root. Makes a root folder with debootstrap (which is installed with apt-get where it is
missing), puts a clone of what is committed here into it and runs ``dev.py demo`` and ``dev.py
test`` there. What this machine is told of proxies, mirrors and certificates for apt, pip and npm,
by its environment and configuration files, holds there, too.

All of it runs in mount and process namespaces of its own: however it ends, nothing stays mounted
and no process stays behind.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
CLONE = "srv/interactive_gym"
"""Where the clone is in the bare root."""
PACKAGES = "python3,ca-certificates"
"""What the README expects of a machine, and what any has that downloads over https."""
START_S = 900.0
"""How long the demo may take from nothing to its first answer."""

SETTINGS = re.compile(
    r"(pip|npm_config|ssl|node_extra_ca|curl_ca|requests_ca)_.+|(https?|ftp|all|no)_proxy",
    re.IGNORECASE,
)
"""Environment variables that say how to reach the package registries."""

SETTINGS_FILES = (
    *("etc/hosts", "etc/resolv.conf", "usr/local/share/ca-certificates"),
    *("etc/apt/auth.conf", "etc/apt/auth.conf.d"),
    *("etc/pip.conf", "etc/xdg/pip", "root/.config/pip", "root/.pip"),
    *("etc/npmrc", "root/.npmrc"),
)
"""Files and folders that say the same, at the same place on either machine."""


def main() -> int:
    """Make the folder of the bare root, work in namespaces of its own, and remove the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    suite = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    parser.add_argument("--suite", default=suite, help="the Debian release; default: %(default)s")
    parser.add_argument("--mirror", help="where debootstrap gets it; default: as apt does here")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    args, pytest_options = parser.parse_known_args()
    if args.within:
        return run_commands(args.within, args.suite, args.mirror, pytest_options)
    if os.geteuid() != 0:
        sys.exit("A root folder can only be made and entered by root.")
    if not shutil.which("debootstrap"):
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "debootstrap"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    with tempfile.TemporaryDirectory(prefix="bare-debian-") as folder:
        again = [sys.executable, *sys.argv, "--within", folder]
        return subprocess.run(["unshare", *namespaces, *again], check=False).returncode


def run_commands(root: Path, suite: str, mirror: str | None, pytest_options: Sequence[str]) -> int:
    """Fill *root* and run both commands there; return the exit status of the tests."""
    started_s = time.monotonic()

    def note(what: str) -> None:
        print(f"# {time.monotonic() - started_s:4.0f} s: {what}", flush=True)

    make_root(root, suite, mirror or mirror_of_apt())
    note(f"a bare {suite} with Python alone")
    try_demo(root)
    note("python3 dev.py demo was served and has ended")
    command = inside(root, ["python3", "dev.py", "test", *pytest_options])
    status = subprocess.run(command, env=environment(), check=False).returncode
    note(f"python3 dev.py test has ended with status {status}")
    return status


def make_root(root: Path, suite: str, mirror: str | None) -> None:
    """Make a bare Debian that knows this machine's settings, with the clone in it."""
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    run(["debootstrap", *options, suite, str(root), *([mirror] if mirror else [])], quiet=True)
    copy_settings(root)
    # The packages' services are not for a folder, and none of this need outlast a power cut.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    (root / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n")
    run(["git", "clone", "--quiet", "--no-hardlinks", str(CHECKOUT), str(root / CLONE)])
    # The tests' network namespaces need a root that is a mount.
    run(["mount", "--bind", str(root), str(root)])
    run(["mount", "--rbind", "/dev", str(root / "dev")])
    run(["mount", "--rbind", "/sys", str(root / "sys")])
    run(["mount", "-t", "proc", "proc", str(root / "proc")])
    run(inside(root, ["update-ca-certificates"]), quiet=True)


def copy_settings(root: Path) -> None:
    """Copy what says how apt, pip and npm reach their registries."""
    for name in SETTINGS_FILES:
        copy(Path("/") / name, root / name)
    if shutil.which("npm"):
        asked = ["npm", "config", "get", "globalconfig"]
        copy(Path(output_of(asked).strip()), root / "etc/npmrc")
    for value in environment().values():
        if value.startswith("/") and Path(value).is_file():
            copy(Path(value), root / value.lstrip("/"))
    acquiring = re.findall(r"^Acquire::.*$", output_of(["apt-config", "dump"]), re.MULTILINE)
    (root / "etc/apt/apt.conf.d/00acquire").write_text("\n".join(acquiring) + "\n")


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder, if there is one, over what is at *target*."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def mirror_of_apt() -> str | None:
    """Return where this machine's apt gets packages first; None leaves it to debootstrap."""
    listing = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    return next(iter(output_of(listing).splitlines()), None)


def try_demo(root: Path) -> None:
    """Serve the demo, ask it over loopback for what a page needs, and interrupt it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    command = inside(root, ["python3", "dev.py", "demo", "--port", str(port)])
    with subprocess.Popen(command, env=environment(), start_new_session=True) as process:
        deadline_s = time.monotonic() + START_S
        while not answers(f"http://127.0.0.1:{port}/health"):
            if process.poll() is not None or time.monotonic() > deadline_s:
                sys.exit("The demo does not answer.")
            time.sleep(0.2)
        for path in ("", "static/js/main.js", "static/vendor/pyodide/pyodide.mjs"):
            if not answers(f"http://127.0.0.1:{port}/{path}"):
                sys.exit(f"The demo has no /{path}.")
        os.killpg(process.pid, signal.SIGINT)


def answers(url: str) -> bool:
    """Whether a GET of *url* succeeds, without any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return bool(answer.read())
    except OSError:
        return False


def inside(root: Path, command: Sequence[str]) -> list[str]:
    """The command that runs *command* in the clone, in the bare root."""
    return ["chroot", str(root), "sh", "-c", f'cd /{CLONE} && exec "$@"', "sh", *command]


def environment() -> dict[str, str]:
    """The environment of a fresh login, with this machine's settings."""
    settings = {name: value for name, value in os.environ.items() if SETTINGS.fullmatch(name)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {**settings, "PATH": path, "HOME": "/root", "LANG": "C.UTF-8"}


def output_of(command: Sequence[str]) -> str:
    """What a command of this machine prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def run(command: Sequence[str], quiet: bool = False) -> None:
    """Run a command of this machine; exit if it fails, with its output if that was held back."""
    done = subprocess.run(command, capture_output=quiet, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed.\n{done.stdout or ''}{done.stderr or ''}")


if __name__ == "__main__":
    sys.exit(main())
