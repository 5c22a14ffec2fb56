"""Lines about the participants of one game scene, for ``participants.jsonl``.

Used inside a manager's transaction, and written after it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from interactive_gym.server.messages.outbox import Outbox


class ParticipantLog:
    """Queues the lines of one scene.

    Args:
        scene_id: the scene, named in every line.
        outbox: the manager's outbox.
        write: appends a line; `SharedParts.log_participant`.
    """

    def __init__(self, scene_id: str, outbox: Outbox, write: Callable[..., None]) -> None:
        self._scene_id = scene_id
        self._outbox = outbox
        self._write = write

    def note(self, event: str, subject_id: str, **fields: Any) -> None:
        """Queue a line about what has happened to a participant."""
        line = partial(self._write, event, subject_id, scene_id=self._scene_id, **fields)
        self._outbox.add(line)
