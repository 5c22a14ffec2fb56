"""Decide under a lock, carry out after it: the one concurrency rule of matching and probing.

State changes happen inside `transaction()`; what follows from them for the outside world (emits,
new probes, completions, files) is added as an effect and carried out in the order decided, once the
lock is free. Effects never run under the lock and never two at a time, so they may call back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

logger = logging.getLogger(__name__)


class Emitter(Protocol):
    """Sends Socket.IO events to participants."""

    def emit(self, event: str, *args: Any, to: str | None = None) -> Any:
        """Send `event` to the room `to`, named by a subject id."""


class Outbox:
    """A lock and the queue of effects decided under it.

    Args:
        sio: emits to a participant through the room named by the subject id.
        clock: monotonic seconds.

    A thread that finishes deciding while another carries effects out leaves its own to that one,
    which keeps the order total. An effect that raises is logged and harms no other.
    """

    def __init__(self, sio: Emitter, clock: Callable[[], float] = time.monotonic) -> None:
        self._sio = sio
        self._clock = clock
        self._decided_at_s = 0.0
        self._lock = threading.RLock()
        self._depth = 0
        self._queue: deque[Callable[[], object]] = deque()
        self._queue_lock = threading.Lock()
        self._carrying_out = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; after the outermost exit, carry out what was added. May be nested."""
        outermost = False
        try:
            with self._lock:
                if self._depth == 0:
                    self._decided_at_s = self._read_clock()
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                    outermost = self._depth == 0
        finally:
            if outermost:
                self._carry_out()

    def now_s(self) -> float:
        """The moment of the present decision, in seconds of the clock, to the microsecond.

        Time stands still inside a decision, so that all of it follows from one moment, which the
        ledger can tell exactly. Outside, it is what the clock says.
        """
        with self._lock:
            return self._decided_at_s if self._depth else self._read_clock()

    def add(self, effect: Callable[[], object]) -> None:
        """Have `effect` carried out after the lock is released. Call it inside `transaction()`."""
        with self._queue_lock:
            self._queue.append(effect)

    def emit(self, event: str, subject_id: str, payload: dict[str, Any]) -> None:
        """Have an event sent to a participant after the lock is released."""
        self.add(partial(self.emit_now, event, subject_id, payload))

    def emit_now(self, event: str, subject_id: str, payload: dict[str, Any]) -> None:
        """Send an event to a participant. Only effects may call this, as it may take its time."""
        self._sio.emit(event, payload, to=subject_id)

    def _read_clock(self) -> float:
        return round(self._clock(), 6)

    def _carry_out(self) -> None:
        with self._queue_lock:
            if self._carrying_out:
                return
            self._carrying_out = True
        try:
            while (effect := self._next()) is not None:
                try:
                    effect()
                except Exception:
                    logger.exception("An effect of a decision failed")
        except BaseException:
            with self._queue_lock:
                self._carrying_out = False
            raise

    def _next(self) -> Callable[[], object] | None:
        with self._queue_lock:
            if self._queue:
                return self._queue.popleft()
            self._carrying_out = False
            return None
