"""What must always hold of running games, whatever participants and their pages do.

The real GameManager is driven through random days: pages reload, lose their socket, fall silent,
report each other as lost, quit, finish, lie and come back. Every step is checked, and at the end of
a day everybody either finishes or is gone, and nothing may be left over.

For a long run multiply the days:

    GAME_DAYS=50 pytest tests/server/test_game_invariants.py
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from interactive_gym.server.games.dead_links import REPORT_LASTS_S
from interactive_gym.server.games.remote_game import (
    FINISH_GRACE_S,
    LATE_FRAMES_S,
    OUTAGE_TIMEOUT_S,
    Cut,
)
from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.browser_events import events
from tests.support.exploration import explore
from tests.support.matching_fakes import FakeScene, FakeStore, World

PEOPLE = [f"p{number}" for number in range(6)]
IDLE, WAITING, PLAYING, ENDED = ParticipantState
people = st.sampled_from(PEOPLE)
seats = st.sampled_from([0, 1, 2, 3, 3, -1, True, "0", None])


class GamesMachine(RuleBasedStateMachine):
    """People play around a real GameManager, in groups that need no probe."""

    world: World

    def __init__(self, explored: Counter[str]) -> None:
        super().__init__()
        self.explored = explored

    @initialize(
        size=st.sampled_from([1, 2, 2, 3, 4]),
        on_cut=st.sampled_from(["end", "neutral"]),
        way_on=st.sampled_from(["next_scene", "waitroom", "exit"]),
        everybody_finishes=st.booleans(),
    )
    def open_the_scene(self, size: int, on_cut: str, way_on: Any, everybody_finishes: bool) -> None:
        self.everybody_finishes = everybody_finishes
        self.store = FakeStore()
        self.exits: list[str] = []
        self.world = World(
            scene=FakeScene(
                human_agents=tuple(f"agent{seat}" for seat in range(size)),
                on_cut=on_cut,
                partner_loss_way_on=way_on,
            ),
            data_store=self.store,
            log_participant=lambda event, who, **_: self.exits.extend([who] * (event == "exited")),
        )
        self.manager = self.world.manager
        self.games = self.manager._games
        for who in PEOPLE[:size]:
            self.manager.join(who)

    @rule(who=people)
    def join(self, who: str) -> None:
        self.manager.join(who)

    @rule()
    def all_are_ready(self) -> None:
        for who in PEOPLE:
            self.world.say(who, "ready")

    @rule()
    def all_play_who_can(self) -> None:
        for who in PEOPLE:
            self.come_back(who)
            self.manager.join(who)
        self.all_are_ready()

    @rule(who=people)
    def be_ready(self, who: str) -> None:
        self.world.say(who, "ready")

    @rule(who=people)
    def lose_connection(self, who: str) -> None:
        self.manager.handle_disconnect(who)

    @rule(who=people)
    def play_on_without_the_server(self, who: str) -> None:
        """The partners of somebody who is away still hear them."""
        before = self.world.players().get(who)
        self.world.still_heard.add(who)
        self.manager.handle_disconnect(who)
        self.pass_time(9.0)
        self.world.still_heard.discard(who)
        if before is not None:
            seat = before.subject_ids.index(who)
            assert Cut(seat, "disconnected") not in before.cuts

    @rule(who=people)
    def come_back(self, who: str) -> None:
        before = len(self.world.sio.emitted)
        self.manager.handle_reconnect(who)
        self.manager.resync(who)
        self.check_what_a_new_connection_hears(who, before)

    @rule(who=people, goes_on=st.sampled_from(["waits", "joins", "is ready", "resumes"]))
    def reload(self, who: str, goes_on: str) -> None:
        before = len(self.world.sio.emitted)
        self.manager.handle_reload(who)
        self.manager.resync(who)
        self.check_what_a_new_connection_hears(who, before)
        if self.manager.states.state_of(who) is PLAYING:
            assert "game_resumable" in self.heard(who, before)
            if goes_on != "waits":
                self.manager.join(who)
            if goes_on in ("is ready", "resumes"):
                self.world.say(who, "ready")
            if goes_on == "resumes":
                self.world.say(who, "resumed", frame=5)

    def heard(self, who: str, since: int) -> list[str]:
        return [event for to, event, _ in self.world.sio.emitted[since:] if to == who]

    def check_what_a_new_connection_hears(self, who: str, since: int) -> None:
        if self.manager.states.state_of(who) is ENDED:
            assert "game_ended" in self.heard(who, since)

    @rule(who=people)
    def leave(self, who: str) -> None:
        # Who has left through the exit is gone, and does not come back as somebody new.
        if who not in self.exits:
            self.manager.leave(who, "left")

    @rule(who=people)
    def not_answer_in_the_waitroom(self, who: str) -> None:
        self.manager.leave_waitroom(who)

    @rule(who=people)
    def move_on(self, who: str) -> None:
        if self.manager.outcome_of(who) is not None:
            self.manager.forget(who)

    @rule(who=people, seat=seats)
    def hear_nothing(self, who: str, seat: Any) -> None:
        self.world.say(who, "peer_lost", seat=seat)

    @rule(who=people, reason=st.sampled_from(["hidden", "idle", "disconnected", None]))
    def quit(self, who: str, reason: Any) -> None:
        self.world.say(who, "quit", reason=reason)

    @precondition(lambda self: self.world.players())
    @rule(data=st.data(), how=st.sampled_from(["hidden", "idle", "stays away"]))
    def lose_a_player(self, data: st.DataObject, how: str) -> None:
        who = data.draw(st.sampled_from(sorted(self.world.players())))
        if how == "stays away":
            self.lose_connection(who)
            self.pass_time(9.0)
        else:
            self.world.say(who, "quit", reason=how)

    @precondition(lambda self: self.world.linked())
    @rule(data=st.data())
    def claim_the_end(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.world.linked())))
        self.world.say(who, "finished", reason="completed", frames=0, digest="")
        self.pass_time(11.0)

    @precondition(lambda self: self.world.linked())
    @rule(data=st.data())
    def lose_links(self, data: st.DataObject) -> None:
        self.world.report_lost(data.draw(st.sampled_from(sorted(self.world.linked()))))
        self.pass_time(1.0)

    @precondition(lambda self: self.world.linked())
    @rule(data=st.data())
    def lie_about_a_link(self, data: st.DataObject) -> None:
        liar = data.draw(st.sampled_from(sorted(self.world.linked())))
        # So that nobody else has just said the same.
        self.pass_time(REPORT_LASTS_S + 0.5)
        game = self.world.players().get(liar)
        if game is None:  # It ended meanwhile.
            return
        seat = data.draw(st.sampled_from([s.seat for s in game.seats if s.subject_id != liar]))
        others = [s.subject_id for s in game.remaining if s.subject_id != liar]
        for _ in range(12):
            self.world.say(liar, "peer_lost", seat=seat)
            self.pass_time(1.0)
        for who in others:
            for told in self.world.sio.to(who, "game_ended"):
                if told["game_id"] == game.game_id:
                    assert told["reason"] != "connection_lost"

    @rule(who=people, frame=st.sampled_from([7, -1, None]))
    def resume(self, who: str, frame: Any) -> None:
        self.world.say(who, "resumed", frame=frame)

    @rule(
        who=people,
        reason=st.sampled_from(["completed", "partner_lost", "engine_error", "desync", "won"]),
    )
    def finish(self, who: str, reason: str) -> None:
        self.world.say(who, "finished", reason=reason, frames=3, digest="d")

    @rule(who=people)
    def find_a_desync(self, who: str) -> None:
        detail = {"frame": 8, "seat": 0, "part": "state"}
        event = {"kind": "desync", "frame": 8, "detail": detail}
        self.world.say(who, "events", **events(event))

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 9.0, 31.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(fails=st.sampled_from([False, False, True]))
    def disk(self, fails: bool) -> None:
        self.store.fails = fails

    @invariant()
    def everybody_is_in_exactly_one_place(self) -> None:
        waiting = set(self.manager._waitroom.everybody())
        playing = self.world.playing()
        assert not playing or max(playing.values()) == 1
        for who in PEOPLE:
            state = self.manager.states.state_of(who)
            assert (state is WAITING) == (who in waiting), who
            assert (state is PLAYING) == (who in playing) == (who in self.games._game_of), who

    @invariant()
    def nothing_is_remembered_of_ended_games_but_what_is_still_to_be_told(self) -> None:
        for open_game in self.games._game_of.values():
            assert open_game.game.game_id in self.games._open
            assert open_game.game.end_reason is None
        for who, ended in self.manager._endings._ended.items():
            state = self.manager.states.state_of(who)
            assert state is ENDED or (state is IDLE and ended["reason"] == "start_timeout")

    @invariant()
    def an_end_is_told_and_never_in_two_ways(self) -> None:
        for who in PEOPLE:
            told: dict[str, dict[str, Any]] = {}
            for payload in self.world.sio.to(who, "game_ended"):
                assert told.setdefault(payload["game_id"], payload) == payload
            if self.manager.states.state_of(who) is ENDED:
                assert self.world.game_id(who) in told

    @invariant()
    def who_stays_in_a_game_knows_who_was_cut(self) -> None:
        for open_game in self.games._open.values():
            game = open_game.game
            for seat in game.remaining if game.end_reason is None else ():
                if not game.is_new_page(seat.subject_id):
                    told = {
                        (cut["seat"], cut["reason"])
                        for cut in self.world.sio.to(seat.subject_id, "game_cut")
                        if cut["game_id"] == game.game_id
                    }
                    assert {(gone.seat, gone.reason) for gone in game.departures} == told

    @invariant()
    def no_page_is_invited_twice_with_one_incarnation_into_two_games(self) -> None:
        for who in PEOPLE:
            payloads = self.world.sio.to(who, "game_created")
            seen: dict[str, int] = {}
            for payload in payloads:
                incarnation = payload["game"].get("incarnation", 0)
                assert incarnation in (
                    seen.get(payload["game_id"], incarnation - 1) + 1,
                    seen.get(payload["game_id"]),
                )
                seen[payload["game_id"]] = incarnation

    @invariant()
    def nobody_exits_twice(self) -> None:
        assert not self.exits or max(Counter(self.exits).values()) == 1

    @invariant()
    def nothing_is_left_undone(self) -> None:
        assert not self.manager._outbox._queue
        assert self.manager._outbox._depth == 0

    def teardown(self) -> None:
        """Let the day end: every game ends, and every record is closed, once."""
        if not hasattr(self, "world"):
            return
        self.explored.update(self.store.tally())
        if self.everybody_finishes:
            self.let_everybody_finish()
            assert PLAYING not in map(self.manager.states.state_of, PEOPLE)
        for who in PEOPLE:
            self.manager.handle_disconnect(who)
        self.store.fails = False
        self.world.pass_time(OUTAGE_TIMEOUT_S + FINISH_GRACE_S, tick_s=5.0)
        self.world.pass_time(LATE_FRAMES_S + 30.0)
        assert self.games._open == {}
        assert self.games._game_of == {}
        for record in self.store.records:
            assert [call[0] for call in record.calls].count("close") == 1
        matched = [line["game_id"] for line in self.world.ledger.of("matched")]
        ended = [line["game_id"] for line in self.world.ledger.of("game_ended")]
        assert sorted(matched) == sorted(ended)

    def let_everybody_finish(self) -> None:
        """Bring everybody who plays back into their game, and have them say that it is over."""
        for who in PEOPLE:
            self.manager.handle_reconnect(who)
            self.manager.resync(who)
        playing = [who for who in PEOPLE if self.manager.states.state_of(who) is PLAYING]
        for who in playing:
            self.manager.join(who)
            self.world.say(who, "ready")
            self.world.say(who, "resumed", frame=5)
        for who in playing:
            self.world.say(who, "finished", reason="completed", frames=3, digest="d")


DAYS = settings(
    max_examples=150 * int(os.environ.get("GAME_DAYS", "1")),
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL + 1)


def test_they_hold_whatever_participants_and_their_pages_do():
    claimed = {"desync", "engine_error", "unwitnessed", "unfinished"}
    needed = {"disconnected", "connection_lost", "hidden", "idle"}
    explored = explore(
        GamesMachine,
        DAYS,
        lambda found: (
            found["started"] > 30 and found.keys() >= needed and len(found.keys() & claimed) >= 2
        ),
    )
    assert explored["started"] > 30
    assert explored.keys() >= needed
    assert len(explored.keys() & claimed) >= 2
