"""What all game managers of one experiment share: participants, data, clocks and generators.

The simulator and the tests supply their own clocks, ids and seeds here.
"""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.ledger.decision_log import Ledger
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.participants.participant_state import ParticipantStates


@dataclass(frozen=True, kw_only=True)
class SharedParts:
    """The parts of an experiment that its managers share. Every part has a default."""

    states: ParticipantStates = field(default_factory=ParticipantStates)
    """The state of every participant."""

    history: GroupHistory = field(default_factory=GroupHistory)
    """The last group of every participant."""

    data_store: DataStore | None = None
    """Keeps the data of games and participants' events; `None` keeps nothing."""

    ledger_of: Callable[[str], Ledger | None] = lambda scene_id: None
    """Opens the match ledger of a scene, where one is kept."""

    server_rtt_ms: Callable[[str], float | None] = lambda subject_id: None
    """Looks up a participant's server RTT in milliseconds."""

    clock: Callable[[], float] = time.monotonic
    """Monotonic seconds."""

    wall_clock: Callable[[], float] = time.time
    """Seconds since the epoch."""

    new_id: Callable[[], str] = lambda: uuid.uuid4().hex
    """Makes the ids of games and proposals."""

    new_seed: Callable[[], int] = lambda: random.SystemRandom().getrandbits(53)
    """Makes a scene's seed, from which the seeds and session tags of its games are drawn."""

    new_completion_code: Callable[[], str] = lambda: secrets.token_hex(5).upper()
    """Makes completion codes for participants whose experiment ends with a game."""

    def log_participant(self, event: str, subject_id: str, **fields: Any) -> None:
        """Append a line about a participant's progress; see `DataStore.log_participant`."""
        if self.data_store is not None:
            self.data_store.log_participant(event, subject_id, **fields)
