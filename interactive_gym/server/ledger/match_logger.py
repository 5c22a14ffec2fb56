"""Writes the match ledger, `matching.jsonl`: one JSON line for each decision of matching.

Every line is flushed, so a killed server loses nothing and a restarted one continues the file. A
line that cannot be written is logged, so that matching goes on.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from interactive_gym.server.data.data_store import utc_iso
from interactive_gym.server.ledger.schema import SCHEMA, LedgerLine, kind_of

logger = logging.getLogger(__name__)


class MatchLogger:
    """Writes the ledger of one game scene.

    Args:
        path: the file to append to; its folder is made if missing.
        clock: monotonic seconds, for lines that are logged without `at_s`.
        wall_clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._clock = clock
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        _end_torn_line(path)

    def log(self, line: LedgerLine, *, at_s: float | None = None) -> None:
        """Append a line, decided `at_s` seconds of the clock."""
        fields = {
            "schema": SCHEMA,
            "kind": kind_of(line),
            "monotonic_s": round(self._clock(), 6) if at_s is None else at_s,
            "time": utc_iso(self._wall_clock()),
            **msgspec.structs.asdict(line),
        }
        text = json.dumps(fields, default=str) + "\n"
        try:
            with self._lock, self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError:
            logger.exception("The match ledger %s could not be written", self._path)


def _end_torn_line(path: Path) -> None:
    """End the half line that a server killed while writing has left, to keep the next one whole."""
    try:
        with path.open("rb+") as file:
            if file.seek(0, 2) > 0:
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    file.write(b"\n")
    except FileNotFoundError:
        return
