"""Decisions under a lock, and their effects after it.

State changes inside `transaction()`. Effects on the outside world (emits, probes, files) are queued
and run in order once the lock is free, never two at a time, so they may call back.
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

    A thread that ends a transaction while another carries out effects leaves its own to that
    thread, which keeps the order total. An effect that raises is logged; the others still run.
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
        """Hold the lock; after the outermost exit, carry out the effects. May be nested."""
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

        Time stands still inside a transaction, so that the ledger can name the exact moment of a
        decision. Outside, it is the clock's time.
        """
        with self._lock:
            return self._decided_at_s if self._depth else self._read_clock()

    def add(self, effect: Callable[[], object]) -> None:
        """Queue `effect` to run after the lock is released. Call it inside `transaction()`."""
        with self._queue_lock:
            self._queue.append(effect)

    def emit(self, event: str, subject_id: str, payload: dict[str, Any]) -> None:
        """Queue an event to a participant, to be sent after the lock is released."""
        self.add(partial(self.emit_now, event, subject_id, payload))

    def emit_now(self, event: str, subject_id: str, payload: dict[str, Any]) -> None:
        """Send an event to a participant at once. Only effects may call this, as it may block."""
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
