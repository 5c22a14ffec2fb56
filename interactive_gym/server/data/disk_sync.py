"""Has the operating system bring what was written onto the disk itself, once a second.

What a server has written survives its end without that; it would not survive the machine's. To wait
for a disk takes long, so it is done in a thread of its own, while the server goes on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

logger = logging.getLogger(__name__)

SYNC_INTERVAL_S = 1.0
"""How long what was written may wait before it is brought onto the disk, in seconds."""


class DiskSync:
    """Brings files onto the disk.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._written: set[Path] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="disk-sync")
        self._running: Future[OSError | None] | None = None
        self._began_at_s = clock()
        self._is_failing = False

    def note(self, path: Path) -> None:
        """Note that a file, or the list of a folder's files, has changed."""
        self._written.add(path)

    def tick(self) -> None:
        """Begin a round if one is due and the last one is done. It is not waited for."""
        if self._running is not None:
            if not self._running.done():
                return
            self._report(self._running.result())
            self._running = None
        now_s = self._clock()
        if self._written and now_s >= self._began_at_s + SYNC_INTERVAL_S:
            written, self._written = self._written, set()
            self._began_at_s = now_s
            self._running = self._thread.submit(sync, written)

    def close(self) -> None:
        """Bring everything onto the disk, and wait for it."""
        self._thread.shutdown()
        written, self._written = self._written, set()
        self._report(sync(written))

    def _report(self, error: OSError | None) -> None:
        """Tell once that it fails, and once that it works again."""
        if error is not None and not self._is_failing:
            logger.error(
                "%s is not safely on the disk (%s): a power failure could lose it.",
                error.filename,
                error.strerror,
            )
        elif error is None and self._is_failing:
            logger.warning("What is written is brought safely onto the disk again.")
        self._is_failing = error is not None


def sync(paths: Collection[Path]) -> OSError | None:
    """Bring files and folders onto the disk, and wait for it; returns what went wrong first."""
    failure: OSError | None = None
    for path in paths:
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError as error:
            failure = failure or error
            continue
        try:
            os.fsync(file)
        except OSError as error:
            failure = failure or OSError(error.errno, error.strerror, str(path))
        finally:
            os.close(file)
    return failure
