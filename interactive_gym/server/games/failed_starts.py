"""Who kept a game from starting, by what the server itself has seen of all pages."""

from __future__ import annotations

from collections.abc import Sequence

from interactive_gym.server.games.open_game import OpenGame
from interactive_gym.server.games.remote_game import START_TIMEOUT_S
from interactive_gym.server.probing.conduct import FailureCause


def causes_of_failed_start(
    open_game: OpenGame | None, present: Sequence[str], now_s: float
) -> dict[str, FailureCause]:
    """Whose page was not ready although another's was, by subject id.

    Nobody is named if no page was ready, if somebody is gone, without whom the others cannot be
    ready, or if the game was given up before the time for its start was over, as a page may ask for
    that.

    Args:
        open_game: the game that did not start.
        present: the subject ids of its members who are still there.
        now_s: now, in seconds of the clock of the game.
    """
    if open_game is None or now_s < open_game.game.created_at_s + START_TIMEOUT_S:
        return {}
    game = open_game.game
    unready = [who for who in present if not game.is_ready(who)]
    if len(present) < len(game.seats) or len(unready) == len(present):
        return {}
    return dict.fromkeys(unready, "not_started")
