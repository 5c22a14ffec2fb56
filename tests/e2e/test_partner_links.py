"""The links of a game, real ones in one page, when the partner's page is loaded anew.

Every side has a certificate of its own, as every page has; the test carries their signals.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.e2e.module_page import serve_modules

pytestmark = pytest.mark.e2e

SIDES = """async () => {
    const { Partners } = await import("/static/js/game/partners.js");
    const { Timers } = await import("/static/js/timers.js");
    const timers = new Timers();
    window.sides = [];
    window.heard = [];
    // Every signal, with the seat it is for; a former page's go on to arrive.
    window.signals = [];
    window.deliver = (to, signal) => sides[to].receiveSignal({ from_seat: 1 - to, signal });
    window.carry = window.deliver;
    window.newPage = async (seat, role) => {
      const algorithm = { name: "ECDSA", namedCurve: "P-256" };
      const certificate = await RTCPeerConnection.generateCertificate(algorithm);
      const peers = [{ seat: 1 - seat, role, probe_session_id: null }];
      return () => {
        sides[seat]?.close();
        sides[seat] = new Partners({
          created: { game_id: "game", peers, ice_servers: [], force_relay: false },
          connection: { isConnected: true, send: (_event, { to_seat, signal }) => {
            signals.push([to_seat, signal]);
            carry(to_seat, signal);
          }},
          timers,
          certificate,
          takeProbeLink: () => null,
          onDatagram: (from, bytes) => heard.push([from, ...new Uint8Array(bytes)]),
          onOpen: () => {},
          onState: () => {},
        });
      };
    };
    window.connect = async (roles) => {
      const pages = await Promise.all(roles.map((role, seat) => newPage(seat, role)));
      for (const load of pages) load();
    };
}"""

OTHER_ROLE = {"offerer": "answerer", "answerer": "offerer"}

each_role = pytest.mark.parametrize("role", ["offerer", "answerer"])
"""The role of the page that stays."""


@pytest.fixture
def page(browser: Browser, role: str) -> Iterator[Page]:
    """A page with two connected seats: 0, which stays, and 1, which is to be reloaded."""
    with serve_modules() as url:
        blank = browser.new_page()
        blank.goto(url)
        blank.evaluate(SIDES)
        blank.evaluate("(roles) => connect(roles)", [role, OTHER_ROLE[role]])
        assert_they_hear_each_other(blank)
        yield blank
        blank.close()


def assert_they_hear_each_other(page: Page) -> None:
    page.wait_for_function("sides.every((side) => side.areAllOpen)")
    page.evaluate("heard.length = 0")
    page.evaluate(
        "sides.forEach((side, seat) => side.send(1 - seat, new Uint8Array([0x47, seat]).buffer))"
    )
    page.wait_for_function("heard.length >= 2")
    assert sorted(page.evaluate("heard")) == [[0, 0x47, 0], [1, 0x47, 1]]


def reload_seat_1(page: Page, role: str, *, word: str = "sides[0].reload(1, 1)") -> None:
    """Give seat 1 a new page; *word* is what the server says of it to seat 0."""
    script = f"async (role) => {{ const load = await newPage(1, role); {word}; load(); }}"
    page.evaluate(script, OTHER_ROLE[role])


@each_role
def test_a_partners_new_page_is_connected_to_in_the_same_role(page: Page, role: str) -> None:
    reload_seat_1(page, role)
    assert_they_hear_each_other(page)


@each_role
def test_late_signals_of_the_old_page_do_not_spoil_the_link_to_the_new_one(
    page: Page, role: str
) -> None:
    page.evaluate("window.old = signals.filter(([to]) => to === 0)")
    reload_seat_1(
        page, role, word="sides[0].reload(1, 1); for (const [to, s] of old) deliver(to, s)"
    )
    page.evaluate("for (const [to, signal] of old) deliver(to, signal)")
    assert_they_hear_each_other(page)


@each_role
def test_a_reload_that_is_told_again_leaves_the_new_link_alone(page: Page, role: str) -> None:
    reload_seat_1(page, role)
    assert_they_hear_each_other(page)
    count = page.evaluate("signals.length")
    assert page.evaluate("sides[0].reload(1, 1)") is False
    assert_they_hear_each_other(page)
    assert page.evaluate("signals.length") == count


@each_role
def test_a_reload_that_the_server_could_not_tell_of_is_noticed_by_the_new_pages_description(
    page: Page, role: str
) -> None:
    reload_seat_1(page, role, word="")
    assert_they_hear_each_other(page)
    # The word comes late, once the link to the new page stands.
    assert page.evaluate("sides[0].reload(1, 1)") is True
    assert_they_hear_each_other(page)


@each_role
def test_signals_that_are_lost_while_a_link_is_made_are_made_up_for(page: Page, role: str) -> None:
    page.evaluate("() => { carry = () => {}; }")
    reload_seat_1(page, role)
    page.wait_for_function("signals.some(([, { type }]) => type === 'offer')")
    page.evaluate("() => { carry = deliver; }")
    assert_they_hear_each_other(page)


@pytest.mark.parametrize("role", ["offerer"])
def test_a_partner_who_is_cut_is_let_go(page: Page, role: str) -> None:
    page.evaluate("sides[0].cut(1)")
    assert page.evaluate("sides[0].areAllOpen") is True
    assert page.evaluate("sides[0].rttMs") is None
    page.evaluate("sides[1].send(0, new Uint8Array([0x47]).buffer); sides[0].reload(1, 1)")
    assert page.evaluate("sides[0].figures(1)") == {
        "link_rtt_ms": None,
        "local_candidate_type": None,
        "remote_candidate_type": None,
        "sent_bytes": None,
        "received_bytes": None,
    }
