"""What the page asks of its engine: each request meets its own answer, in whatever order they come.

The Worker is the test's own, so that it can answer when and how the test wants.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e

ENGINE = """
    const workers = [];
    window.Worker = class {
      sent = [];
      isTerminated = false;
      constructor() { workers.push(this); }
      postMessage(message) { this.sent.push(message); }
      terminate() { this.isTerminated = true; }
      requestOf(type, i = 0) { return this.sent.filter((sent) => sent.type === type)[i].request; }
      say(message) { this.onmessage({ data: message }); }
      ready(request, draw) { this.say({ type: "ready", request, draw }); }
      fail(request, message) { this.say({ type: "error", request, message }); }
    };
    const engine = new m.Engine("/runtime.zip");
    const [worker] = workers;
    const settled = () => new Promise((resolve) => setTimeout(resolve));
    const told = [];
    const tell = (name, promise) => promise.then(
      (value) => told.push([name, value]),
      ({ message }) => told.push([name, message]),
    );
    const prepare = (code, url) => tell(code, engine.prepare({ code, packages: [] }, url));
    engine.onError = ({ message }) => told.push(["onError", message]);
"""

LOADED = f"""{ENGINE}
    worker.ready(worker.requestOf("load"));
    await settled();
"""
"""An engine whose Worker has started Python."""


def told(page: Page, body: str) -> Any:
    """Run the steps of a test; return what the requests came to, in that order."""
    return run(page, "engine/engine.js", f"{body} await settled(); return told;")


def test_answers_in_the_other_order_meet_the_requests_they_belong_to(page: Page) -> None:
    body = f"""{LOADED}
        prepare("environment");
        tell("game", engine.start({{ seat: 0 }}));
        await settled();
        worker.ready(worker.requestOf("start"), [{{ type: "rect" }}]);
        await settled();
        worker.ready(worker.requestOf("environment"));
    """
    assert told(page, body) == [["game", [{"type": "rect"}]], ["environment", []]]


def test_two_environments_under_way_are_told_apart(page: Page) -> None:
    body = f"""{LOADED}
        prepare("first");
        prepare("second");
        await settled();
        worker.ready(worker.requestOf("environment", 1));
        await settled();
        worker.ready(worker.requestOf("environment", 0));
    """
    assert told(page, body) == [["second", []], ["first", []]]


def test_an_error_meets_the_request_it_belongs_to_and_no_other(page: Page) -> None:
    body = f"""{LOADED}
        prepare("good");
        prepare("broken");
        await settled();
        worker.fail(worker.requestOf("environment", 1), "NameError");
        await settled();
        told.push("later");
        worker.ready(worker.requestOf("environment", 0));
    """
    assert told(page, body) == [["broken", "NameError"], "later", ["good", []]]


def test_the_error_of_a_running_game_fails_no_request_under_way(page: Page) -> None:
    body = f"""{LOADED}
        prepare("next");
        await settled();
        worker.fail(null, "ZeroDivisionError");
        await settled();
        worker.ready(worker.requestOf("environment"));
    """
    assert told(page, body) == [["onError", "ZeroDivisionError"], ["next", []]]


def test_an_answer_that_comes_twice_or_to_no_request_is_ignored(page: Page) -> None:
    body = f"""{LOADED}
        prepare("once");
        await settled();
        const request = worker.requestOf("environment");
        worker.ready(request);
        worker.fail(request, "too late");
        worker.ready(999);
    """
    assert told(page, body) == [["once", []]]


@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_prepares_an_environment_is_told_that_python_could_not_be_started(
    page: Page, when: str
) -> None:
    fail = 'worker.fail(worker.requestOf("load"), "no Python"); await settled();'
    prepare = 'prepare("environment"); await settled();'
    steps = [fail, prepare] if when == "before" else [prepare, fail]
    assert told(page, ENGINE + "".join(steps)) == [["environment", "no Python"]]


@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_prepares_an_environment_is_told_that_the_worker_could_not_be_loaded(
    page: Page, when: str
) -> None:
    fail = "worker.onerror({}); await settled();"
    prepare = 'prepare("environment"); await settled();'
    steps = [fail, prepare] if when == "before" else [prepare, fail]
    assert told(page, ENGINE + "".join(steps)) == [
        ["environment", "the engine could not be loaded"]
    ]


def test_a_worker_that_breaks_fails_all_that_it_was_asked(page: Page) -> None:
    body = f"""{LOADED}
        prepare("environment");
        tell("game", engine.start({{ seat: 0 }}));
        await settled();
        worker.onerror({{ message: "broken" }});
    """
    assert sorted(told(page, body)) == [["environment", "broken"], ["game", "broken"]]


def test_a_worker_that_breaks_while_nothing_is_asked_breaks_the_game(page: Page) -> None:
    assert told(page, f"{LOADED} worker.onerror({{ message: 'broken' }});") == [
        ["onError", "broken"]
    ]


def test_another_pyodide_gets_a_worker_of_its_own_and_ends_what_the_old_one_was_asked(
    page: Page,
) -> None:
    body = f"""{LOADED}
        prepare("old");
        await settled();
        prepare("new", "/another/pyodide/");
        await settled();
        const [, another] = workers;
        told.push([worker.isTerminated, another.sent[0].pyodide_url.endsWith("/another/pyodide/")]);
        another.ready(another.requestOf("load"));
        await settled();
        another.ready(another.requestOf("environment"));
    """
    assert told(page, body) == [
        ["old", "another version of Pyodide is loaded instead"],
        [True, True],
        ["new", []],
    ]


def test_an_environment_is_loaded_once_however_often_it_is_asked_for(page: Page) -> None:
    body = f"""{LOADED}
        prepare("same");
        prepare("same");
        await settled();
        told.push(worker.sent.filter(({{ type }}) => type === "environment").length);
        worker.ready(worker.requestOf("environment"));
    """
    assert told(page, body) == [1, ["same", []], ["same", []]]
