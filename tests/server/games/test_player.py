import pytest

from interactive_gym.server.games.player import Player, Seat


def player(**known) -> Player:
    return Player(Seat(0, "left", "a", 0.0), **known)


def test_at_first_a_page_knows_the_game_holds_all_of_it_and_is_not_ready():
    new = player()
    assert new.is_connected and new.knows_game and new.holds_game
    assert not (new.is_ready or new.has_finished or new.is_dismissed)
    assert new.incarnation == 0


def test_before_play_began_a_socket_is_enough_to_be_present():
    waiting = player()
    waiting.note_presence(10.0, started=False)
    assert waiting.absent_since_s is None
    waiting.is_connected = False
    waiting.note_presence(11.0, started=False)
    assert waiting.absent_since_s == 11.0


def test_once_play_began_the_page_must_be_ready_too():
    playing = player(is_ready=True)
    playing.note_presence(10.0, started=True)
    assert playing.absent_since_s is None
    playing.is_ready = False
    playing.note_presence(11.0, started=True)
    assert playing.absent_since_s == 11.0


def test_an_absence_counts_from_its_beginning_whatever_happens_meanwhile():
    playing = player(is_ready=True, is_connected=False)
    playing.note_presence(10.0, started=True)
    playing.lose_page(11.0)
    playing.note_presence(12.0, started=True)
    assert playing.absent_since_s == 10.0
    playing.is_ready = True
    playing.note_presence(14.0, started=True)
    assert playing.absent_since_s is None


def test_a_new_page_has_a_socket_and_knows_nothing():
    playing = player(is_ready=True, is_connected=False, resuming_since_s=5.0)
    playing.lose_page(11.0)
    assert playing.is_connected
    assert not (playing.is_ready or playing.knows_game or playing.holds_game)
    assert playing.resuming_since_s is None


@pytest.mark.parametrize(
    ("known", "now_s", "is_too_long"),
    [
        ({}, 1e9, False),
        ({"absent_since_s": 0.0}, 1e9, False),
        ({"resuming_since_s": 100.0}, 220.0, False),
        ({"resuming_since_s": 100.0}, 220.1, True),
        ({"resuming_since_s": 0.0}, 0.1, False),
        ({"resuming_since_s": 0.0}, 120.1, True),
    ],
)
def test_a_new_page_may_take_so_long_to_simulate_the_game_again(known, now_s, is_too_long):
    assert player(**known).is_resuming_too_long(now_s, 120.0) is is_too_long


def test_a_page_that_is_reloaded_again_and_again_loads_since_the_first_time():
    playing = player(is_ready=True)
    for now_s in (11.0, 14.0):
        playing.lose_page(now_s)
        playing.note_presence(now_s, started=True)
        assert (playing.loading_since_s, playing.is_returning) == (11.0, True)
    playing.is_connected = False
    playing.note_presence(15.0, started=True)
    assert (playing.away_since_s, playing.is_returning) == (15.0, False)
    playing.is_connected = playing.is_ready = True
    playing.note_presence(16.0, started=True)
    assert (playing.loading_since_s, playing.away_since_s) == (None, None)
