"""Chromium as people have it: tabs can be out of sight, and timers in them are slowed down.

A driver such as Playwright's switches both off. So this talks to the browser itself, in the
DevTools protocol, and knows just enough of it for one participant. Started on a host of a lab.
"""

import itertools
import json
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import websocket

from tests.support.e2e.browser import FLAGS, find_chromium
from tests.support.e2e.patience import PATIENCE_S
from tests.support.netlab import Host


class RawChromium:
    """A headless browser without a driver; used as a context manager."""

    def __init__(self, host: Host, folder: Path) -> None:
        """Prepare it on *host*, with a fresh profile in *folder*."""
        self._host = host
        self._profile = folder / "profile"
        self._ids = itertools.count(1)

    def __enter__(self) -> "RawChromium":
        chromium = find_chromium()
        assert chromium, "tests that need Chromium carry the marker e2e"
        options = ["--headless=new", "--remote-debugging-port=0", "--remote-allow-origins=*"]
        command = [chromium, *FLAGS, *options, f"--user-data-dir={self._profile}", "about:blank"]
        self._process = self._host.popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._socket = self._host.call(self._connect)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()

    def open_tab(self, url: str = "about:blank") -> "Tab":
        """Open a tab before all others, as people do."""
        target = self.send("Target.createTarget", url=url)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Tab(self, target, session)

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something and return what it answers."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer)
                result: dict[str, Any] = answer["result"]
                return result

    def _connect(self) -> "websocket.WebSocket":
        """Find the port the browser has chosen, and connect to it."""
        chosen = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + PATIENCE_S
        while not (chosen.exists() and len(lines := chosen.read_text().splitlines()) == 2):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < deadline, "Chromium opened no port"
            time.sleep(0.05)
        port = lines[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/version", timeout=10) as answer:
            url = json.loads(answer.read())["webSocketDebuggerUrl"]
        return websocket.create_connection(url, timeout=PATIENCE_S)


class Tab:
    """One tab of a :class:`RawChromium`."""

    def __init__(self, browser: RawChromium, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, once it is there."""
        answer = self._browser.send(
            "Runtime.evaluate",
            self._session,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until a JavaScript expression is true in the page."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                text = self.evaluate("document.body.innerText")
                raise AssertionError(f"Not so within {PATIENCE_S} s: {expression}\n{text}")
            time.sleep(0.05)

    def press(self, action: str) -> None:
        """Press the button of this action, once it can be pressed."""
        button = f"document.querySelector('[data-action=\"{action}\"]')"
        self.wait_for(f"{button} && !{button}.disabled && {button}.offsetParent !== null")
        self.evaluate(f"{button}.click()")

    def hold(self, key: str) -> None:
        """Press a named key, such as ``ArrowUp``, and keep it down."""
        self._browser.send(
            "Input.dispatchKeyEvent", self._session, type="rawKeyDown", key=key, code=key
        )

    def show(self) -> None:
        """Bring the tab before all others of its browser."""
        self._browser.send("Target.activateTarget", targetId=self._target)
