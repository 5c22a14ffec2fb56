from __future__ import annotations

import pytest

from interactive_gym.server.player import Player, Seat


def player(**state: object) -> Player:
    return Player(Seat(0, "left", "a", 0.0), **state)  # type: ignore[arg-type]


def test_a_new_player_has_a_page_that_knows_the_game_and_is_not_ready() -> None:
    new = player()
    assert (new.is_connected, new.knows_game, new.holds_game) == (True, True, True)
    assert (new.is_ready, new.has_finished, new.is_dismissed) == (False, False, False)
    assert (new.absent_since_s, new.resuming_since_s, new.incarnation) == (None, None, 0)


@pytest.mark.parametrize(
    ("is_connected", "is_ready", "started", "is_absent"),
    [
        (True, True, True, False),
        (True, True, False, False),
        (True, False, False, False),
        (True, False, True, True),
        (False, True, True, True),
        (False, True, False, True),
        (False, False, True, True),
        (False, False, False, True),
    ],
)
def test_absent_is_who_has_no_socket_or_in_a_running_game_no_page_that_is_ready(
    is_connected: bool, is_ready: bool, started: bool, is_absent: bool
) -> None:
    for before_s in (None, 3.0):
        one = player(is_connected=is_connected, is_ready=is_ready, absent_since_s=before_s)
        one.note_presence(7.0, started=started)
        # An absence that goes on is as long as from its beginning.
        assert one.absent_since_s == ((before_s or 7.0) if is_absent else None)


def test_a_new_page_is_connected_and_knows_nothing() -> None:
    one = player(is_ready=True, is_connected=False, resuming_since_s=4.0, incarnation=2)
    one.lose_page()
    assert one.is_connected
    assert (one.is_ready, one.knows_game, one.holds_game) == (False, False, False)
    assert (one.resuming_since_s, one.incarnation) == (None, 2)


def test_a_player_is_lost_once_an_absence_is_longer_than_allowed() -> None:
    absent = player(absent_since_s=10.0)
    assert not absent.is_lost(18.0, 8.0, 100.0)
    assert absent.is_lost(18.001, 8.0, 100.0)


def test_a_player_is_lost_who_simulates_the_game_again_for_longer_than_allowed() -> None:
    resuming = player(resuming_since_s=10.0)
    assert not resuming.is_lost(110.0, 8.0, 100.0)
    assert resuming.is_lost(110.001, 8.0, 100.0)


def test_either_of_the_two_is_enough_and_without_them_nobody_is_lost() -> None:
    assert player(absent_since_s=10.0, resuming_since_s=10.0).is_lost(19.0, 8.0, 100.0)
    assert player(absent_since_s=109.0, resuming_since_s=1.0).is_lost(110.0, 8.0, 100.0)
    assert not player().is_lost(1e9, 0.0, 0.0)
    assert player(absent_since_s=0.0).is_lost(9.0, 8.0, 100.0)
