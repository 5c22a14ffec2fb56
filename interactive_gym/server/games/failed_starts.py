"""Who kept a game from starting, by what the server itself has seen of all pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.games.remote_game import START_TIMEOUT_S, Seat, seat_pairs
from interactive_gym.server.probing.conduct import FailureCause, causes_of_failure


def causes_of_failed_start(
    open_game: OpenGame | None, present: Sequence[str], now_s: float
) -> dict[str, FailureCause]:
    """Whose page was not ready although another's was, by subject id.

    If no page was ready, those are named who have not done their part to be connected. Nobody is
    named if somebody is gone, without whom the others cannot be ready, or if the game was given up
    before the time for its start was over, as a page may ask for that.

    Args:
        open_game: the game that did not start.
        present: the subject ids of its members who are still there.
        now_s: now, in seconds of the clock of the game.
    """
    if open_game is None or now_s < open_game.game.created_at_s + START_TIMEOUT_S:
        return {}
    game = open_game.game
    unready = [who for who in present if not game.is_ready(who)]
    if len(present) < len(game.seats):
        return {}
    if len(unready) == len(present):
        return _unconnected(open_game)
    return dict.fromkeys(unready, "not_started")


def _unconnected(open_game: OpenGame) -> dict[str, FailureCause]:
    """Who has kept a connection from coming about, of those that no probe had made.

    Where both ends have done their part, it may be either's network, or another connection of
    theirs, so nobody is named.
    """
    causes: dict[str, FailureCause] = {}
    for offerer, answerer in seat_pairs(open_game.game):
        conduct = [
            replace(open_game.conduct[one.subject_id, other.seat], is_ready=True)
            for one, other in ((offerer, answerer), (answerer, offerer))
        ]
        if not any(side.has_described for side in conduct) and _was_probed(
            open_game, offerer, answerer
        ):
            continue
        found = causes_of_failure(*conduct, is_time_up=True)
        for seat, cause in zip((offerer, answerer), found, strict=True):
            if cause not in (None, "not_connected"):
                causes.setdefault(seat.subject_id, cause)
    return causes


def _was_probed(open_game: OpenGame, offerer: Seat, answerer: Seat) -> bool:
    """Whether the connection of two was made by their probe."""
    peers = open_game.new.payloads[offerer.subject_id]["peers"]
    return any(
        peer["seat"] == answerer.seat and peer["probe_session_id"] is not None for peer in peers
    )
