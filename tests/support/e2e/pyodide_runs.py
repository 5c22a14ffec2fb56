"""Runs Python in Pyodide: under Node, in headless Chromium and in headless Firefox.

For tests and benchmarks of what participants' browsers compute. Browsers are the machine's own,
with a profile that is thrown away; nothing is loaded from elsewhere.
"""

import io
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import cast

from tests.support.e2e.browser import FLAGS, find_chromium
from tests.support.e2e.module_page import SERVER_FOLDER, ModuleHandler
from tests.support.e2e.patience import PATIENCE_S
from tests.support.paths import ROOT
from tests.support.priority import prefer

PACKAGE = SERVER_FOLDER.parent
HERE = Path(__file__).parent
FIREFOX_NAMES = ("firefox-esr", "firefox")
PAGE = b"<!doctype html><script>new Worker('/worker.mjs', {type: 'module'})</script>"
FIREFOX_PREFERENCES = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/");
"""
"""What keeps a fresh profile from asking for anything but the page."""


class BrowserUnusable(RuntimeError):  # noqa: N818 (it is a reason to skip, not a fault)
    """This browser is missing or does not load pages here; the message says which."""


class SourceServer(ThreadingHTTPServer):
    """Serves one page that runs some Python, and waits for what it sends back."""

    def __init__(self, source: str, modules: Sequence[Path], wheels: Sequence[Path] = ()) -> None:
        handler = partial(SourceHandler, directory=str(SERVER_FOLDER))
        super().__init__(("127.0.0.1", 0), handler)
        self.content = {
            "/": (PAGE, "text/html"),
            "/worker.mjs": ((HERE / "python_in_browser.mjs").read_bytes(), "text/javascript"),
            "/modules.zip": (archive(modules), "application/zip"),
            "/source.py": (source.encode(), "text/plain"),
            "/wheels.json": (json.dumps([it.name for it in wheels]).encode(), "application/json"),
            **{f"/{it.name}": (it.read_bytes(), "application/octet-stream") for it in wheels},
        }
        self.asked = threading.Event()
        self.answered = threading.Event()
        self.answer = ""
        self.failed = False

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


class SourceHandler(ModuleHandler):
    """One request to a :class:`SourceServer`."""

    @property
    def run(self) -> SourceServer:
        """The server, by its own type."""
        return cast(SourceServer, self.server)

    def do_GET(self) -> None:  # noqa: N802 (the name is the base class's)
        """Serve what the server holds, and the package's static files."""
        if self.path in self.run.content:
            self.run.asked.set()
            self._answer(*self.run.content[self.path])
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802 (the name is the base class's)
        """Take the answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.run.answer, self.run.failed = body.decode(), self.path == "/failed"
        self._answer(b"", "text/plain")
        self.run.answered.set()


def archive(modules: Sequence[Path]) -> bytes:
    """Zip what Pyodide imports: the netcode, the examples, and *modules* of these tests."""
    files = [*PACKAGE.glob("netcode/*.py"), *PACKAGE.glob("examples/*/environment.py")]
    packages = [path for path in PACKAGE.glob("**/__init__.py") if "server" not in path.parts]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for path in {*files, *packages}:
            zipped.write(path, path.relative_to(PACKAGE.parent))
        for path in modules:
            zipped.write(path, path.relative_to(ROOT))
    return buffer.getvalue()


def in_node(source: str, modules: Sequence[Path], wheels: Sequence[Path] = ()) -> str:
    """What the last expression of *source* is, a text, in Pyodide under Node, with *wheels*."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(archive(modules))
        file.flush()
        pyodide = SERVER_FOLDER / "static/vendor/pyodide/pyodide.mjs"
        command = ["node", str(HERE / "python_in_node.mjs"), str(pyodide), file.name, source]
        command += map(str, wheels)
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def in_chromium(source: str, modules: Sequence[Path], wheels: Sequence[Path] = ()) -> str:
    """The same in Chromium.

    Raises:
        BrowserUnusable: There is none, or it does not load the page.
        AssertionError: The source raised an exception, or did not end in time.
    """

    def command(profile: Path) -> list[str]:
        return [find_chromium() or "", *FLAGS, "--headless", f"--user-data-dir={profile}"]

    return _in_browser(command, source, modules, wheels)


def in_firefox(source: str, modules: Sequence[Path], wheels: Sequence[Path] = ()) -> str:
    """The same in Firefox; raises what :func:`in_chromium` raises."""
    firefox = next(filter(None, map(shutil.which, FIREFOX_NAMES)), "")

    def command(profile: Path) -> list[str]:
        (profile / "user.js").write_text(FIREFOX_PREFERENCES)
        return [firefox, "--headless", "--no-remote", "--profile", str(profile)]

    return _in_browser(command, source, modules, wheels)


def _in_browser(
    command: Callable[[Path], list[str]],
    source: str,
    modules: Sequence[Path],
    wheels: Sequence[Path],
) -> str:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        program, *options = command(Path(folder))
        if not program:
            raise BrowserUnusable("The browser is not installed.")
        with SourceServer(source, modules, wheels) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            process = subprocess.Popen(
                [program, *options, server.url],
                env={**os.environ, "HOME": folder},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            prefer(process.pid)
            try:
                if not server.asked.wait(PATIENCE_S):
                    raise BrowserUnusable(f"{program} does not load a page here.")
                assert server.answered.wait(PATIENCE_S), f"no answer within {PATIENCE_S} s"
            finally:
                # The session is the browser's own, with all its processes.
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
                server.shutdown()
            assert not server.failed, server.answer
            return server.answer
