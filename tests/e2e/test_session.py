"""What a page says and shows, with a server and an engine of the test's own.

The page is the product's, the modules too; no Pyodide is loaded and nobody else is there.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.e2e.module_page import SERVER_FOLDER, serve_modules

pytestmark = pytest.mark.e2e

INDEX = (Path(SERVER_FOLDER) / "templates" / "index.html").read_text(encoding="utf-8")
BODY = re.sub(r"(?s).*<body[^>]*>(.*)<script src=.*", r"\1", INDEX)

SESSION = """async (body) => {
    document.body.innerHTML = body;
    const { Session } = await import("/static/js/session.js");
    const { Timers } = await import("/static/js/timers.js");
    const { UploadRoute } = await import("/static/js/net/upload_route.js");
    const handlers = {};
    window.sent = [];
    window.tell = (event, payload) => handlers[event](payload);
    window.connection = {
      isConnected: true,
      on: (event, handler) => { handlers[event] = handler; },
      send: (event, payload) => sent.push([event, payload]),
      request: async (event, payload) => { sent.push([event, payload]); return {}; },
      close: () => {},
      uploadRoute: () => new UploadRoute(connection, null),
      reportLoadFailure: (resource, reason) => sent.push(["load_failure", { resource, reason }]),
    };
    window.asked = [];
    window.engine = {
      prepare: async () => {},
      start: async () => [],
      ...Object.fromEntries(["run", "setAction", "receive", "cut", "stop"].map(
        (name) => [name, (...given) => asked.push([name, ...given])],
      )),
    };
    window.session = new Session(connection, engine, new Timers(), null);
}"""
"""A session whose server is told of by `tell`, and whose words to it and to the engine are kept."""

STOP_THE_CLOCK = """async () => {
    const { Timers } = await import("/static/js/timers.js");
    const timeouts = [];
    let nowMs = performance.now();
    performance.now = () => nowMs;
    Timers.prototype.after = (delayMs, callback) => {
      const timeout = { atMs: nowMs + delayMs, callback };
      timeouts.push(timeout);
      return () => { timeout.callback = () => {}; };
    };
    window.pass = (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        timeouts.sort((one, other) => one.atMs - other.atMs);
        if (!timeouts.length || timeouts[0].atMs > endMs) break;
        const { atMs, callback } = timeouts.shift();
        nowMs = Math.max(nowMs, atMs);
        callback();
      }
      nowMs = endMs;
    };
}"""
"""Lets time pass for the session only by `pass`, in milliseconds."""

SCENE: dict[str, Any] = {
    "scene_id": "game",
    "type": "game",
    **dict.fromkeys(("header", "subheader", "body", "in_game_body"), ""),
    "width": 300,
    "height": 200,
    "background": "white",
    "fps": 30,
    "smoothing_ms": 0,
    "input_mode": "pressed_keys",
    "action_mapping": [{"keys": ["ArrowLeft"], "action": 1}],
    "actions": [0, 1],
    "default_action": 0,
    "action_labels": [None, None],
    "group_size": 1,
    "environment": {"code": "", "packages": []},
    "pyodide_url": "/",
    "assets": None,
    "waitroom": {"timeout_ms": None, "hide_lobby_count": False},
    "partner_timeout_ms": 10_000,
    "focus": None,
    "idle": None,
}
IDLE = {"waitroom_prompt_ms": 20, "game_prompt_ms": None, "answer_ms": 20, "message": "There?"}
CREATED = {
    "game_id": "g",
    "game": {"agents": ["dot"], "seat": 0, "num_episodes": 1, "input_delay": 0, "fps": 30},
    "peers": [],
    "ice_servers": [],
    "force_relay": False,
}
FRAME = {
    "frame": 1,
    "confirmed_frame": 0,
    "episode": 0,
    "step": 1,
    "advanced": True,
    "draw": [],
    "packets": [],
    "peers": [],
    "cuts": [],
    "network": [],
    "rollbacks": 0,
    "wait_ms": 0,
    "resuming": None,
    "desync": None,
    "corrected": None,
    "finished": False,
    "drained": False,
}
OVERLAY = "document.querySelector('#overlay')"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a session that nobody has told anything yet."""
    with serve_modules() as url:
        blank = browser.new_page()
        blank.goto(url)
        blank.evaluate(SESSION, BODY)
        yield blank
        blank.close()


def tell(page: Page, event: str, payload: dict[str, Any]) -> None:
    """Let the server tell something."""
    page.evaluate("([event, payload]) => tell(event, payload)", [event, payload])


def come_back(page: Page, scene: dict[str, Any]) -> None:
    """Let the connection be lost with all that was said, and come back."""
    page.evaluate("connection.onDisconnect(); sent.length = 0; connection.onConnect()")
    tell(page, "scene", {"index": 0, "scene": scene})


def words(page: Page, event: str) -> list[dict[str, Any]]:
    """What the page has said to the server by this event since it connected."""
    return [payload for name, payload in page.evaluate("sent") if name == event]


def wait(page: Page, **options: Any) -> dict[str, Any]:
    """Lead the page into the waitroom; returns the scene."""
    scene = {**SCENE, **options}
    tell(page, "scene", {"index": 0, "scene": scene})
    page.click("[data-action=join]")
    page.wait_for_selector("body[data-phase=waiting]")
    return scene


def play(page: Page, *, starts: bool = True, incarnation: int = 0, **options: Any) -> Any:
    """Lead the page into a game; returns the scene."""
    scene = wait(page, **options)
    tell(page, "game_created", {**CREATED, "game": {**CREATED["game"], "incarnation": incarnation}})
    page.wait_for_function("sent.some(([event]) => event === 'game_ready')")
    if starts:
        tell(page, "game_start", {"game_id": "g", "countdown_ms": 0})
        frame(page)
    return scene


def frame(page: Page, **result: Any) -> None:
    """Let the engine make a tick."""
    page.evaluate("(result) => engine.onFrame(result)", {**FRAME, **result})


def test_what_was_said_into_a_lost_connection_about_being_ready_is_said_again(page: Page) -> None:
    scene = play(page, starts=False)
    come_back(page, scene)
    assert words(page, "game_ready") == [{"game_id": "g"}]
    tell(page, "game_start", {"game_id": "g", "countdown_ms": 0})
    tell(page, "game_start", {"game_id": "g", "countdown_ms": 0})
    come_back(page, scene)
    assert words(page, "game_ready") == []
    assert [name for name, *_ in page.evaluate("asked")].count("run") == 1


def test_that_a_reloaded_page_has_resumed_is_said_again(page: Page) -> None:
    scene = play(page, incarnation=1)
    assert words(page, "game_resumed") == [{"game_id": "g", "frame": 1}]
    frame(page, frame=2)
    come_back(page, scene)
    assert words(page, "game_resumed") == [{"game_id": "g", "frame": 2}]


def test_a_page_that_has_still_to_resume_does_not_say_that_it_has(page: Page) -> None:
    scene = play(page, starts=False, incarnation=1)
    frame(page, resuming={"frame": 1, "of": 9}, draw=None)
    come_back(page, scene)
    assert words(page, "game_resumed") == []


def test_who_has_been_out_of_sight_for_too_long_says_so_again(page: Page) -> None:
    scene = play(page, focus={"timeout_ms": 20})
    page.evaluate("""
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
    """)
    page.wait_for_function("sent.some(([event]) => event === 'game_quit')")
    come_back(page, scene)
    assert words(page, "game_quit") == [{"game_id": "g", "reason": "hidden"}]


def test_who_has_not_answered_in_the_waitroom_does_not_ask_for_a_game_again(page: Page) -> None:
    scene = wait(page, idle=IDLE)
    page.wait_for_function("sent.some(([event]) => event === 'leave_waitroom')")
    come_back(page, scene)
    assert words(page, "leave_waitroom") == [{"scene_id": "game", "reason": "idle"}]
    assert words(page, "join_game") == []
    tell(page, "waitroom_ended", {"reason": "idle", "message": "", "redirect_url": None})
    page.click("[data-action=join]")
    page.wait_for_selector("body[data-phase=waiting]")
    assert words(page, "join_game") == [{"scene_id": "game"}]


def test_a_game_that_is_over_says_so_until_the_next_page_even_if_nothing_is_left_to_send(
    page: Page,
) -> None:
    play(page)
    frame(page, finished=True, cut_short=False)
    ended = {"reason": "completed", "message": "", "way_on": "next_scene", "completion_code": None}
    tell(page, "game_ended", {"game_id": "g", **ended})
    frame(page, finished=True, drained=True)
    assert page.evaluate(f"!{OVERLAY}.hidden && {OVERLAY}.innerText") == "That was the game"


def test_why_an_engine_failed_is_told_for_the_researcher(page: Page) -> None:
    play(page)
    cause = "{ cause: 'Traceback: ' + '\\u1234'.repeat(9999) + 'the last line' }"
    page.evaluate(f"engine.onError(new Error('ZeroDivisionError: ' + 'x'.repeat(9999), {cause}))")
    page.wait_for_function("sent.some(([event]) => event === 'game_finished')")
    ((event,),) = [word["events"] for word in words(page, "game_events")]
    assert (event["kind"], event["frame"]) == ("engine_error", 1)
    assert event["detail"]["message"].startswith("ZeroDivisionError: x")
    assert len(event["detail"]["message"]) == 500
    assert event["detail"]["traceback"].endswith("the last line")
    assert len(json.dumps(event["detail"]["traceback"])) <= 1000
    assert [word["reason"] for word in words(page, "game_finished")] == ["engine_error"]


def test_nobody_is_idle_who_waits_for_a_partner(page: Page) -> None:
    page.evaluate(STOP_THE_CLOCK)
    play(page, idle={**IDLE, "waitroom_prompt_ms": None, "game_prompt_ms": 150, "answer_ms": 9000})
    for _ in range(40):
        page.evaluate("pass(10)")
        frame(page, peers=[{"seat": 1, "silence_ms": 1100, "rtt_ms": 9, "frame": 1}])
    assert page.get_by_text("Waiting for your partner").is_visible()
    assert words(page, "game_events")[1:] == []
    frame(page)
    page.evaluate("pass(149)")
    assert not page.locator("#still-there[open]").count()
    page.evaluate("pass(1)")
    page.wait_for_selector("#still-there[open]")


def test_a_page_that_another_one_replaces_plays_no_further(page: Page) -> None:
    play(page)
    page.keyboard.down("ArrowLeft")
    tell(page, "session_replaced", {})
    assert page.get_by_role("button", name="Continue here").is_visible()
    assert page.evaluate("asked.at(-1)") == ["stop"]


CODE = "0123ABCDEF"


def lose_the_server(page: Page) -> None:
    page.evaluate(
        "connection.isConnected = false;"
        "connection.request = async () => { throw new Error('not connected'); };"
        "connection.onDisconnect()"
    )


def test_whose_game_cannot_be_saved_as_the_server_is_away_is_told_so_with_a_code(
    page: Page,
) -> None:
    page.evaluate(STOP_THE_CLOCK)
    scene = play(page)
    tell(page, "scene", {"index": 0, "scene": scene, "own_code": CODE})
    lose_the_server(page)
    frame(page, finished=True)
    page.evaluate("pass(59_000)")
    assert page.get_by_text("Saving the game").is_visible()
    page.evaluate("pass(3000)")
    assert page.get_by_role("heading", name="Your game could not be saved yet").is_visible()
    assert page.locator("output").inner_text() == CODE
    # It goes on by itself once the server is back.
    page.evaluate(
        "connection.isConnected = true;"
        "connection.request = async (...told) => { sent.push(told); return {}; };"
        "connection.onConnect()"
    )
    ended = {"reason": "completed", "message": "", "way_on": "next_scene", "completion_code": None}
    tell(page, "game_ended", {"game_id": "g", **ended})
    page.evaluate("pass(2000)")
    assert words(page, "advance_scene") == [{"scene_id": "game"}]


def test_who_waits_without_a_server_for_long_gets_a_code_and_who_plays_is_left_in_peace(
    page: Page,
) -> None:
    page.evaluate(STOP_THE_CLOCK)
    scene = play(page)
    tell(page, "scene", {"index": 0, "scene": scene, "own_code": CODE})
    lose_the_server(page)
    page.evaluate("pass(65_000)")
    assert CODE not in page.inner_text("body")
    page.evaluate("document.body.dataset.phase = 'waiting'; pass(5000)")
    assert f"this is your completion code: {CODE}" in page.inner_text("#banner")
    page.evaluate("connection.onConnect()")
    assert page.inner_text("#banner") == ""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 600), (720, 450)])
def test_the_line_above_the_game_stays_one_line_and_the_keys_stay_in_view(
    page: Page, width: int, height: int
) -> None:
    """The last size is 1440×900 at a zoom of 200%."""
    page.set_viewport_size({"width": width, "height": height})
    page.add_style_tag(path=SERVER_FOLDER / "static/css/style.css")
    labels = {"action_labels": ["stand still", "walk to the left"]}
    play(page, width=600, height=400, **labels)
    # Nobody is there to be connected with, so the line is filled as if somebody were.
    page.evaluate(
        """() => {
          document.querySelector("#late").remove();
          document.querySelector("#link").hidden = false;
          document.querySelector("#link-label").textContent = "Connection to your partner:";
          document.querySelector("#episode").textContent = "Round 12 of 12";
        }"""
    )
    boxes = page.evaluate(
        """Object.fromEntries(["#agent", "#link", "#stage", ".key-legend"].map((name) => {
          const { top, bottom } = document.querySelector(name).getBoundingClientRect();
          return [name, { top, bottom }];
        }))"""
    )
    assert abs(boxes["#agent"]["bottom"] - boxes["#link"]["bottom"]) < 3
    assert boxes["#link"]["bottom"] <= boxes["#stage"]["top"]
    assert boxes["#stage"]["bottom"] <= height
    assert boxes[".key-legend"]["bottom"] <= height
