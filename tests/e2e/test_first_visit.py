"""A first visit to the served product: the browser's Python comes gzipped, and nothing minds."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Response

from tests.support.e2e.browser import Participant
from tests.support.e2e.module_page import SERVER_FOLDER, ModuleHandler, run, serve_modules
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

DOWNLOADED = 0.8
"""What the progress bar shows when everything has been downloaded."""

NOTE_PROGRESS = """
window.progress = [];
window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    this.addEventListener("message", ({ data }) => {
      if (data.type === "progress") window.progress.push([data.label, data.fraction]);
    });
  }
};
"""
"""Makes a page note what its Workers say of their progress."""


def test_gzipped_python_is_compiled_as_it_arrives_and_the_progress_bar_is_right(
    browser: Browser, tmp_path: Path
) -> None:
    with experiment("timed_dot.py", tmp_path, fps=30, input_delay=2) as product:
        person = Participant("Ann", browser)
        gzipped: set[str] = set()
        complaints: list[str] = []

        def note_encoding(answer: Response) -> None:
            if answer.headers.get("content-encoding") == "gzip":
                gzipped.add(answer.url.rsplit("/", 1)[1])

        def note_complaint(message: ConsoleMessage) -> None:
            if message.type in ("warning", "error"):
                complaints.append(message.text)

        person.page.context.on("response", note_encoding)
        person.page.on("console", note_complaint)
        person.page.add_init_script(NOTE_PROGRESS)
        person.get_ready(product.url)
        progress = person.page.evaluate("progress")
        person.page.context.close()
    assert gzipped >= {"pyodide.asm.wasm", "pyodide.asm.mjs", "pyodide-lock.json", "main.js"}
    # Pyodide warns when WebAssembly cannot be compiled while it arrives.
    assert complaints == []
    assert progress == sorted(progress, key=lambda each: each[1])
    downloading = [fraction for label, fraction in progress if label == "Downloading the game"]
    assert 0 <= downloading[0] < 0.2 and len(downloading) > 5
    assert ["Preparing the game", DOWNLOADED] in progress
    assert DOWNLOADED - downloading[-1] < 0.2


LOAD = """
    const late = new Promise((resolve) => setTimeout(resolve, 30000, "waiting"));
    const loaded = new m.Engine("/runtime.zip").prepare({ code: "env = 1", packages: [] });
    return Promise.race([late, loaded]).then(() => ({}), ({ message }) => ({ failed: message }));
"""


class BreaksOff(ModuleHandler):
    """Sends half of Python, as a connection does that breaks."""

    def do_GET(self) -> None:  # noqa: N802 - the name is the library's
        if not self.path.endswith("pyodide.asm.wasm"):
            return super().do_GET()
        content = (SERVER_FOLDER / self.path.lstrip("/")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/wasm")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True
        return None


class Refuses(ModuleHandler):
    """Has no Python to give."""

    def do_GET(self) -> None:  # noqa: N802 - the name is the library's
        if self.path.endswith("pyodide.asm.wasm"):
            self.send_error(503)
        else:
            super().do_GET()


@pytest.mark.parametrize("handler", [BreaksOff, Refuses])
def test_a_download_that_breaks_off_is_told_instead_of_waited_for(
    browser: Browser, handler: type[ModuleHandler]
) -> None:
    with serve_modules(handler) as url:
        page = browser.new_page()
        page.goto(url)
        told = run(page, "engine/engine.js", LOAD)
        page.close()
    assert told.get("failed")
