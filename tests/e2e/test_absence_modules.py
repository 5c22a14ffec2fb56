"""The rules by which a page notices that somebody is idle, out of sight or silent."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e


CLOCK = """
    let now = 0;
    let due = [];
    const timers = { after(delayMs, callback) {
      const entry = [now + delayMs, callback];
      due.push(entry);
      return () => { due = due.filter((other) => other !== entry); };
    }};
    const passUntil = (time) => {
      for (;;) {
        const next = due.filter(([at]) => at <= time).sort(([a], [b]) => a - b)[0];
        if (!next) break;
        due = due.filter((entry) => entry !== next);
        now = next[0];
        next[1]();
      }
      now = time;
    };
"""


def with_clock(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """Run a function body with a clock and timers of the test's own."""
    return run(page, module, CLOCK + body, argument)


"""A clock that a test moves, with timers that follow it."""

IDLENESS = """
    const said = [];
    const idleness = new m.Idleness({
      promptMs: 60, answerMs: 30, timers, now: () => now,
      onPrompt: () => said.push([now, "prompt"]),
      onAnswer: () => said.push([now, "answer"]),
      onNoAnswer: () => said.push([now, "no answer"]),
    });
    for (const [time, what] of arg) {
      passUntil(time);
      if (what) idleness[what]();
    }
    return said;
"""


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([(1000, None)], [[60, "prompt"], [90, "no answer"]]),
        ([(50, "sign"), (100, None)], []),
        ([(50, "sign"), (111, None)], [[110, "prompt"]]),
        ([(70, "answer"), (129, None)], [[60, "prompt"], [70, "answer"]]),
        ([(70, "answer"), (131, None)], [[60, "prompt"], [70, "answer"], [130, "prompt"]]),
        ([(70, "sign"), (1000, None)], [[60, "prompt"], [90, "no answer"]]),
        ([(30, "answer"), (80, None)], []),
        ([(70, "close"), (1000, None)], [[60, "prompt"]]),
        ([(10, "close"), (1000, None)], []),
    ],
)
def test_whoever_gives_no_sign_of_life_is_asked_and_only_an_answer_ends_the_question(
    page: Page, events: list[tuple[int, str | None]], said: list[list[Any]]
) -> None:
    assert with_clock(page, "presence/idleness.js", IDLENESS, events) == said


@pytest.mark.parametrize(
    ("visits", "exceeded"),
    [
        ([(0, True), (1000, None)], [100]),
        ([(0, True), (90, False), (1000, None)], []),
        ([(0, True), (90, False), (95, True), (1000, None)], [195]),
        ([(0, True), (50, True), (1000, None)], [100]),
        ([(0, False), (1000, None)], []),
    ],
)
def test_a_page_is_hidden_for_too_long_only_at_a_stretch(
    page: Page, visits: list[tuple[int, bool | None]], exceeded: list[int]
) -> None:
    body = """
        const exceeded = [];
        const limit = new m.HiddenLimit(100, timers, () => exceeded.push(now));
        for (const [time, isHidden] of arg) {
          passUntil(time);
          if (isHidden !== null) limit.note(isHidden);
        }
        return exceeded;
    """
    assert with_clock(page, "presence/hidden_limit.js", body, visits) == exceeded


def test_a_silent_partner_is_said_to_be_lost_every_second_until_heard_again(page: Page) -> None:
    body = """
        const said = [];
        const silence = new m.Silence(2000, {
          onSilent: ({ seat }) => said.push([now, "silent", seat]),
          onHeard: ({ seat }) => said.push([now, "heard", seat]),
          onLost: (seat) => said.push([now, "lost", seat]),
        });
        for (now = 0; now <= 5000; now += 100) {
          const silence_ms = now < 4500 ? now : 0;
          silence.note([{ seat: 1, silence_ms }, { seat: 2, silence_ms: 20 }], now);
        }
        return said;
    """
    assert with_clock(page, "game/silence.js", body) == [
        [600, "silent", 1],
        [2000, "lost", 1],
        [3000, "lost", 1],
        [4000, "lost", 1],
        [4500, "heard", 1],
    ]


def pause(page: Page, **circumstances: Any) -> Any:
    """Return the message over the picture of a game of two at frame 200."""
    peer = {"seat": 1, "silence_ms": 0, "frame": 200, "resuming": False}
    peer |= circumstances.pop("peer", {})
    argument = {
        "result": {"frame": 200, "peers": [peer], "resuming": circumstances.pop("resuming", None)},
        "areReturning": False,
        "stalledMs": 0,
        "limitMs": 10_000,
        "groupSize": 2,
        **circumstances,
    }
    return with_clock(page, "game/pause.js", "return m.pauseMessage(arg);", argument)


def test_nothing_covers_the_picture_while_the_game_goes_on(page: Page) -> None:
    assert pause(page) is None
    assert pause(page, peer={"silence_ms": 400}, stalledMs=300) is None
    assert pause(page, areReturning=True) is None


def test_a_silent_partner_is_waited_for_with_the_limit_in_sight(page: Page) -> None:
    message = pause(page, peer={"silence_ms": 2500})
    assert message["text"] == "Waiting for your partner…"
    assert message["detail"] == "We wait for up to 10 seconds."
    assert message["fraction"] == 0.25
    assert pause(page, peer={"silence_ms": 25_000})["fraction"] == 1


def test_a_game_that_stalls_while_the_partner_is_heard_is_waited_for_too(page: Page) -> None:
    assert pause(page, stalledMs=600)["text"] == "Waiting for your partner…"


def test_a_stall_is_told_of_when_it_has_ended_if_it_was_long(page: Page) -> None:
    body = """
        const stalls = new m.Stalls();
        const tick = (advanced) => stalls.note({ advanced, finished: false, resuming: null });
        return [[...arg].map((mark) => tick(mark === ".")), stalls.ticks, stalls.inARow];
    """
    told, ticks, in_a_row = with_clock(page, "game/stalls.js", body, ".xxxx.xxxxx..xx")
    assert told == [*[0] * 11, 5, 0, 0, 0]
    assert (ticks, in_a_row) == (11, 2)


def test_a_partner_who_reloads_is_said_to_be_coming_back(page: Page) -> None:
    before = pause(page, peer={"silence_ms": 2500}, areReturning=True)
    assert before["text"] == "Your partner is coming back…"
    during = pause(page, peer={"resuming": True, "frame": 50})
    assert (during["text"], during["fraction"]) == ("Your partner is coming back…", 0.25)


def test_a_partner_is_coming_back_until_the_game_goes_on_with_their_new_page(page: Page) -> None:
    body = """
        const returns = new m.Returns();
        const said = [];
        const tick = (nowMs, advanced, silence_ms, resuming) => {
          returns.note({ advanced, peers: [{ seat: 1, silence_ms, resuming }] }, nowMs);
          said.push(returns.areExpected);
        };
        tick(900, true, 20, false);
        returns.expect(1, 1000);
        tick(1010, true, 30, false);
        tick(1500, false, 520, false);
        tick(2000, false, 10, true);
        tick(2100, false, 10, false);
        tick(2200, true, 10, true);
        tick(2300, true, 10, false);
        returns.expect(1, 2400);
        returns.forget(1);
        tick(2500, false, 110, false);
        return said;
    """
    said = with_clock(page, "game/returns.js", body)
    assert said == [False, True, True, True, True, True, False, False]


def test_whoever_reloaded_sees_how_far_the_game_is_back(page: Page) -> None:
    message = pause(page, resuming={"frame": 30, "of": 120}, peer={"silence_ms": 2500})
    assert (message["text"], message["fraction"]) == ("Returning to your game…", 0.25)
    assert pause(page, resuming={"frame": 0, "of": 0})["fraction"] is None


REPORT = """
    const sent = [];
    const connection = { isConnected: true, send: (event, { rows }) => sent.push(rows) };
    const partners = { figures: async (seat) => ({ link_rtt_ms: 10 * seat }) };
    const pictures = { take: () => ({ frame_ms: 16.7 }) };
    const report = new m.NetworkReport("game", connection, partners, pictures);
"""


def test_what_the_page_knows_of_a_link_is_added_to_its_row(page: Page) -> None:
    body = f"{REPORT} await report.add([{{ peer_seat: 1 }}, {{ peer_seat: 2 }}]); return sent;"
    assert with_clock(page, "game/network_report.js", body) == [
        [
            {"peer_seat": 1, "link_rtt_ms": 10, "frame_ms": 16.7},
            {"peer_seat": 2, "link_rtt_ms": 20, "frame_ms": 16.7},
        ]
    ]


def test_rows_whose_figures_come_late_are_sent_too(page: Page) -> None:
    body = f"""{REPORT}
        const late = [];
        partners.figures = () => new Promise((resolve) => late.push(resolve));
        const added = [1, 2].map((time_ms) => report.add([{{ time_ms }}]));
        for (const resolve of late) resolve({{}});
        await Promise.all(added);
        return sent.map((rows) => rows.map(({{ time_ms }}) => time_ms));
    """
    assert with_clock(page, "game/network_report.js", body) == [[1], [2]]


def test_without_a_connection_the_newest_rows_are_kept_in_limits(page: Page) -> None:
    body = f"""{REPORT}
        connection.isConnected = false;
        for (let i = 0; i < 100; i++) await report.add([{{ time_ms: i }}]);
        connection.isConnected = true;
        await report.add([{{ time_ms: 100 }}]);
        return sent.map((rows) => rows.map(({{ time_ms }}) => time_ms));
    """
    assert with_clock(page, "game/network_report.js", body) == [list(range(41, 101))]
