"""Participants whom the server does not hear for a while, though their partners do."""

import pytest

from tests.support.served_experiment import ServedExperiment
from tests.support.uploading import begin_game, close_all, wait_until

TIMEOUT_MS = 1000


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(tmp_path, reconnection_config={"timeout_ms": TIMEOUT_MS})
    yield experiment
    experiment.stop()


def let_somebody_else_be_cut(served):
    """Wait until somebody is cut who was away no longer than others have been before.

    Their cut comes at once, others' with the next tick.
    """
    staying, gone = begin_game(served)
    gone.page.close()

    def told_of_the_cut():
        staying.say("game_peer_lost", seat=gone.seat)
        return [told for event, told in staying.page.received if event == "game_cut"]

    (cut,) = wait_until(told_of_the_cut)
    assert (cut["seat"], cut["reason"]) == (gone.seat, "disconnected")
    staying.page.close()


@pytest.mark.parametrize("cut_off", [[0], [1], [0, 1]])
def test_a_game_goes_on_whoever_of_it_is_cut_off_from_the_server_alone(served, cut_off):
    players = begin_game(served)
    for player in players:
        assert player.play(10) == {"next_frame": 10}
    for seat in cut_off:
        players[seat].page.close()
    for _ in range(2):
        let_somebody_else_be_cut(served)
    for seat in cut_off:
        players[seat].page = players[seat].page.reconnect().connect()
    for player in players:
        assert player.play(10, ends_at=20) == {"next_frame": 20}
    for player in players:
        assert player.finish() == {}
    for player in players:
        assert player.page.wait_for("game_ended")["reason"] == "completed"
        assert "game_cut" not in [event for event, *_ in player.page.received]
    close_all(players)
