from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.matching_fakes import World, answering

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def test_leaving_after_the_verdict_gives_the_other_back_to_the_waitroom():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=answering(20))
    world.join("a", "b")
    world.manager.leave("b", "closed the page")
    assert world.manager.states.of("a") is WAITING
    assert world.sio.to("a", "game_ended")[0]["reason"] == "start_timeout"
    assert world.sio.events_to("a")[-1] == "waitroom_update"
    assert world.manager.states.of("b") is IDLE
