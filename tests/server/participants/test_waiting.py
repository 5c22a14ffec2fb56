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
    assert not world.manager.may_advance("a")
    world.pass_time(0.5)
    assert world.sio.to("a", "waitroom_ended") == [
        {
            "reason": "waitroom_timeout",
            "message": "Sorry!",
            "redirect_url": "https://example.org/exit",
        }
    ]
    assert world.manager.may_advance("a")
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
