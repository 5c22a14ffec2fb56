"""What the agents of games saw, by simulating them again.

Observations are not recorded: they follow from the inputs. Only a game that verifies equal has any,
since for all others nobody knows what was seen.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.verification.game_check import check_game
from interactive_gym.verification.resimulator import Played, Resimulator
from interactive_gym.verification.study import Codes, match_of


@dataclass(frozen=True)
class Observed:
    """What the agents of a game saw."""

    folder: Path
    """The game's folder."""
    reason: str | None
    """Why nobody knows; `None` if all is known."""
    episodes: list[list[list[Any]]]
    """By episode and step what each agent saw before it, and after the last; `None` for nothing."""
    spaces: dict[str, list[Any]]
    """For ``observation`` and ``action`` the space of each agent, described; `None` if it has
    none that can be."""

    @property
    def game(self) -> tuple[str, str]:
        """The game by its scene and its id."""
        return self.folder.parent.name, self.folder.name


def observed_games(study: Path, folders: Sequence[Path], workers: int) -> Iterator[Observed]:
    """What the agents of games saw, in the games' order.

    Args:
        study: the experiment's folder.
        folders: the games' folders.
        workers: how many processes run at once.
    """
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(workers) as pool:
        codes = Codes(study, Path(scratch))
        running: deque[Future[Observed]] = deque()
        try:
            for folder in folders:
                match = match_of(folder)
                running.append(pool.submit(_observed, folder, match, codes.of_game(match)))
                # A game's observations are large: only a few wait to be taken.
                if len(running) > 2 * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


class _Listener:
    """Plays games again and keeps what came of the last one."""

    def __init__(self, play: Callable[..., Played]) -> None:
        self._play = play
        self.last: Played | None = None

    def __call__(self, config: Mapping[str, Any], inputs: Sequence[bytes]) -> Played:
        self.last = self._play(config, inputs, observes=True)
        return self.last


def _observed(folder: Path, match: dict[str, Any] | str, code: Resimulator | str) -> Observed:
    """What the agents of one game saw."""
    if isinstance(match, str) or isinstance(code, str):
        return _unknown(folder, match if isinstance(match, str) else f"code missing: {code}")
    reason = "it has no frames"
    for play in (code.play, *([code.play_in_pyodide] if code.has_pyodide else [])):
        listener = _Listener(play)
        try:
            outcome = check_game(folder, match, listener)
        except Exception as error:  # As in a verification, spoiled files can fail anywhere.
            return _unknown(folder, f"its files cannot be read ({type(error).__name__}: {error})")
        played = listener.last
        if outcome.status != "equal":
            reason = outcome.lines()[0]
        elif played is not None and played.observations is not None:
            return Observed(folder, None, played.observations, played.spaces or {})
    return _unknown(folder, reason)


def _unknown(folder: Path, reason: str) -> Observed:
    return Observed(folder, reason, [], {})
