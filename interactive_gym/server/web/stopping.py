"""Stops the server so that nobody is lost: games are played to their end, up to a time limit.

A service manager's SIGTERM and Ctrl-C ask for it; a second one stops the server at once.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from types import FrameType

from interactive_gym.server.experiment import RunningExperiment

logger = logging.getLogger(__name__)

TICK_S = 0.2
"""How often it is seen whether a step is due, in seconds."""

LAST_FRAMES_S = 5.0
"""How long pages may take to send the last frames of games that were ended, in seconds."""


class Stopping:
    """Leads an experiment to its end, step by step.

    Args:
        experiment: the experiment.
        clock: monotonic seconds.
        timeout_s: how long games may go on, in seconds.
        leave: ends the server.
    """

    def __init__(
        self,
        experiment: RunningExperiment,
        *,
        clock: Callable[[], float],
        timeout_s: float,
        leave: Callable[[], None],
    ) -> None:
        self._experiment = experiment
        self._clock = clock
        self._timeout_s = timeout_s
        self._leave = leave
        self._is_asked = False
        self._games_end_at_s: float | None = None
        self._records_close_at_s: float | None = None

    def listen(self) -> None:
        """Begin when SIGTERM or SIGINT comes; the next one has its usual effect."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def ask(self) -> None:
        """Begin with the next tick."""
        self._is_asked = True

    def run(self, sleep: Callable[[float], None]) -> None:
        """Take every step when it is due, for as long as the server runs."""
        while True:
            sleep(TICK_S)
            self.tick()

    def tick(self) -> None:
        """Take the next step if it is due."""
        if not self._is_asked:
            return
        now_s = self._clock()
        if self._games_end_at_s is None:
            self._games_end_at_s = now_s + self._timeout_s
            self._experiment.stop_admissions()
            logger.warning(
                "Stopping. %d games may go on for %g s; another signal stops the server at once.",
                self._experiment.open_games,
                self._timeout_s,
            )
        if self._records_close_at_s is None and now_s >= self._games_end_at_s:
            self._records_close_at_s = now_s + LAST_FRAMES_S
            self._experiment.stop_games()
        is_time = self._records_close_at_s is not None and now_s >= self._records_close_at_s
        if is_time or not self._experiment.open_games:
            self._experiment.close_games()
            self._leave()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.ask()
