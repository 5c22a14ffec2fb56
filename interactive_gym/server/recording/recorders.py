"""A data store that shares the records of games out among this process and recorders."""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import eventlet

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.data.game_record import GameRecord
from interactive_gym.server.data.record import Record
from interactive_gym.server.recording.messages import Settings
from interactive_gym.server.recording.recorder_link import RecorderLink
from interactive_gym.server.recording.remote_record import RemoteRecord
from interactive_gym.server.recording.upload_keys import upload_secret

logger = logging.getLogger(__name__)

LAST_WRITES_S = 10.0
"""How long recorders may take to write the last, and then to end, in seconds."""

PERSON_COST = 0.3
"""What a player whose uploads a recorder takes costs this process, as a share of one whose uploads
it takes itself (``tests/benchmarks/load.py --recorders 1``)."""


class RecordedStore(DataStore):
    """The data of one experiment, with recorders, which it starts.

    Each new game is recorded by the process that has the fewest players, where this one, which has
    all people besides, counts a part of those of recorders.
    """

    def __init__(
        self,
        data_dir: Path,
        experiment_id: str,
        *,
        recorders: int,
        signing_key: str,
        base_path: str,
        allowed_origins: Sequence[str] | None,
        wall_clock: Callable[[], float],
    ) -> None:
        """Make the experiment's folder, and start the recorders.

        Args:
            data_dir: the folder of all experiments.
            experiment_id: the name of the experiment's folder.
            recorders: how many there are.
            signing_key: what participants' tokens are signed with.
            base_path: the path under which the experiment is served, with a slash at its end.
            allowed_origins: the origins whose pages may connect; `None` for all.
            wall_clock: seconds since 1970.

        Raises:
            ValueError: the folder cannot be made or written.
        """
        super().__init__(data_dir, experiment_id, wall_clock=wall_clock)
        self._request = re.compile(
            rb"[A-Z]+ (?:%s)?/recorder/([0-9]{1,3})/socket\.io/[^\n]*\n"
            % re.escape(base_path.rstrip("/").encode())
        )
        self._own: list[tuple[GameRecord, int]] = []
        origins = None if allowed_origins is None else list(allowed_origins)
        self._links = [
            RecorderLink(
                Settings(
                    number,
                    str(self._folder.resolve()),
                    experiment_id,
                    upload_secret(signing_key),
                    base_path,
                    origins,
                )
            )
            for number in range(1, recorders + 1)
        ]

    def channel_for(self, line: bytes) -> socket.socket | None:
        """What a request for a recorder is handed over by; `None` for all others."""
        found = self._request.fullmatch(line)
        index = int(found[1]) - 1 if found else -1
        return self._links[index].handing if 0 <= index < len(self._links) else None

    def _new_record(self, scene_id: str, game_id: str, match: dict[str, Any]) -> Record:
        link = self._least_busy()
        if link is None:
            return self._kept_here(super()._new_record(scene_id, game_id, match))
        if (self._folder / scene_id / game_id).exists():
            raise FileExistsError(f"the game {game_id} exists")
        return self._kept_by(link, scene_id, match, is_new=True)

    def _stored_record(
        self, scene_id: str, match: dict[str, Any], left_seats: Collection[int]
    ) -> Record:
        link = self._least_busy()
        if link is None:
            return self._kept_here(super()._stored_record(scene_id, match, left_seats))
        return self._kept_by(link, scene_id, match, is_new=False)

    def close(self) -> None:
        """Close all files, also those of recorders, and end these."""
        deadline_s = time.monotonic() + LAST_WRITES_S
        while not all(link.is_confirmed for link in self._links):
            if time.monotonic() >= deadline_s:
                logger.error("Recorders have not written everything in time.")
                break
            eventlet.sleep(0.02)
        for link in self._links:
            link.stop(LAST_WRITES_S)
        super().close()

    def _least_busy(self) -> RecorderLink | None:
        """The recorder with the fewest players; `None` if this process has less to do."""
        self._own = [(record, seats) for record, seats in self._own if not record.is_closed]
        link = min(self._links, key=lambda each: each.players)
        others = sum(each.players for each in self._links)
        is_busier = link.players > sum(seats for _, seats in self._own) + PERSON_COST * others
        return None if is_busier else link

    def _kept_here(self, record: Record) -> Record:
        assert isinstance(record, GameRecord)
        self._own.append((record, record.seats))
        return record

    def _kept_by(
        self, link: RecorderLink, scene_id: str, match: dict[str, Any], *, is_new: bool
    ) -> Record:
        record = RemoteRecord(
            link,
            scene_id,
            match,
            folder=self._folder / scene_id / match["game_id"],
            routes=link.routes_of(match["game_id"], len(match["group"])),
            now=self._time,
            is_new=is_new,
        )
        link.add(record)
        return record
