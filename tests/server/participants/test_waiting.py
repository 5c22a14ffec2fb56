from __future__ import annotations

from typing import Any

import pytest

from interactive_gym.server.games.remote_game import START_TIMEOUT_S
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.participants.participant_state import (
    ParticipantState,
    ParticipantStates,
)
from tests.support.matching_fakes import FakeScene, World

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def test_joining_twice_while_waiting_only_repeats_the_update():
    world = World()
    world.join("a", "a")
    assert world.sio.events_to("a") == ["waitroom_update", "waitroom_update"]
    assert len(world.ledger.of("arrival")) == 1


def test_a_lost_connection_while_waiting_ends_the_wait_and_joining_again_resumes_it():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.handle_disconnect("a")
    assert world.manager.states.state_of("a") is IDLE
    world.manager.handle_reconnect("a")
    world.join("a", "b")
    assert world.prober.pairs == [("a", "b")]


def test_the_waitroom_update_says_how_many_wait_and_for_how_long():
    world = World(scene=FakeScene(human_agents=("1", "2", "3"), waitroom_timeout_ms=60_000))
    world.join("a")
    world.clock.advance(2.0)
    world.join("b")
    world.manager.tick()
    assert world.sio.to("a", "waitroom_update")[-1] == {
        "waiting": 2,
        "group_size": 3,
        "waited_ms": 2000,
        "timeout_ms": 60_000,
        "leave_in_ms": None,
    }


def test_a_hidden_lobby_count_is_not_told():
    world = World(scene=FakeScene(hide_lobby_count=True))
    world.join("a")
    assert world.sio.to("a", "waitroom_update")[0]["waiting"] is None


def test_whoever_does_not_answer_is_told_that_they_wait_no_longer_and_their_group_is_free():
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b")
    world.manager.leave_waitroom("a")
    (told,) = world.sio.to("a", "waitroom_ended")
    assert told["reason"] == "idle"
    assert [line["reason"] for line in world.ledger.of("exit")] == ["idle"]
    world.join("c")
    assert world.prober.pairs[-1] == ("b", "c")


def test_whoever_did_not_answer_hears_it_too_when_their_connection_was_lost_meanwhile():
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.manager.handle_disconnect("a")
    world.manager.handle_reconnect("a")
    world.manager.leave_waitroom("a")
    assert [told["reason"] for told in world.sio.to("a", "waitroom_ended")] == ["idle"]
    assert [line["reason"] for line in world.ledger.of("exit")] == ["disconnected"]


def test_waiting_ends_at_the_timeout_with_the_scenes_words():
    scene = FakeScene(
        waitroom_timeout_ms=10_000,
        waitroom_timeout_message="Sorry!",
        waitroom_timeout_redirect_url="https://example.org/exit",
    )
    world = World(scene=scene)
    world.join("a")
    world.pass_time(9.5)
    assert world.sio.to("a", "waitroom_ended") == []
    assert world.manager.outcome_of("a") is None
    world.pass_time(0.5)
    assert world.sio.to("a", "waitroom_ended") == [
        {
            "reason": "waitroom_timeout",
            "message": "Sorry!",
            "redirect_url": "https://example.org/exit",
        }
    ]
    assert world.manager.outcome_of("a") == "no_partner"
    exit_line = world.ledger.of("exit")[0]
    assert (exit_line["reason"], exit_line["waited_ms"]) == ("waitroom_timeout", 10_000)


def test_nobody_is_sent_away_in_the_middle_of_a_probe():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=10_000))
    world.join("a", "b")
    world.pass_time(12.0)
    assert world.sio.to("a", "waitroom_ended") == []
    world.prober.last.complete(20)
    assert world.games() == [("a", "b")]


def test_a_participant_waits_in_one_scene_only():
    states = ParticipantStates()
    here, there = World(states=states), World(states=states)
    here.join("a")
    there.join("a", "b")
    assert there.games() == []
    assert states.state_of("a") is WAITING


class Watching(FIFOMatchmaker):
    """Keeps the statistics that it is shown."""

    statistics = MatchingStatistics()

    def propose(self, pool: Any) -> Any:
        self.statistics = pool.statistics
        return super().propose(pool)


def pace_after(*waits_s: float) -> float:
    statistics = MatchingStatistics()
    for waited_s in waits_s:
        statistics.waited(waited_s)
    return statistics.typical_wait_s


def told(world: World, subject_id: str) -> list[dict[str, Any]]:
    return world.sio.to(subject_id, "waitroom_update")


def test_how_long_people_waited_for_a_game_is_learnt_of_everybody_in_it() -> None:
    matchmaker = Watching()
    world = World(matchmaker=matchmaker)
    world.join("a")
    world.pass_time(12.0)
    world.join("b")
    assert world.games() == [("a", "b")]
    assert matchmaker.statistics.typical_wait_s == pace_after(12.0, 0.0)


@pytest.mark.parametrize("way", ["left", "disconnected", "idle", "waitroom_timeout"])
def test_how_long_people_waited_in_vain_is_learnt_too(way: str) -> None:
    matchmaker = Watching()
    world = World(matchmaker=matchmaker, scene=FakeScene(waitroom_timeout_ms=20_000))
    world.join("a")
    world.pass_time(12.0)
    waited_s = 12.0
    if way == "left":
        world.manager.leave("a", "left")
    elif way == "disconnected":
        world.manager.handle_disconnect("a")
    elif way == "idle":
        world.manager.leave_waitroom("a")
    else:
        world.pass_time(8.0)
        waited_s = 20.0
    (line,) = world.ledger.of("exit")
    assert (line["reason"], line["waited_ms"]) == (way, waited_s * 1000)
    assert matchmaker.statistics.typical_wait_s == pace_after(waited_s)
    assert world.manager.states.state_of("a") is IDLE


def test_who_does_not_wait_ends_no_wait() -> None:
    matchmaker = Watching()
    world = World(matchmaker=matchmaker)
    world.join("a")
    for _ in range(2):
        world.manager.leave("b", "left")
        world.manager.handle_disconnect("b")
    assert world.ledger.of("exit") == []
    assert matchmaker.statistics.typical_wait_s == pace_after()


def test_patience_ends_with_the_last_of_its_time() -> None:
    world = World(scene=FakeScene(waitroom_timeout_ms=20_000))
    world.join("a")
    world.pass_time(19.999)
    assert world.manager.states.state_of("a") is WAITING
    world.pass_time(0.001)
    assert world.manager.states.state_of("a") is IDLE
    (ended,) = world.sio.to("a", "waitroom_ended")
    assert ended["reason"] == "waitroom_timeout"


def test_those_who_leave_by_themselves_are_not_told_that_they_did() -> None:
    for reason in ("left", "disconnected"):
        world = World()
        world.join("a")
        world.manager.leave("a", reason)
        assert world.sio.to("a", "waitroom_ended") == []


def test_a_wait_without_an_answer_is_over_and_said_to_be() -> None:
    entries: list[tuple[Any, ...]] = []
    world = World(log_participant=lambda *entry, **fields: entries.append((entry, fields)))
    world.join("a")
    world.pass_time(3.0)
    world.manager.leave_waitroom("a")
    assert world.sio.to("a", "waitroom_ended")[0]["reason"] == "idle"
    assert entries == [
        (("waitroom_entered", "a"), {"scene_id": "game", "waited_ms": 0}),
        (("waitroom_ended", "a"), {"scene_id": "game", "reason": "idle", "waited_ms": 3000}),
    ]


def test_what_was_waited_before_a_restart_counts_in_order_and_patience_but_only_once() -> None:
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(waitroom_timeout_ms=60_000))
    world.manager.restore_wait("late", 40.0)
    world.join("early")
    world.pass_time(5.0)
    world.join("late")
    assert told(world, "late")[0]["waited_ms"] == 45_000
    assert [line["waited_ms"] for line in world.ledger.of("arrival")] == [0, 45_000]
    assert world.manager._waitroom.everybody() == ["late", "early"]
    world.prober.last.complete(400)
    world.pass_time(15.0)
    (exit_line,) = world.ledger.of("exit")
    assert (exit_line["subject_id"], exit_line["waited_ms"]) == ("late", 60_000)
    world.join("late")
    assert told(world, "late")[-1]["waited_ms"] == 0


def test_who_comes_to_wait_is_told_so_and_again_when_they_ask() -> None:
    world = World(scene=FakeScene(waitroom_timeout_ms=20_000))
    world.join("a")
    assert world.manager.states.state_of("a") is WAITING
    assert [update["waited_ms"] for update in told(world, "a")] == [0]
    world.clock.advance(2.0)
    world.manager.join("a")
    assert [update["waited_ms"] for update in told(world, "a")] == [0, 2000]
    assert told(world, "a")[-1] == {
        "waiting": 1,
        "group_size": 2,
        "waited_ms": 2000,
        "timeout_ms": 20_000,
        "leave_in_ms": None,
    }


def test_who_is_given_back_waits_on_since_they_first_came() -> None:
    world = World(max_p2p_rtt_ms=150)
    world.join("a")
    world.pass_time(10.0)
    world.join("b")
    world.prober.last.complete(200.0)
    world.clock.advance(1.0)
    world.manager.join("a")
    world.manager.join("b")
    assert told(world, "a")[-1]["waited_ms"] == 11_000
    assert told(world, "b")[-1]["waited_ms"] == 1000


def test_who_comes_back_from_a_game_that_never_began_waits_on_since_they_first_came() -> None:
    world = World()
    world.join("a")
    world.pass_time(10.0)
    world.join("b")
    world.clock.advance(START_TIMEOUT_S)
    world.manager.tick()
    assert [world.manager.states.state_of(who) for who in "ab"] == [WAITING, WAITING]
    assert told(world, "a")[-1]["waited_ms"] == 1000 * (10 + START_TIMEOUT_S)
    assert told(world, "b")[-1]["waited_ms"] == 1000 * START_TIMEOUT_S


def test_only_those_who_are_not_reserved_can_be_proposed() -> None:
    world = World(max_p2p_rtt_ms=150)
    world.join("a", "b", "c")
    assert world.prober.pairs == [("a", "b")]
    world.pass_time(4.0)
    assert world.prober.pairs == [("a", "b")]
    world.prober.last.complete(20.0)
    assert world.games() == [("a", "b")]
    assert [world.manager.states.state_of(who) for who in "abc"] == [PLAYING, PLAYING, WAITING]
    world.join("d")
    assert world.prober.pairs[1:] == [("c", "d")]


def leaving_world(leave_after_ms: int | None = 10_000) -> World:
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(leave_after_ms=leave_after_ms))
    world.join("a")
    return world


def test_a_wait_can_be_given_up_once_the_scene_lets_it_and_leads_on() -> None:
    world = leaving_world()
    assert world.sio.to("a", "waitroom_update")[-1]["leave_in_ms"] == 10_000
    world.pass_time(9.5)
    world.manager.give_up("a")
    assert world.sio.to("a", "waitroom_ended") == []
    assert world.sio.to("a", "waitroom_update")[-1]["leave_in_ms"] == 500
    world.pass_time(0.5)
    world.manager.give_up("a")
    assert world.sio.to("a", "waitroom_ended")[0]["reason"] == "gave_up"
    assert [line["reason"] for line in world.ledger.of("exit")] == ["gave_up"]
    assert world.manager.outcome_of("a") == "no_partner"
    world.join("a")
    assert world.manager.outcome_of("a") is None
    assert world.sio.to("a", "waitroom_update")[-1]["leave_in_ms"] == 0


def test_no_wait_can_be_given_up_where_the_scene_does_not_let_it() -> None:
    world = leaving_world(None)
    world.pass_time(60.0)
    world.manager.give_up("a")
    assert world.manager.states.state_of("a") is WAITING
    assert world.sio.to("a", "waitroom_update")[-1]["leave_in_ms"] is None


def test_whoever_gives_up_while_being_probed_frees_their_partner() -> None:
    world = leaving_world()
    world.pass_time(10.0)
    world.join("b")
    assert len(world.prober.probes) == 1
    world.manager.give_up("a")
    assert world.manager.states.state_of("a") is IDLE
    world.join("c")
    world.prober.last.complete(20)
    assert world.games() == [("b", "c")]


def test_a_wait_that_a_lost_connection_ended_can_still_be_given_up() -> None:
    world = leaving_world()
    world.pass_time(6.0)
    world.manager.handle_disconnect("a")
    world.manager.give_up("a")
    assert world.manager.outcome_of("a") is None
    world.join("a")
    world.pass_time(4.0)
    world.manager.handle_disconnect("a")
    world.manager.give_up("a")
    assert world.manager.outcome_of("a") == "no_partner"
    assert [line["reason"] for line in world.ledger.of("exit")] == ["disconnected"] * 2


def test_a_game_ends_what_counts_towards_giving_up() -> None:
    world = leaving_world()
    world.pass_time(11.0)
    world.manager.handle_disconnect("a")
    world.join("a", "b")
    assert world.sio.to("a", "waitroom_update")[-1]["leave_in_ms"] == 0
    world.prober.last.complete(20)
    assert world.manager._waiting.leave_in_ms("a") == 10_000
    world.manager.give_up("a")
    assert world.games() == [("a", "b")]
    assert world.manager.states.state_of("a") is ParticipantState.IN_GAME
