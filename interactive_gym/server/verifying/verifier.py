"""Has every game simulated again when it ends, and when something of it comes late.

One game after the other, by a process that runs only while nothing else wants the processor. What
it says goes into ``match.json``; whoever uploaded what the environment cannot have made is named in
``participants.jsonl``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.stored_study import StoredGame
from interactive_gym.server.data.wall_times import utc_iso
from interactive_gym.server.games.late_games import LateGames
from interactive_gym.server.verifying.checking_process import CheckingProcess

logger = logging.getLogger(__name__)

LATE_S = 10.0
"""How long after late data a game is simulated again, in seconds, as more will follow."""
MAX_TRIES = 2
"""How often a game is tried whose process ends before it says anything."""


class Verifier:
    """The games of an experiment that are to be simulated again. Call `tick` twice a second.

    Args:
        store: the experiment's data.
        late_games: the games that are over.
        process: simulates games again.
        clock: monotonic seconds.
        wall_clock: seconds since 1970.
    """

    def __init__(
        self,
        store: DataStore,
        late_games: LateGames,
        process: CheckingProcess,
        *,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._late_games = late_games
        self._process = process
        self._clock = clock
        self._wall_clock = wall_clock
        self._due_s: dict[str, float] = {}
        self._asked: str | None = None
        self._tries: dict[str, int] = {}
        self._named: set[tuple[str, int]] = set()

    def add(self, games: Iterable[str]) -> None:
        """Have games simulated again as soon as it is their turn.

        Args:
            games: games that have ended, as ``scene_id/game_id``.
        """
        for game in games:
            self._due_s.setdefault(game, self._clock())

    def tick(self, closed: Iterable[str] = (), amended: Iterable[str] = ()) -> None:
        """Take what was said of the last game, and ask for the next.

        Args:
            closed: games that have ended since the last call, as ``scene_id/game_id``.
            amended: likewise those of which something came late.
        """
        self.add(closed)
        for game in amended:
            self._due_s.pop(game, None)
            self._due_s[game] = self._clock() + LATE_S
        if self._asked is not None:
            self._take(self._asked)
        if self._asked is None:
            self._ask_for_next()

    def close(self) -> None:
        """End the process. What it has not said is asked for when the server starts again."""
        self._process.stop()

    def _take(self, game: str) -> None:
        try:
            said = self._process.take_verdict()
        except (OSError, ValueError, LookupError) as error:
            self._asked = None
            self._process.stop()
            self._try_again(game, str(error))
            return
        if said is None:
            return
        self._asked = None
        self._tries.pop(game, None)
        self._note(game, said)

    def _try_again(self, game: str, why: str) -> None:
        self._tries[game] = self._tries.get(game, 0) + 1
        if self._tries[game] < MAX_TRIES:
            self._due_s.setdefault(game, self._clock())
        else:
            del self._tries[game]
            logger.error("Game %s could not be verified: %s.", game, why)

    def _note(self, game: str, said: dict[str, Any]) -> None:
        verified = {**said, "at": utc_iso(self._wall_clock())}
        stored = self._late_games.note_verified(game.partition("/")[2], verified)
        if stored is None or said["status"] == "equal":
            return
        logger.warning("Game %s is not verified: %s.", game, "; ".join(said["findings"][:3]))
        for seat in said["untrue_seats"]:
            self._name(stored, seat)

    def _name(self, game: StoredGame, seat: int) -> None:
        """Say once of a participant that their copy of a game is not true."""
        game_id = game.match["game_id"]
        if (game_id, seat) not in self._named:
            self._named.add((game_id, seat))
            subject_id = game.match["group"][seat]["subject_id"]
            self._store.log_participant(
                "copy_untrue", subject_id, scene_id=game.scene_id, game_id=game_id
            )

    def _ask_for_next(self) -> None:
        now_s = self._clock()
        game = next((game for game, due_s in self._due_s.items() if due_s <= now_s), None)
        if game is None:
            return
        del self._due_s[game]
        try:
            self._process.ask(game)
            self._asked = game
        except OSError as error:
            self._try_again(game, str(error))
