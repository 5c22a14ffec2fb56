"""What a page keeps of a game until the server has it, and how it is sent."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e

SERVER = """
    const wait = () => new Promise((resolve) => setTimeout(resolve));
    const due = [];
    const timers = { after(ms, callback) {
      const entry = [ms, callback];
      due.push(entry);
      return () => { const at = due.indexOf(entry); if (at >= 0) due.splice(at, 1); };
    }};
    /** Let all timers that are due end, and what follows on them. */
    const pass = async () => {
      await wait();
      for (const [, callback] of due.splice(0)) callback();
      for (let i = 0; i < 20; i++) await wait();
    };
    /** A server that takes everything in order, unless it is away. */
    const server = { isAway: false, frames: {}, next: {}, sent: [], told: [] };
    const connection = {
      get isConnected() { return !server.isAway; },
      token: "the token",
      async request(event, payload) {
        if (server.isAway) throw new Error("not connected");
        server.sent.push([event, payload]);
        if (server.refuses) return null;
        if (event === "game_finished") return {};
        if (event === "game_frames") {
          const rows = (server.frames[payload.game_id] ??= []);
          if (payload.first_frame === rows.length) rows.push(...payload.rows);
          return { next_frame: rows.length };
        }
        const items = payload.events ?? payload.rows;
        const known = server.next[event] ?? 0;
        if (payload.first <= known) server.told.push(...items.slice(known - payload.first));
        server.next[event] = Math.max(known, payload.first + items.length);
        if (payload.first > known) server.next[event] = known;
        return { next: server.next[event] };
      },
    };
"""
"""A server and timers of the test's own."""

REPORTS = """
    const page = { game_id: "g", incarnation: 2 };
    const options = { connection, timers, event: "game_events", field: "events", page };
    const reports = new m.Reports(options);
"""


def reports(page: Page, body: str, argument: Any = None) -> Any:
    return run(page, "game/reports.js", SERVER + REPORTS + body, argument)


def test_reports_are_sent_at_once_numbered_and_with_their_age(page: Page) -> None:
    first, second = reports(
        page,
        """
        reports.add({ kind: "hidden" });
        await wait();
        reports.add({ kind: "visible" }, { kind: "stall" });
        await wait();
        return server.sent;
        """,
    )
    event, payload = first
    ages = [told.pop("age_ms") for _, sent in (first, second) for told in sent["events"]]
    assert all(0 <= age < 1000 for age in ages)
    assert event == "game_events"
    told = {"game_id": "g", "incarnation": 2}
    assert payload == {**told, "first": 0, "events": [{"kind": "hidden"}]}
    assert second[1] == {**told, "first": 1, "events": [{"kind": "visible"}, {"kind": "stall"}]}


def test_what_is_told_while_the_server_is_away_comes_with_its_age_once_it_is_back(
    page: Page,
) -> None:
    told = reports(
        page,
        """
        server.isAway = true;
        reports.add({ kind: "hidden" });
        await new Promise((resolve) => setTimeout(resolve, 120));
        reports.add({ kind: "visible" });
        await pass();
        server.isAway = false;
        const before = [reports.isAllKnown, reports.unknown().length];
        await pass();
        return [before, server.told, reports.isAllKnown];
        """,
    )
    before, (hidden, visible), is_all_known = told
    assert before == [False, 2]
    assert is_all_known is True
    assert hidden["age_ms"] >= visible["age_ms"] + 100


def test_however_much_is_told_while_the_server_is_away_it_is_tried_once_a_second(
    page: Page,
) -> None:
    waiting = reports(
        page,
        """
        server.isAway = true;
        for (let i = 0; i < 50; i++) { reports.add({ i }); await wait(); }
        return due.map(([ms]) => ms);
        """,
    )
    assert waiting == [1000]


def test_of_many_reports_so_many_go_at_once_and_none_is_lost(page: Page) -> None:
    sizes, told = reports(
        page,
        """
        server.isAway = true;
        for (let i = 0; i < 200; i++) reports.add({ i });
        server.isAway = false;
        await pass();
        const sizes = server.sent.map(([, { events }]) => events.length);
        return [sizes, server.told.map(({ i }) => i)];
        """,
    )
    assert sizes == [64, 64, 64, 8]
    assert told == list(range(200))


def test_a_server_that_has_lost_reports_gets_them_again(page: Page) -> None:
    told = reports(
        page,
        """
        for (let i = 0; i < 5; i++) { reports.add({ i }); await wait(); }
        server.next.game_events = 3;
        server.told.length = 3;
        reports.add({ i: 5 });
        await pass();
        return server.told.map(({ i }) => i);
        """,
    )
    assert told == [0, 1, 2, 3, 4, 5]


def test_a_server_that_refuses_is_left_alone_in_the_end(page: Page) -> None:
    delays = reports(
        page,
        """
        server.refuses = true;
        reports.add({ kind: "hidden" });
        await wait();
        const delays = [];
        while (due.length > 0 && delays.length < 50) { delays.push(due[0][0]); await pass(); }
        return delays;
        """,
    )
    assert delays[:5] == [1000, 2000, 4000, 8000, 10_000]
    assert len(delays) == 20


KEEPING = """
    const { KeptGames } = await import("/static/js/game/kept_games.js");
    const { Uploader } = await import("/static/js/game/uploader.js");
    const { Ending } = await import("/static/js/game/ending.js");
    const { Reports } = await import("/static/js/game/reports.js");
    const { Keeper } = await import("/static/js/game/keeper.js");
    const { LateUploads } = await import("/static/js/game/late_uploads.js");
    const keptGames = new KeptGames();
    for (const { game } of await keptGames.all()) await keptGames.drop(game.game_id);
    /** A game on this page. */
    const play = (game_id) => {
      const page = { game_id, incarnation: 0 };
      const uploader = new Uploader(connection, timers, { game_id }, 1);
      const ending = new Ending({ game_id }, uploader, connection, timers);
      const told = { connection, timers, page };
      const events = new Reports({ ...told, event: "game_events", field: "events" });
      const network = new Reports({ ...told, event: "game_network", field: "rows" });
      const game = { ...page, token: connection.token, rows_per_frame: 1 };
      const keeper = new Keeper({ keptGames, timers, game, uploader, ending, events, network });
      let frame = 0;
      const rows = (count) => {
        for (let i = 0; i < count; i++) {
          uploader.add(["frame"], frame, [`row ${frame}`], `digest ${frame}`);
          frame += 1;
        }
      };
      return { uploader, ending, events, network, keeper, rows };
    };
    const kept = async () => {
      // The database works on in its own time.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return keptGames.all();
    };
"""


def keeping(page: Page, body: str) -> Any:
    return run(page, "game/kept_games.js", SERVER + KEEPING + body)


def test_while_the_server_answers_nothing_is_kept(page: Page) -> None:
    assert keeping(
        page,
        """
            const game = play("g");
            for (let i = 0; i < 5; i++) {
              game.rows(3);
              game.events.add({ kind: "stall" });
              await pass();
            }
            return [await kept(), server.frames.g.length];
            """,
    ) == [[], 15]


def test_what_waits_is_kept_and_dropped_once_the_server_has_it(page: Page) -> None:
    first, second, third = keeping(
        page,
        """
        const game = play("g");
        game.rows(3);
        await pass();
        server.isAway = true;
        game.rows(2);
        game.events.add({ kind: "stall" });
        for (let i = 0; i < 4; i++) await pass();
        const first = await kept();
        game.rows(4);
        game.ending.report("completed");
        for (let i = 0; i < 4; i++) { await pass(); await kept(); }
        const second = await kept();
        server.isAway = false;
        for (let i = 0; i < 6; i++) { await pass(); await kept(); }
        return [first, second, await kept()];
        """,
    )
    (game,) = first
    assert [chunk["firstFrame"] for chunk in game["chunks"]] == [3, 4]
    assert game["game"]["token"] == "the token"
    assert game["game"]["reason"] is None
    assert [it["content"] for it in game["game"]["events"]["reports"]] == [{"kind": "stall"}]
    (game,) = second
    assert [chunk["firstFrame"] for chunk in game["chunks"]] == list(range(3, 9))
    assert (game["game"]["frames"], game["game"]["digest"]) == (9, "digest 8")
    assert game["game"]["reason"] == "completed"
    assert third == []


LATE = """
    const game = play("g");
    game.rows(3);
    game.events.add({ kind: "hidden" });
    for (let i = 0; i < 3; i++) await pass();
    server.isAway = true;
    game.rows(4);
    game.events.add({ kind: "visible" });
    game.network.add({ frame: 7 });
    game.ending.report("completed");
    for (let i = 0; i < 4; i++) { await pass(); await kept(); }
    // The page is closed, and another one opened.
    due.length = 0;
    server.sent.length = 0;
    server.isAway = false;
    new LateUploads(connection, timers, keptGames).send();
    await kept();
"""


def test_a_later_page_sends_what_was_kept_in_the_name_of_who_played(page: Page) -> None:
    sent, frames, told, left = keeping(
        page,
        f"""{LATE}
        for (let i = 0; i < 6; i++) {{ await pass(); await kept(); }}
        return [server.sent, server.frames.g, server.told, await kept()];
        """,
    )
    assert frames == [f"row {frame}" for frame in range(7)]
    assert {payload["token"] for _, payload in sent} == {"the token"}
    assert [payload["first"] for event, payload in sent if event == "game_events"] == [1]
    assert [it.get("kind", it.get("frame")) for it in told] == ["hidden", "visible", 7]
    (finished,) = [payload for event, payload in sent if event == "game_finished"]
    assert finished == {
        "game_id": "g",
        "incarnation": 0,
        "token": "the token",
        "reason": "completed",
        "frames": 7,
        "digest": "digest 6",
    }
    assert left == []


def test_what_the_server_refuses_stays_in_the_browser(page: Page) -> None:
    refusing = LATE.replace("isAway = false", "isAway = false, server.refuses = true")
    body = f"""{refusing}
        for (let i = 0; i < 30; i++) {{ await pass(); await wait(); }}
        return (await kept()).length;
    """
    assert keeping(page, body) == 1


def test_what_is_older_than_a_month_is_given_up(page: Page) -> None:
    left = keeping(
        page,
        """
        const day = 24 * 3_600_000;
        for (const days of [29, 31]) {
          const game = { game_id: `${days}`, kept_at_ms: Date.now() - days * day };
          await keptGames.keep(game, [{ firstFrame: 0, rows: [], digest: "", bytes: 0 }]);
        }
        await kept();
        return (await kept()).map(({ game }) => game.game_id);
        """,
    )
    assert left == ["29"]


def test_a_browser_that_keeps_nothing_plays_all_the_same(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new Error(); } })"
    )
    page.reload()
    body = """
        server.isAway = true;
        const game = play("g");
        game.rows(3);
        for (let i = 0; i < 4; i++) await pass();
        server.isAway = false;
        for (let i = 0; i < 4; i++) await pass();
        return [await kept(), server.frames.g.length];
    """
    assert keeping(page, body) == [[], 3]
