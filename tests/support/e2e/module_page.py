"""A page that serves the browser modules alone, without the product's server.

For tests of one module at a time: a blank page of the same origin, the static files and the
runtime archive. Knows no Socket.IO.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

import interactive_gym
from interactive_gym.packages.runtime import build_runtime_bundle

SERVER_FOLDER = Path(interactive_gym.__file__).parent / "server"
BLANK_PAGE = b"<!doctype html><title>modules</title><body data-phase='loading'></body>"


class ModuleHandler(SimpleHTTPRequestHandler):
    """Serves ``/static`` from the package, a blank page and the runtime archive."""

    def do_GET(self) -> None:
        """Answer from memory or from the package's files."""
        if self.path == "/":
            self._answer(BLANK_PAGE, "text/html")
        elif self.path == "/runtime.zip":
            self._answer(build_runtime_bundle().content, "application/zip")
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output quiet."""

    def _answer(self, content: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve_modules(handler_class: type[ModuleHandler] = ModuleHandler) -> Iterator[str]:
    """Serve until the block ends; gives the page's address."""
    handler = partial(handler_class, directory=str(SERVER_FOLDER))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """Run a function body in a page, with a module as ``m`` and the argument as ``arg``."""
    code = f"async (arg) => {{ const m = await import('/static/js/{module}'); {body} }}"
    return page.evaluate(code, argument)
