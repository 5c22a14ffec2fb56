"""Probe, peer link and engine in real pages, signals carried by the test instead of a server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from interactive_gym.examples import slime_volleyball
from tests.support.e2e.module_page import serve_modules

pytestmark = pytest.mark.e2e

ENVIRONMENT = (Path(slime_volleyball.__file__).parent / "environment.py").read_text()
EPISODE_FRAMES = 60


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with serve_modules() as url:
        fresh = browser.new_context(base_url=url)
        yield fresh
        fresh.close()


MAKE_PROBE = """async (prepare) => {
    const { Probe } = await import("/static/js/waitroom/probe.js");
    const { Timers } = await import("/static/js/timers.js");
    window.results = [];
    window.relayed = [];
    window.probe = new Probe({
      prepare, certificate: null, timers: new Timers(),
      sendSignal: (signal) => window.relayed.push(signal),
      report: (result) => window.results.push(result),
    });
}"""


def open_probe(context: BrowserContext, role: str, **options: Any) -> Page:
    page = context.new_page()
    page.goto("/")
    prepare = {
        "probe_session_id": "probe-1",
        "role": role,
        "ice_servers": [],
        "force_relay": False,
        "pings": 10,
        "threshold_ms": None,
        "deadline_ms": 15_000,
        **options,
    }
    page.evaluate(MAKE_PROBE, prepare)
    return page


def relay_until_reported(*pages: Page) -> list[dict[str, Any]]:
    """Carry signals between two pages until both have reported; return the reports."""
    for _ in range(400):
        for page, other in zip(pages, reversed(pages), strict=True):
            for signal in page.evaluate("window.relayed.splice(0)"):
                other.evaluate("(s) => window.probe.link.receiveSignal(s)", signal)
        if all(page.evaluate("window.results.length") for page in pages):
            return [page.evaluate("window.results[0]") for page in pages]
        pages[0].evaluate("new Promise((resolve) => setTimeout(resolve, 10))")
    raise AssertionError("no report of both sides within 400 rounds")


def test_both_sides_of_a_probe_measure_and_report(context: BrowserContext) -> None:
    offerer = open_probe(context, "offerer")
    answerer = open_probe(context, "answerer")
    offerer.evaluate("window.probe.start()")
    for report in relay_until_reported(offerer, answerer):
        assert report["reason"] is None
        assert len(report["samples_ms"]) == 10
        assert all(0 < sample < 1000 for sample in report["samples_ms"])
        assert report["local_candidate_type"] in ("host", "prflx")
        assert report["remote_candidate_type"] in ("host", "prflx")


def test_a_probe_ends_early_where_the_verdict_is_clear(context: BrowserContext) -> None:
    offerer = open_probe(context, "offerer", threshold_ms=10_000)
    answerer = open_probe(context, "answerer", threshold_ms=10_000)
    offerer.evaluate("window.probe.start()")
    reports = relay_until_reported(offerer, answerer)
    assert [len(report["samples_ms"]) for report in reports] == [4, 4]


def test_the_offerer_says_nothing_before_both_are_ready(context: BrowserContext) -> None:
    offerer = open_probe(context, "offerer", deadline_ms=300)
    offerer.wait_for_function("window.results.length === 1")
    assert offerer.evaluate("window.relayed") == []


def test_a_probe_whose_partner_never_answers_reports_the_deadline(context: BrowserContext) -> None:
    offerer = open_probe(context, "offerer", deadline_ms=300)
    offerer.evaluate("window.probe.start()")
    offerer.wait_for_function("window.results.length === 1")
    report = offerer.evaluate("window.results[0]")
    assert (report["samples_ms"], report["reason"]) == ([], "deadline")


def test_a_page_that_cannot_use_the_offer_says_so_at_once(context: BrowserContext) -> None:
    """Else the server would take it to be the cause."""
    answerer = open_probe(context, "answerer")
    offer = {"type": "offer", "sdp": "v=0\r\nnonsense"}
    answerer.evaluate("(s) => window.probe.link.receiveSignal(s)", offer)
    answerer.wait_for_function("window.results.length === 1")
    assert answerer.evaluate("window.results[0].reason") == (
        "the partner's description cannot be used"
    )


def test_a_page_that_may_use_relays_only_and_has_none_says_that_it_has_no_address(
    context: BrowserContext,
) -> None:
    offerer = open_probe(context, "offerer", force_relay=True)
    # Also if it knows so before the probe starts.
    offerer.wait_for_timeout(500)
    offerer.evaluate("window.probe.start()")
    offerer.wait_for_function("window.relayed.length > 1")
    offer, end = offerer.evaluate("window.relayed")
    assert "a=candidate:" not in offer["sdp"]
    assert end == {"type": "candidate", "candidate": None}


CONNECT_LINKS = """async () => {
    const { PeerLink } = await import("/static/js/net/peer_link.js");
    const common = { iceServers: [], forceRelay: false, certificate: null };
    const [a, b] = ["offerer", "answerer"].map((role) => new PeerLink({
      role, ...common, sendSignal: (signal) => window.carry(role, signal),
    }));
    window.links = [a, b];
    window.signals = [];
    window.heard = [];
    b.onMessage = (bytes) => window.heard.push(...new Uint8Array(bytes));
    window.carry = (role, signal) => {
      window.signals.push(signal.type);
      (role === "offerer" ? b : a).receiveSignal(signal);
    };
}"""


@pytest.fixture
def links(context: BrowserContext) -> Page:
    """A page with two links to each other that have not begun signalling."""
    page = context.new_page()
    page.goto("/")
    page.evaluate(CONNECT_LINKS)
    return page


def test_candidates_that_overtake_the_offer_are_kept_for_it(links: Page) -> None:
    links.evaluate("""() => {
        const carry = window.carry;
        const bare = (sdp) => sdp.replace(/a=(candidate|end-of).*\\r\\n/g, "");
        const candidates = (sdp) => [...sdp.matchAll(/a=(candidate:.*)\\r\\n/g)].map(([, line]) => (
          { type: "candidate", candidate: { candidate: line, sdpMid: "0", sdpMLineIndex: 0 } }));
        let offer = null;
        window.carry = (role, signal) => {
          // The answerer tells no address of its own, so that the connection depends on the
          // candidates that come before the offer.
          if (signal.type === "answer") return carry(role, { ...signal, sdp: bare(signal.sdp) });
          if (role === "answerer") return;
          if (signal.type === "offer") offer = { ...signal, sdp: bare(signal.sdp) };
          const known = signal.type === "offer" ? candidates(signal.sdp) : [signal];
          for (const candidate of known) carry(role, candidate);
          if (offer && window.signals.length > 0) {
            carry(role, offer);
            offer = null;
          }
        };
        links[0].begin();
    }""")
    links.wait_for_function("links.every((link) => link.isOpen)")
    assert links.evaluate("signals[0]") == "candidate"


def test_a_restarted_link_goes_on_with_the_same_channel(links: Page) -> None:
    links.evaluate("links[0].begin()")
    links.wait_for_function("links.every((link) => link.isOpen)")
    links.evaluate("() => { links[0].restart(); links[1].restart(); }")
    links.wait_for_function("signals.filter((type) => type === 'answer').length === 2")
    links.evaluate("() => links[0].send(new Uint8Array([7]))")
    links.wait_for_function("heard.includes(7)")
    assert links.evaluate("signals.filter((type) => type === 'offer').length") == 2


def test_a_restart_whose_answer_is_lost_is_tried_again_with_the_same_offer(links: Page) -> None:
    links.evaluate("links[0].begin()")
    links.wait_for_function("links.every((link) => link.isOpen)")
    links.evaluate("""() => {
        const carry = window.carry;
        window.offers = [];
        window.carry = (role, signal) => {
          if (signal.type === "offer") offers.push(signal.sdp);
          // Only what answers a second copy gets through, and what was lost comes late besides.
          if (signal.type !== "answer") carry(role, signal);
          else if (offers.length === 2) { carry(role, signal); carry(role, lost); }
          else window.lost = signal;
        };
        links[0].restart();
    }""")
    links.wait_for_function("window.lost && links[0].isPending")
    links.evaluate("() => { links[0].restart(); }")
    links.wait_for_function("!links[0].isPending")
    same = "new Set(offers.map((sdp) => /a=ice-ufrag:(.*)/.exec(sdp)[1])).size"
    assert links.evaluate(same) == 1
    links.evaluate("() => links[0].send(new Uint8Array([7]))")
    links.wait_for_function("heard.includes(7)")


def test_a_link_in_play_knows_its_rtt_and_leaves_the_netcode_its_datagrams(links: Page) -> None:
    links.evaluate("links[0].begin()")
    links.wait_for_function("links.every((link) => link.isOpen)")
    links.evaluate("""async () => {
        const { LinkMonitor } = await import("/static/js/net/link_monitor.js");
        const { Timers } = await import("/static/js/timers.js");
        const timers = new Timers();
        window.monitors = links.map((link) => new LinkMonitor(link, timers));
        links.forEach((link, i) => {
          link.onMessage = (bytes) => {
            if (!monitors[i].take(bytes)) heard.push(...new Uint8Array(bytes));
          };
        });
        links[0].send(new Uint8Array([0x47, 1, 2]));
    }""")
    links.wait_for_function("heard.length && monitors.every(({ rttMs }) => rttMs !== null)")
    assert links.evaluate("heard") == [0x47, 1, 2]
    assert all(0 < rtt < 1000 for rtt in links.evaluate("() => monitors.map((m) => m.rttMs)"))


MAKE_ENGINES = """async ({ code, config }) => {
    const { Engine } = await import("/static/js/engine/engine.js");
    const engines = config.agents.map(() => new Engine("/runtime.zip"));
    window.games = engines.map((engine, seat) => ({ engine, rows: [], last: null, pictures: 0 }));
    engines.forEach((engine, seat) => {
      engine.onError = (message) => { window.games[seat].error = message; };
      engine.onFrame = (result) => {
        const game = window.games[seat];
        game.last = result;
        game.digest = result.digest ?? game.digest;
        if (result.draw) game.pictures += 1;
        if (result.rows) game.rows.push(...result.rows);
        for (const [to, bytes] of result.packets) engines[to].receive(seat, bytes);
      };
    });
    await Promise.all(engines.map((engine) => engine.prepare({ code, packages: [] })));
    await Promise.all(engines.map((engine, seat) => engine.start({ ...config, seat })));
    engines[0].setAction(1, false);
    engines[1].setAction(2, false);
    for (const engine of engines) engine.run(0);
}"""

CONFIG = {
    "agents": ["left", "right"],
    "seed": 7,
    "session_tag": 99,
    "num_episodes": 1,
    "max_steps": EPISODE_FRAMES,
    "actions": [0, 1, 2, 3, 4, 5],
    "default_action": 0,
    "fps": 60,
    "input_delay": 2,
    "max_prediction": 8,
}


def test_two_engines_play_the_same_game_to_the_end(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    page.evaluate(MAKE_ENGINES, {"code": ENVIRONMENT, "config": CONFIG})
    page.wait_for_function("games.every((g) => g.error || g.last?.drained)", timeout=60_000)
    games = page.evaluate("() => window.games.map(({ engine, last, ...game }) => game)")
    assert [game.get("error") for game in games] == [None, None]
    assert games[0]["rows"] == games[1]["rows"]
    assert games[0]["digest"] == games[1]["digest"]
    assert len(games[0]["rows"]) == 2 * EPISODE_FRAMES
    assert games[0]["pictures"] > 0


def prepare_engine(page: Page, code: str) -> str:
    """Load an environment; return what the engine said against it, or nothing."""
    script = """async (code) => {
        const { Engine } = await import("/static/js/engine/engine.js");
        window.engine ??= new Engine("/runtime.zip");
        const prepared = window.engine.prepare({ code, packages: [] });
        return prepared.then(() => "", (error) => error.message);
    }"""
    return str(page.evaluate(script, code))


def test_a_broken_environment_is_reported_in_one_line_and_a_good_one_still_loads(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.goto("/")
    assert prepare_engine(page, "1 / 0") == "ZeroDivisionError: division by zero"
    assert "must define a variable named env" in prepare_engine(page, "envy = 1")
    assert prepare_engine(page, ENVIRONMENT) == ""


def test_environments_asked_for_at_once_are_loaded_in_order_and_each_is_told_its_own_error(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.goto("/")
    script = """async (code) => {
        const { Engine } = await import("/static/js/engine/engine.js");
        const engine = new Engine("/runtime.zip");
        const told = [];
        const prepare = (name, code, packages) => engine.prepare({ code, packages }).then(
          () => told.push([name, ""]),
          ({ message }) => told.push([name, message]),
        );
        const late = new Promise((resolve) => setTimeout(resolve, 60000));
        const all = Promise.all([
          prepare("package", code, ["/missing-1.0-py3-none-any.whl"]),
          prepare("code", "1 / 0", []),
          prepare("good", code, []),
        ]);
        await Promise.race([all, late]);
        return told;
    }"""
    package, code, good = page.evaluate(script, ENVIRONMENT)
    assert package[0] == "package"
    assert "missing-1.0-py3-none-any.whl answered 404" in package[1]
    assert code == ["code", "ZeroDivisionError: division by zero"]
    assert good == ["good", ""]
