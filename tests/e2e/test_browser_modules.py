"""The pure parts of the browser's half, run where they belong: in a browser."""

from typing import Any

import pytest
from playwright.sync_api import Page

from interactive_gym.netcode.game_loop import split_records
from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e


MEASURE = """
    const meter = new m.RttMeter(arg.pings, arg.threshold);
    let now = 0;
    for (const rtt of arg.rtts) {
      if (meter.isDone) break;
      const ping = meter.ping(now);
      if (rtt === null) { now += meter.timeoutMs; continue; }
      now += rtt;
      meter.pong(m.pongNonce(m.pongTo(ping.buffer).buffer), now);
    }
    return {samples: meter.samplesMs, lost: meter.lost, done: meter.isDone,
            timeout: meter.timeoutMs};
"""


def measure(page: Page, rtts: list[float | None], threshold: float | None = None) -> Any:
    argument = {"pings": 10, "threshold": threshold, "rtts": rtts}
    return run(page, "net/rtt_meter.js", MEASURE, argument)


def test_the_first_rtt_sample_is_left_out(page: Page) -> None:
    assert measure(page, [900, 40, 41])["samples"] == [40, 41]


def test_without_a_threshold_all_wanted_samples_are_taken(page: Page) -> None:
    assert len(measure(page, [40] * 20)["samples"]) == 10


def test_a_path_clearly_below_the_threshold_is_known_after_four_samples(page: Page) -> None:
    assert len(measure(page, [40] * 20, threshold=150)["samples"]) == 4


def test_a_path_clearly_above_the_threshold_is_known_after_four_samples(page: Page) -> None:
    assert len(measure(page, [400] * 20, threshold=150)["samples"]) == 4


def test_a_path_near_the_threshold_is_measured_to_the_end(page: Page) -> None:
    assert len(measure(page, [140] * 20, threshold=150)["samples"]) == 10


def test_one_sample_that_disagrees_keeps_the_measurement_going(page: Page) -> None:
    assert len(measure(page, [40, 40, 40, 40, 200, *[40] * 20], threshold=150)["samples"]) == 10


def test_a_lost_ping_is_counted_and_costs_no_sample(page: Page) -> None:
    result = measure(page, [40, 40, None, 40, *[40] * 20])
    assert (result["lost"], len(result["samples"])) == (1, 10)


def test_the_timeout_follows_the_median_but_not_below_100_ms(page: Page) -> None:
    assert measure(page, [])["timeout"] == 500
    assert measure(page, [10, 10, 10])["timeout"] == 100
    assert measure(page, [10, 200, 200])["timeout"] == 600


def test_a_late_pong_still_counts_but_calls_for_no_ping(page: Page) -> None:
    body = """
        const meter = new m.RttMeter(10, null);
        const answer = (ping, now) => meter.pong(m.pongNonce(m.pongTo(ping.buffer).buffer), now);
        answer(meter.ping(0), 50);
        const late = meter.ping(50);
        meter.ping(200);
        const due = answer(late, 450);
        return {due, samples: meter.samplesMs, lost: meter.lost};
    """
    assert run(page, "net/rtt_meter.js", body) == {"due": False, "samples": [400], "lost": 0}


def test_a_pong_that_answers_no_ping_or_answers_it_again_is_ignored(page: Page) -> None:
    body = """
        const meter = new m.RttMeter(10, null);
        const nonce = m.pongNonce(m.pongTo(meter.ping(0).buffer).buffer);
        meter.pong(nonce, 50);
        for (const other of [nonce, nonce + 1n, 0n]) meter.pong(other, 60);
        return meter.samplesMs;
    """
    assert run(page, "net/rtt_meter.js", body) == []


def test_the_next_pings_nonce_does_not_follow_from_those_before(page: Page) -> None:
    """Whoever could guess it would answer ahead of the ping, and make a long path read short."""
    body = """
        const meter = new m.RttMeter(1000, null);
        const nonceOf = (ping) => new DataView(ping.buffer).getBigUint64(2);
        const nonces = Array.from({length: 64}, () => nonceOf(meter.ping(0)));
        const steps = nonces.slice(1).map((nonce, i) => BigInt.asUintN(64, nonce - nonces[i]));
        const ones = (bit) => nonces.filter((nonce) => (nonce >> BigInt(bit)) & 1n).length;
        const stuck = Array.from({length: 64}, (_, bit) => ones(bit)).filter((n) => n % 64 === 0);
        return [new Set(nonces).size, new Set(steps).size, stuck.length];
    """
    assert run(page, "net/rtt_meter.js", body) == [64, 63, 0]


def test_a_round_trip_shorter_than_the_clocks_step_is_not_reported_as_zero(page: Page) -> None:
    assert measure(page, [0, 0])["samples"] == [0.1]


def test_datagrams_of_the_netcode_are_neither_ping_nor_pong(page: Page) -> None:
    body = """
        const told = [[0x47, 1], [0x47, 2], [0x50, 3]].map((head) => {
          const bytes = new Uint8Array([...head, 0, 0, 0, 0, 0, 0, 0, 1]).buffer;
          return [m.pongTo(bytes), m.pongNonce(bytes)];
        });
        return [...told, [m.pongTo(new ArrayBuffer(0)), m.pongNonce(new ArrayBuffer(4))]];
    """
    assert run(page, "net/rtt_meter.js", body) == [[None, None]] * 4


MAPPING = [
    {"keys": ["ArrowLeft"], "action": 1},
    {"keys": ["ArrowLeft", "ArrowUp"], "action": 2},
    {"keys": ["w"], "action": 3},
    {"keys": ["d", "ArrowUp"], "action": 4},
]
RECORD_ACTIONS = """
    window.actions = [];
    window.keyboard?.close();
    window.keyboard = new m.Keyboard(arg.mapping, 0, arg.mode, (a) => window.actions.push(a));
"""


def press(page: Page, mode: str, *steps: str) -> Any:
    """Press ``+key`` and release ``-key``; return the actions that followed."""
    run(page, "presence/keyboard.js", RECORD_ACTIONS, {"mapping": MAPPING, "mode": mode})
    for step in steps:
        (page.keyboard.down if step[0] == "+" else page.keyboard.up)(step[1:])
    return page.evaluate("window.actions")


def test_the_longest_matching_combination_wins(page: Page) -> None:
    steps = ("+ArrowLeft", "+ArrowUp", "-ArrowUp", "-ArrowLeft")
    assert press(page, "pressed_keys", *steps) == [1, 2, 1, 0]


@pytest.mark.parametrize(
    ("steps", "actions"),
    [
        (["+ArrowLeft", "+w", "-w", "-ArrowLeft"], [1, 3, 1, 0]),
        (["+w", "+ArrowLeft", "-ArrowLeft", "-w"], [3, 1, 3, 0]),
        (["+w", "+ArrowLeft", "-w", "-ArrowLeft"], [3, 1, 0]),
        (["+w", "+ArrowLeft", "-w", "+w", "-w", "-ArrowLeft"], [3, 1, 3, 1, 0]),
        (["+ArrowUp", "+w", "+ArrowLeft", "-w", "-ArrowUp", "-ArrowLeft"], [3, 2, 1, 0]),
        (["+ArrowLeft", "+ArrowUp", "+d", "-d", "-ArrowUp", "-ArrowLeft"], [1, 2, 4, 2, 1, 0]),
    ],
)
def test_the_key_pressed_last_wins_and_the_one_before_it_when_it_is_released(
    page: Page, steps: list[str], actions: list[int]
) -> None:
    assert press(page, "pressed_keys", *steps) == actions


def test_shift_changes_no_action_and_leaves_no_key_stuck(page: Page) -> None:
    assert press(page, "pressed_keys", "+w", "+Shift", "-W", "-Shift") == [3, 0]


NAMES_OF_KEYS = [
    # What the key gives, its place, and the key that it counts as.
    ("ц", "KeyW", "w"),
    ("Ц", "KeyW", "w"),
    ("ω", "KeyV", "v"),
    ("ㅈ", "KeyW", "w"),
    ("لا", "KeyB", "b"),
    ("١", "Digit1", "1"),
    ("Process", "KeyW", "w"),
    ("Unidentified", "KeyW", "w"),
    ("Dead", "KeyE", "e"),
    # Layouts of the Latin script stay as they are: AZERTY, Dvorak, Turkish, German.
    ("z", "KeyW", "z"),
    ("Z", "KeyW", "z"),
    ("é", "Digit2", "é"),
    ("&", "Digit1", "&"),
    (",", "KeyW", ","),
    ("ı", "KeyI", "ı"),
    ("ö", "Semicolon", "ö"),
    # Other keys have no such place.
    ("ArrowUp", "ArrowUp", "ArrowUp"),
    ("Process", "Space", "Process"),
    ("ж", "Semicolon", "ж"),
    ("Unidentified", "", "Unidentified"),
]


def test_a_letter_that_the_layout_does_not_have_is_the_key_in_its_place(page: Page) -> None:
    given = [{"key": key, "code": code} for key, code, _ in NAMES_OF_KEYS]
    names = run(page, "presence/keyboard.js", "return arg.map(m.nameOf);", given)
    assert names == [name for _, _, name in NAMES_OF_KEYS]


DISPATCH = """
    for (const [type, key, code] of arg) {
      window.dispatchEvent(new KeyboardEvent(type, { key, code }));
    }
    return window.actions;
"""


@pytest.mark.parametrize("key", ["ц", "Process", "Unidentified", "w", "W"])
def test_a_key_of_any_layout_or_input_method_acts_and_is_released(page: Page, key: str) -> None:
    press(page, "pressed_keys")
    pressed = [("keydown", key, "KeyW"), ("keyup", key, "KeyW")]
    assert run(page, "presence/keyboard.js", DISPATCH, pressed) == [3, 0]


def test_a_mapped_key_of_another_script_counts_as_itself(page: Page) -> None:
    mapping = [{"keys": ["ц"], "action": 5}, {"keys": ["w"], "action": 3}]
    run(page, "presence/keyboard.js", RECORD_ACTIONS, {"mapping": mapping, "mode": "pressed_keys"})
    pressed = [("keydown", "ц", "KeyW"), ("keyup", "ц", "KeyW")]
    assert run(page, "presence/keyboard.js", DISPATCH, pressed) == [5, 0]


def test_on_another_latin_layout_the_key_in_the_place_does_nothing(page: Page) -> None:
    press(page, "pressed_keys")
    pressed = [("keydown", "z", "KeyW"), ("keyup", "z", "KeyW")]
    assert run(page, "presence/keyboard.js", DISPATCH, pressed) == []


def test_keys_are_released_when_the_page_loses_the_focus(page: Page) -> None:
    press(page, "pressed_keys", "+ArrowLeft")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert page.evaluate("window.actions") == [1, 0]
    page.keyboard.up("ArrowLeft")


def test_a_single_keystroke_is_one_action_however_long_it_is_held(page: Page) -> None:
    steps = ("+ArrowLeft", "+ArrowLeft", "-ArrowLeft")
    assert press(page, "single_keystroke", *steps) == [1, 0]


def test_arrow_keys_do_not_scroll_while_the_keyboard_plays(page: Page) -> None:
    page.evaluate("document.body.style.height = '5000px'")
    press(page, "pressed_keys", "+ArrowDown", "-ArrowDown", "+ArrowLeft", "-ArrowLeft")
    assert page.evaluate("window.scrollY") == 0


UPLOAD = """
    const sent = [];
    const connection = { request(event, payload) {
      sent.push([payload.first_frame, payload.rows.length, payload.digest]);
      const reply = arg.replies.shift();
      return reply === null ? Promise.reject(new Error("lost")) : Promise.resolve(reply);
    }};
    const due = [];
    const timers = { after(_ms, callback) { due.push(callback); return () => {}; } };
    const uploader = new m.Uploader(connection, timers, { game_id: "game" }, 2);
    for (const [first, frames, digest] of arg.chunks) {
      uploader.add(["frame"], first, Array(2 * frames).fill("row"), digest);
    }
    for (let i = 0; i < arg.rounds; i++) {
      due.shift()();
      await new Promise((resolve) => setTimeout(resolve));
    }
    return {sent, frames: uploader.frames, digest: uploader.digest};
"""


def upload(
    page: Page, chunks: list[tuple[int, int, str]], replies: list[Any], rounds: int = 1
) -> Any:
    argument = {"chunks": chunks, "replies": replies, "rounds": rounds}
    return run(page, "game/uploader.js", UPLOAD, argument)


CHUNKS = [(0, 2, "a"), (2, 1, "b"), (3, 3, "c")]


def test_once_the_server_has_answered_rows_go_out_in_one_batch_with_the_last_digest(
    page: Page,
) -> None:
    result = upload(page, CHUNKS, [{"next_frame": 2}, {"next_frame": 6}])
    assert result == {"sent": [[0, 4, "a"], [2, 8, "c"]], "frames": 6, "digest": "c"}


def test_rows_without_an_acknowledgement_are_sent_again(page: Page) -> None:
    replies = [{"next_frame": 2}, None, {"next_frame": 6}]
    assert upload(page, CHUNKS, replies, rounds=3)["sent"] == [
        [0, 4, "a"],
        [2, 8, "c"],
        [2, 8, "c"],
    ]


def test_rows_are_resumed_from_the_frame_the_server_expects(page: Page) -> None:
    replies = [{"next_frame": 2}, {"next_frame": 4}, {"next_frame": 6}]
    assert upload(page, CHUNKS, replies, rounds=2)["sent"][-2:] == [[2, 8, "c"], [4, 4, "c"]]


def test_after_a_reload_the_rows_that_the_server_has_are_not_sent(page: Page) -> None:
    replies = [{"next_frame": 5}, {"next_frame": 6}]
    assert upload(page, CHUNKS, replies)["sent"] == [[0, 4, "a"], [5, 2, "c"]]


BACKLOG = """
    const sent = [];
    const connection = { request(_event, payload) {
      sent.push([payload.rows.length, JSON.stringify(payload).length]);
      const frames = payload.rows.length / 2;
      return Promise.resolve({ next_frame: payload.first_frame + frames });
    }};
    const due = [];
    const timers = { after(_ms, callback) { due.push(callback); return () => {}; } };
    const uploader = new m.Uploader(connection, timers, { game_id: "game" }, 2);
    for (let frame = 0; frame < arg.frames; frame++) {
      uploader.add(["frame"], frame, Array(2).fill(arg.cell.repeat(arg.chars)), "d");
    }
    for (let i = 0; i < 40; i++) {
      due.shift()();
      await new Promise((resolve) => setTimeout(resolve));
    }
    return sent;
"""


@pytest.mark.parametrize(
    ("cell", "chars", "frames"),
    [("x", 1800, 400), ("é", 1800, 200), ('"', 2000, 200), ("x", 9, 9000)],
)
def test_a_backlog_of_any_rows_is_sent_in_pieces_that_the_socket_takes(
    page: Page, cell: str, chars: int, frames: int
) -> None:
    argument = {"cell": cell, "chars": chars, "frames": frames}
    sent = run(page, "game/uploader.js", BACKLOG, argument)
    assert sum(rows for rows, _ in sent) == 2 * frames
    assert max(rows for rows, _ in sent) <= 2000
    assert max(size for _, size in sent) < 300_000
    # Not one by one, either.
    assert len(sent) < 15


HELD = """
    const delays = [], due = [];
    let attempts = 0, ended = null, held = 0;
    const connection = { request(_event, payload) {
      attempts += 1;
      return Promise.resolve(arg.replies[Math.min(attempts, arg.replies.length) - 1]);
    }};
    const timers = { after(ms, callback) {
      const entry = [ms, callback];
      due.push(entry);
      return () => { const at = due.indexOf(entry); if (at >= 0) due.splice(at, 1); };
    }};
    const uploader = new m.Uploader(connection, timers, { game_id: "game" }, 1);
    uploader.onHeld = () => { held += 1; };
    uploader.add(["frame"], 0, ["row"], "d");
    uploader.flush().then(() => { ended = attempts; });
    await new Promise((resolve) => setTimeout(resolve));
    if (arg.finishes) uploader.finish();
    for (let i = 0; i < arg.rounds && due.length > 0; i++) {
      const [ms, callback] = due.shift();
      delays.push(ms);
      callback();
      await new Promise((resolve) => setTimeout(resolve));
    }
    return {attempts, ended, held, delays, isOpen: due.length > 0};
"""


def held(page: Page, replies: list[Any], rounds: int, *, finishes: bool = False) -> Any:
    argument = {"replies": replies, "rounds": rounds, "finishes": finishes}
    return run(page, "game/uploader.js", HELD, argument)


def test_a_server_that_cannot_save_is_asked_less_and_less_often_and_for_ever(page: Page) -> None:
    told = held(page, [{"next_frame": 0}], rounds=200)
    assert told["delays"][:6] == [1000, 2000, 4000, 8000, 10_000, 10_000]
    assert (told["attempts"], told["held"]) == (201, 201)
    # After a minute the end of the game does not wait any more: 0.5+1+2+4+8+10+… s.
    assert told["ended"] == 11


@pytest.mark.parametrize("finishes", [False, True])
def test_once_there_is_room_again_everything_is_saved(page: Page, finishes: bool) -> None:
    replies = [*[{"next_frame": 0}] * 30, {"next_frame": 1}]
    told = held(page, replies, rounds=40, finishes=finishes)
    assert told["attempts"] == 31
    assert told["isOpen"] is not finishes
    assert told["delays"][30:] == ([] if finishes else [500] * 10)


def test_an_ended_game_offers_refused_rows_for_some_time_only(page: Page) -> None:
    told = held(page, [None], rounds=100, finishes=True)
    assert (told["attempts"], told["isOpen"]) == (20, False)


def test_what_is_too_large_for_a_message_alone_is_still_sent(page: Page) -> None:
    body = """
        const big = {bytes: 9_000_000, rows: 1};
        const small = {bytes: 100, rows: 1};
        return [[], [big], [big, small], [small, big], [small, small]].map(
          (waiting) => m.batchLength(waiting, 100));
    """
    assert run(page, "game/batches.js", body) == [0, 1, 1, 1, 2]


@pytest.mark.parametrize(("answer", "gives_up"), [({}, True), (None, False)])
def test_a_server_that_answers_and_takes_nothing_is_not_waited_for_without_end(
    page: Page, answer: dict[str, int] | None, gives_up: bool
) -> None:
    body = UPLOAD.replace(
        "for (let i", "uploader.flush().then(() => sent.push('end'));\n for (let i"
    )
    argument = {"chunks": CHUNKS, "replies": [answer] * 30, "rounds": 25}
    sent = run(page, "game/uploader.js", body, argument)["sent"]
    assert (sent.index("end") if "end" in sent else None) == (21 if gives_up else None)
    assert sent[-1] == [0, 4, "a"]


SAMPLE = """
    const sampler = new m.ActionSampler(0);
    return arg.map((actions) => {
      for (const action of actions) sampler.set(action, false);
      const { action } = sampler;
      sampler.consume();
      return action;
    });
"""


@pytest.mark.parametrize(
    ("between_ticks", "sampled"),
    [
        ([[3, 0], []], [3, 0]),
        ([[1], [], [2], [0]], [1, 1, 2, 0]),
        ([[1], [5, 1], []], [1, 5, 1]),
        ([[1, 5, 1], [], [0]], [5, 1, 0]),
        ([[1], [2], [1]], [1, 2, 1]),
        ([[1, 2], []], [2, 2]),
        ([[1, 4, 1, 0], []], [4, 0]),
        ([[5], [0, 5], []], [5, 0, 5]),
        ([[1, 0, 2, 0], []], [2, 0]),
    ],
)
def test_a_key_tapped_between_two_ticks_counts_for_one_whatever_else_is_held(
    page: Page, between_ticks: list[list[int]], sampled: list[int]
) -> None:
    assert run(page, "engine/tick_input.js", SAMPLE, between_ticks) == sampled


def test_a_held_key_goes_on_and_a_hidden_page_forgets_a_tap(page: Page) -> None:
    body = """
        const sampler = new m.ActionSampler(0);
        sampler.set(3, false);
        sampler.consume();
        const held = sampler.action;
        sampler.set(0, true);
        return [held, sampler.action, sampler.hidden];
    """
    assert run(page, "engine/tick_input.js", body) == [3, 0, True]


def test_datagrams_are_handed_over_as_the_game_loop_reads_them(page: Page) -> None:
    body = """
        const queue = new m.PacketQueue();
        queue.push(1, new Uint8Array([7, 8]).buffer);
        queue.push(2, new Uint8Array(300).buffer);
        const records = queue.take();
        return [[...records], queue.take() === undefined];
    """
    records, is_empty = run(page, "engine/tick_input.js", body)
    assert list(split_records(bytes(records))) == [(1, b"\x07\x08"), (2, bytes(300))]
    assert is_empty


def ticks(page: Page, *, stall_ms: float, postpone_ms: float = 0) -> Any:
    """Run a ticker of 10 ms on a clock of its own, stalled once; return when it called back."""
    body = """
        let now = 0, due = [];
        const { setTimeout: realSetTimeout } = window;
        const realNow = performance.now;
        window.setTimeout = (callback, delay) => { due.push([now + delay, callback]); };
        performance.now = () => now;
        try {
          const calls = [];
          const ticker = new m.Ticker(10, () => {
            calls.push(now);
            if (calls.length === 2) now += arg.stall;
            return calls.length === 1 ? arg.postpone : 0;
          });
          ticker.start(5);
          while (calls.length < 12) {
            const [at, callback] = due.shift();
            now = Math.max(now, at);
            callback();
          }
          ticker.stop();
          return calls;
        } finally {
          window.setTimeout = realSetTimeout;
          performance.now = realNow;
        }
    """
    return run(page, "engine/ticker.js", body, {"stall": stall_ms, "postpone": postpone_ms})


def test_the_ticker_keeps_its_rate_after_the_first_delay(page: Page) -> None:
    assert ticks(page, stall_ms=0) == [5 + 10 * i for i in range(12)]


def test_a_short_stall_is_caught_up(page: Page) -> None:
    assert ticks(page, stall_ms=22)[-1] == 115


def test_a_long_stall_is_followed_by_a_few_ticks_at_once_and_no_burst(page: Page) -> None:
    calls = ticks(page, stall_ms=1000)
    assert calls[2:6] == [1015] * 4
    assert calls[6] == 1025


def test_the_ticker_waits_longer_when_the_callback_asks_for_it(page: Page) -> None:
    assert ticks(page, stall_ms=0, postpone_ms=4)[:3] == [5, 19, 29]


@pytest.mark.parametrize(
    ("rtt_ms", "silence_ms", "text"),
    [
        (42.4, 10, "good · 42 ms"),
        (150, 10, "fair · 150 ms"),
        (300, 10, "poor · 300 ms"),
        (None, 10, "measuring"),
        (42, 600, "no answer"),
    ],
)
def test_the_connection_is_put_into_words(
    page: Page, rtt_ms: float | None, silence_ms: float, text: str
) -> None:
    argument = {"peers": [{"silence_ms": silence_ms}], "rtt": rtt_ms}
    body = "return m.linkQuality(arg.peers, arg.rtt).text"
    assert run(page, "game/link_quality.js", body, argument) == text


@pytest.mark.parametrize(
    ("group_size", "texts"),
    [
        (2, ["Looking for a partner", "Checking the connection to your partner…"]),
        (3, ["Looking for partners", "Checking the connection to your partners…"]),
    ],
)
def test_sentences_about_partners_fit_the_size_of_the_group(
    page: Page, group_size: int, texts: list[str]
) -> None:
    argument = {
        "texts": ["Looking for a partner", "Checking the connection to your partner…"],
        "size": group_size,
    }
    body = "return arg.texts.map((text) => m.forGroup(text, arg.size))"
    assert run(page, "pages/wording.js", body, argument) == texts


def test_a_limit_below_a_minute_is_told_in_seconds(page: Page) -> None:
    body = "return arg.map(m.inWords)"
    told = run(page, "pages/wording.js", body, [15_000, 59_999, 60_000, 60_001])
    assert told == ["15 seconds", "60 seconds", "1 minute", "2 minutes"]


def test_waiting_time_is_told_in_minutes_and_seconds(page: Page) -> None:
    body = "return arg.map(m.minutesAndSeconds)"
    told = run(page, "pages/wording.js", body, [-5, 999, 65_000, 3_600_000])
    assert told == ["0:00", "0:00", "1:05", "60:00"]


def test_rounds_are_counted_only_where_there_are_several(page: Page) -> None:
    body = "return [m.roundOf(0, 1), m.roundOf(1, 3)]"
    assert run(page, "pages/wording.js", body) == ["", "Round 2 of 3"]


def test_an_agent_whose_name_is_a_number_is_called_by_its_seat(page: Page) -> None:
    body = "return arg.map((agent) => m.playerName(agent, 1))"
    names = run(page, "pages/wording.js", body, ["left", "7", 7, ""])
    assert names == ["left", "player 2", "player 2", "player 2"]
