"""Words the match ledger, `matching.jsonl`: one JSON line for each decision of matching.

Where the lines go sees to it that a killed server loses none, and that matching goes on if one
cannot be written.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.line_files import Lines
from interactive_gym.server.data.wall_times import utc_iso
from interactive_gym.server.ledger.schema import SCHEMA, LedgerLine, MendedLine, kind_of
from interactive_gym.server.messages.strict_json import dumps


class MatchLogger:
    """Writes the ledger of one game scene.

    Args:
        lines: takes the lines.
        clock: monotonic seconds, for lines that are logged without `at_s`.
        wall_clock: seconds since the epoch.
    """

    def __init__(
        self,
        lines: Lines,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._lines = lines
        self._clock = clock
        self._wall_clock = wall_clock

    def log(self, line: LedgerLine, *, at_s: float | None = None) -> None:
        """Append a line, decided `at_s` seconds of the clock."""
        fields = {
            "schema": SCHEMA,
            "kind": kind_of(line),
            "monotonic_s": round(self._clock(), 6) if at_s is None else at_s,
            "time": utc_iso(self._wall_clock()),
            **msgspec.structs.asdict(line),
        }
        self._lines.append(dumps(fields) + "\n")


def open_ledger(data_store: DataStore, scene_id: str) -> MatchLogger:
    """The ledger of a scene, which begins with what was found wrong with it, if something was.

    Raises:
        ValueError: nothing can be written in the scene's folder.
    """
    logger = MatchLogger(data_store.ledger_of(scene_id))
    damage = data_store.take_damage(scene_id)
    if damage is not None:
        logger.log(MendedLine(**msgspec.structs.asdict(damage)))
    return logger
