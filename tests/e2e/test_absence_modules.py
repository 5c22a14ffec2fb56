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


PARTICIPATION = """
    const gone = [];
    let hidden = false;
    Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
    const see = (isHidden) => {
      hidden = isHidden;
      document.dispatchEvent(new Event("visibilitychange"));
    };
    const participation = new m.Participation({
      scene: { action_mapping: [], default_action: 0, focus: { timeout_ms: 100 }, idle: null },
      engine: { setAction() {} }, timers, onEvent() {},
      onGone: (reason) => gone.push([now, reason]),
    });
    participation.start();
"""
"""A participant's part in a game in which the page may be hidden for 100 ms."""


@pytest.mark.parametrize(
    ("visits", "exceeded"),
    [
        ([(0, True), (1000, None)], [100]),
        ([(0, True), (90, False), (1000, None)], []),
        ([(0, True), (90, False), (95, True), (1000, None)], [195]),
        ([(0, True), (50, True), (1000, None)], [100]),
        ([(0, True), (50, True), (60, False), (1000, None)], []),
        ([(0, False), (1000, None)], []),
    ],
)
def test_a_page_is_hidden_for_too_long_only_at_a_stretch(
    page: Page, visits: list[tuple[int, bool | None]], exceeded: list[int]
) -> None:
    body = f"""{PARTICIPATION}
        for (const [time, isHidden] of arg) {{
          passUntil(time);
          if (isHidden !== null) see(isHidden);
        }}
        return gone;
    """
    told = with_clock(page, "presence/participation.js", body, visits)
    assert told == [[time, "hidden"] for time in exceeded]


@pytest.mark.parametrize(
    ("events", "titles"),
    [
        ([(0, "hide"), (49, None), (51, None), (60, "show")], ["", "", "call", ""]),
        ([(0, "hide"), (40, "show"), (200, None)], ["", "", ""]),
        ([(0, "hide"), (60, None), (70, "stop"), (200, None)], ["", "call", "", ""]),
    ],
)
def test_the_title_calls_back_whoever_is_out_of_sight_for_long(
    page: Page, events: list[tuple[int, str | None]], titles: list[str]
) -> None:
    warns = PARTICIPATION.replace("focus: { timeout_ms: 100 }", "focus: { warning_ms: 50 }")
    body = f"""{warns}
        const titles = [];
        for (const [time, what] of arg) {{
          passUntil(time);
          if (what === "stop") participation.stop();
          else if (what) see(what === "hide");
          titles.push(document.body.dataset.notice ? "call" : "");
        }}
        return titles;
    """
    assert with_clock(page, "presence/participation.js", body, events) == titles


def test_a_game_that_is_over_has_no_limit_to_being_hidden(page: Page) -> None:
    body = f"{PARTICIPATION} see(true); participation.stop(); passUntil(1000); return gone;"
    assert with_clock(page, "presence/participation.js", body) == []


def test_a_page_that_is_hidden_when_the_game_begins_is_hidden_from_then_on(page: Page) -> None:
    body = f"{PARTICIPATION.replace('let hidden = false', 'let hidden = true')} passUntil(1000);"
    told = with_clock(page, "presence/participation.js", f"{body} return gone;")
    assert told == [[100, "hidden"]]


PAUSES = """
    const said = [];
    const pauses = new m.Pauses({
      limitMs: 2000, fps: 10, groupSize: 2,
      onSilent: ({ seat }) => said.push([now, "silent", seat]),
      onHeard: ({ seat }) => said.push([now, "heard", seat]),
      onLost: (seat) => said.push([now, "lost", seat]),
      onStall: (ticks) => said.push([now, "stall", ticks]),
    });
    const peer = { seat: 1, silence_ms: 0, frame: 200, resuming: false };
    const fine = { frame: 200, advanced: true, finished: false, resuming: null };
    const tick = (changes, ...peers) => {
      const heard = peers.map((each) => ({ ...peer, ...each }));
      const result = { ...fine, peers: heard, ...changes };
      pauses.noteTick(result, now);
      return pauses.message;
    };
"""
"""A game of two at frame 200, ten frames a second, in which a partner is lost after 2 s."""


def test_a_silent_partner_is_said_to_be_lost_every_second_until_heard_again(page: Page) -> None:
    body = f"""{PAUSES}
        for (now = 0; now <= 5000; now += 100) {{
          tick({{}}, {{ silence_ms: now < 4500 ? now : 0 }}, {{ seat: 2, silence_ms: 20 }});
        }}
        return said;
    """
    assert with_clock(page, "game/pauses.js", body) == [
        [600, "silent", 1],
        [2000, "lost", 1],
        [3000, "lost", 1],
        [4000, "lost", 1],
        [4500, "heard", 1],
    ]


def test_a_silence_after_the_last_frame_is_not_reported(page: Page) -> None:
    body = f"""{PAUSES}
        now = 9000;
        tick({{ finished: true }}, {{ silence_ms: 9000 }});
        return said;
    """
    assert with_clock(page, "game/pauses.js", body) == []


def message(page: Page, changes: dict[str, Any], peer: dict[str, Any], before: str = "") -> Any:
    """Return the message over the picture after a tick."""
    body = f"{PAUSES} {before}; return tick(arg.changes, arg.peer);"
    return with_clock(page, "game/pauses.js", body, {"changes": changes, "peer": peer})


SEVEN_TICKS_STALLED = "for (let i = 0; i < 7; i++) tick({ advanced: false }, {})"


def test_nothing_covers_the_picture_while_the_game_goes_on(page: Page) -> None:
    assert message(page, {}, {}) is None
    assert message(page, {"advanced": False}, {"silence_ms": 400}) is None
    assert message(page, {"advanced": False}, {"silence_ms": 900}) is None
    assert message(page, {}, {}, before=SEVEN_TICKS_STALLED) is None
    assert message(page, {}, {"silence_ms": 400}, before="pauses.noteReload(1, 0)") is None


def test_a_silent_partner_is_waited_for_with_the_limit_in_sight(page: Page) -> None:
    shown = message(page, {}, {"silence_ms": 1500})
    assert shown["text"] == "Waiting for your partner…"
    assert shown["detail"] == "We wait for up to 2 seconds."
    assert shown["fraction"] == 0.75
    assert message(page, {}, {"silence_ms": 25_000})["fraction"] == 1


def test_a_game_that_stalls_while_the_partner_is_heard_is_waited_for_too(page: Page) -> None:
    stalled = SEVEN_TICKS_STALLED.replace("7", "11")
    shown = message(page, {"advanced": False}, {}, before=stalled)
    assert (shown["text"], shown["fraction"]) == ("Waiting for your partner…", 0.6)


@pytest.mark.parametrize(
    ("gaps_and_frames", "covered"),
    [
        # A gap of a second covers the picture; short ones before and after do not.
        ([(9, 1)] * 20, ""),
        ([(10, 1), (11, 1)], "xx"),
        # The message stays until frames of a quarter of a second were played without a gap.
        ([(11, 1), (6, 2), (6, 9)], "x" * 18),
        ([(11, 1), (3, 1), (3, 9), (9, 1)], "x" * 9),
        # Then it takes a whole second again.
        ([(11, 3), (9, 3), (9, 3), (11, 3)], "xxx" + "xxx"),
    ],
)
def test_the_message_comes_late_and_goes_once_the_game_goes_on(
    page: Page, gaps_and_frames: list[tuple[int, int]], covered: str
) -> None:
    body = f"""{PAUSES}
        let covered = "";
        for (const [gap, frames] of arg) {{
          for (let i = 0; i < gap + frames; i++) {{
            covered += tick({{ advanced: i >= gap }}, {{}}) ? "x" : "";
          }}
        }}
        return covered;
    """
    assert with_clock(page, "game/pauses.js", body, gaps_and_frames) == covered


def test_a_game_that_is_back_after_a_reload_is_shown_at_once(page: Page) -> None:
    resuming = "tick({ resuming: { frame: 1, of: 9 }, advanced: false }, {})"
    assert message(page, {}, {}, before=resuming) is None


def test_a_stall_is_told_of_when_it_has_ended_if_it_was_long(page: Page) -> None:
    body = f"""{PAUSES}
        for (const mark of arg) {{ tick({{ advanced: mark === "." }}); now += 1; }}
        return [said, pauses.stalledTicks];
    """
    said, ticks = with_clock(page, "game/pauses.js", body, ".xxxx.xxxxx..xx")
    assert (said, ticks) == ([[11, "stall", 5]], 11)


@pytest.mark.parametrize("why", [{"finished": True}, {"resuming": {"frame": 1, "of": 9}}])
def test_ticks_without_a_frame_of_their_own_are_no_stall(page: Page, why: dict[str, Any]) -> None:
    body = f"{PAUSES} tick({{ ...arg, advanced: false }}); return pauses.stalledTicks;"
    assert with_clock(page, "game/pauses.js", body, why) == 0


def test_a_partner_who_reloads_is_said_to_be_coming_back(page: Page) -> None:
    before = message(page, {}, {"silence_ms": 1500}, before="pauses.noteReload(1, 0)")
    assert before["text"] == "Your partner is coming back…"
    during = message(page, {}, {"resuming": True, "frame": 50})
    assert (during["text"], during["fraction"]) == ("Your partner is coming back…", 0.25)


def test_how_far_a_partner_has_loaded_is_said_while_they_are_waited_for(page: Page) -> None:
    text = "Your partner is coming back: loading 60%"
    shown = message(page, {}, {"silence_ms": 600}, before="pauses.noteLoading(1, 0.6)")
    assert (shown["text"], shown["fraction"]) == (text, 0.6)
    assert message(page, {}, {"silence_ms": 400}, before="pauses.noteLoading(1, 0.6)") is None
    loaded = "pauses.noteLoading(1, 0.6); pauses.noteReload(1, 0)"
    assert message(page, {}, {"silence_ms": 600}, before=loaded)["text"] == (
        "Your partner is coming back…"
    )
    gone = "pauses.noteLoading(1, 0.6); pauses.noteLoading(1, null)"
    assert message(page, {}, {"silence_ms": 600}, before=gone) is None


def test_a_partner_is_coming_back_until_the_game_goes_on_with_their_new_page(page: Page) -> None:
    body = f"""{PAUSES}
        pauses.noteReload(1, 1000);
        const returning = [];
        for (const [time, advanced, silence_ms, resuming] of arg) {{
          now = time;
          tick({{ advanced }}, {{ silence_ms, resuming }});
          // The message for a tick in which the partner is silent.
          const silent = tick({{ advanced: false }}, {{ silence_ms: 1100 }});
          returning.push(silent.text.includes("coming back"));
        }}
        return returning;
    """
    ticks = [
        [1010, True, 30, False],
        [1500, False, 520, False],
        [2000, False, 10, True],
        [2100, False, 10, False],
        [2200, True, 10, True],
        [2300, True, 10, False],
    ]
    expected = [True, True, True, True, True, False]
    assert with_clock(page, "game/pauses.js", body, ticks) == expected


def test_a_partner_who_was_cut_is_not_coming_back(page: Page) -> None:
    reload_and_cut = "pauses.noteReload(1, 0); pauses.noteCut(1)"
    shown = message(page, {"advanced": False}, {"silence_ms": 1500}, before=reload_and_cut)
    assert shown["text"] == "Waiting for your partner…"


def test_whoever_reloaded_sees_how_far_the_game_is_back(page: Page) -> None:
    shown = message(page, {"resuming": {"frame": 30, "of": 120}}, {"silence_ms": 1500})
    assert (shown["text"], shown["fraction"]) == ("Returning to your game…", 0.25)
    assert message(page, {"resuming": {"frame": 0, "of": 0}}, {})["fraction"] is None


REPORT = """
    const sent = [];
    const reports = { add: (...rows) => sent.push(rows) };
    const partners = { figures: async (seat) => ({ link_rtt_ms: 10 * seat }) };
    const pictures = { take: () => ({ frame_ms: 16.7 }) };
    const report = new m.NetworkReport(reports, partners, pictures);
"""


def test_what_the_page_knows_of_a_link_is_added_to_its_row(page: Page) -> None:
    body = f"{REPORT} await report.add([{{ peer_seat: 1 }}, {{ peer_seat: 2 }}]); return sent;"
    assert with_clock(page, "game/network_report.js", body) == [
        [
            {"peer_seat": 1, "link_rtt_ms": 10, "frame_ms": 16.7},
            {"peer_seat": 2, "link_rtt_ms": 20, "frame_ms": 16.7},
        ]
    ]
