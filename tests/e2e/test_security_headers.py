"""Under the pages' Content-Security-Policy a whole session goes on, and nothing else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.e2e

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("violation of", event.effectiveDirective, "by", event.blockedURI);
});
"""
"""Makes a page report in its console what its policy has forbidden. Workers do it unasked."""

INJECTED = """() => {
  const text = document.createElement("script");
  text.textContent = "window.hasRun = true";
  const link = document.createElement("script");
  link.src = "https://elsewhere.example/a.js";
  const handler = document.createElement("img");
  handler.setAttribute("onerror", "window.hasRun = true");
  handler.src = "data:image/png,broken";
  document.body.append(text, link, handler);
  fetch("https://elsewhere.example/").catch(() => {});
  try { setTimeout("window.hasRun = true", 0); } catch {}
  return new Promise((resolve) => setTimeout(() => resolve(window.hasRun === true), 300));
}"""
"""What somebody would try who could put HTML into a page."""


@pytest.fixture
def own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a package that the server finds on this machine alone."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels, "pictured")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return "pictured"


def test_a_whole_session_with_images_packages_and_html_violates_nothing(
    own_package: str, participant: ParticipantFactory, tmp_path: Path
) -> None:
    people = participant("Ann"), participant("Ben")
    with experiment("hosted.py", tmp_path, package=own_package) as product:
        for person in people:
            person.page.add_init_script(REPORT_VIOLATIONS)
            person.open(product.url + "?PROLIFIC_PID=abc" + person.name)
            person.wait_for("document.querySelector('#asset')?.naturalWidth > 0")
            assert person.page.evaluate(
                "getComputedStyle(document.querySelector('.own')).color === 'rgb(1, 2, 3)'"
            )
            person.advance()
            person.join()
        for person in people:
            person.wait_for_phase("playing")
            person.hold("ArrowRight")
        for person in people:
            person.wait_for_phase("ended")
            assert "Thank you for playing" in person.text()
        assert [game.match["agreed"] for game in product.games] == [True]
        assert "browsers ignore" not in product.output
    assert [person.errors for person in people] == [[], []]


def test_what_is_injected_into_a_page_does_not_run(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    person = participant("Ann")
    with experiment("hosted.py", tmp_path) as product:
        person.page.add_init_script(REPORT_VIOLATIONS)
        person.open(product.url)
        person.wait_for_phase("scene")
        assert person.page.evaluate(INJECTED) is False
    reported = " ".join(person.errors)
    for directive in ("script-src-elem", "script-src-attr", "connect-src"):
        assert f"violation of {directive}" in reported


def test_no_site_is_told_the_recruitment_id_in_the_address(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    person = participant("Ann")
    referrers: list[str | None] = []
    person.page.context.on(
        "request", lambda request: referrers.append(request.headers.get("referer"))
    )
    with experiment("hosted.py", tmp_path) as product:
        person.get_ready(product.url + "?PROLIFIC_PID=abc")
    assert len(referrers) > 20
    assert not any(referrers)


class FramingPage(BaseHTTPRequestHandler):
    """A page of another origin that shows the experiment in a frame."""

    def __init__(self, *given: Any, address: str) -> None:
        self._address = address
        super().__init__(*given)

    def do_GET(self) -> None:
        content = f'<!doctype html><iframe src="{self._address}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output quiet."""


@contextmanager
def panel() -> Iterator[tuple[str, ThreadingHTTPServer]]:
    """The site of a panel; gives its origin, and the server, whose page is yet to be set."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("allowed", ["the panel", "everyone", "another site", "nobody"])
def test_a_page_is_framed_by_those_alone_who_are_allowed(
    participant: ParticipantFactory, tmp_path: Path, allowed: str
) -> None:
    person = participant("Ann")
    with panel() as (origin, server):
        framed_by = {"the panel": origin, "everyone": "*", "another site": "https://a.example"}
        with experiment("hosted.py", tmp_path, framed_by=framed_by.get(allowed)) as product:
            server.RequestHandlerClass = partial(FramingPage, address=product.url)  # type: ignore[assignment]
            person.page.goto(origin)
            frame = person.page.frames[1]
            if allowed in ("the panel", "everyone"):
                frame.click('[data-action="advance"]')
                frame.wait_for_selector('[data-action="join"]')
            else:
                assert frame.url.startswith("chrome-error:")
