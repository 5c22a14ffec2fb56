"""The manifest of an experiment: the last digest of each ledger, in a file of its own.

A ledger whose lines are chained tells by itself that a line was changed, but not that lines are
missing at its end, and not that the whole chain was computed anew. The manifest does: it is written
anew, as a whole, at most half a second after a ledger has grown, and when the server ends.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from interactive_gym.server.data.chain import chain_end, split
from interactive_gym.server.data.files import Files
from interactive_gym.server.data.line_files import ChainedFile

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
"""The name of the file, in the experiment's folder."""

SCHEMA = 1
"""The version of its form."""


class LedgerEnd(msgspec.Struct, frozen=True):
    """What the manifest says of one ledger."""

    lines: int
    """How many lines it had when the manifest was written."""

    chain: str
    """The digest of the last of them."""

    closed: bool
    """Whether the server had ended in order, so that it has no more lines than these."""

    def is_end_of(self, rows: list[bytes]) -> bool:
        """Whether a ledger with these lines has the line that is named here, with its digest."""
        if self.lines > len(rows):
            return False
        named = rows[: self.lines]
        return chain_end(b"".join(row + b"\n" for row in named)).digest == self.chain


class _Content(msgspec.Struct):
    schema: int
    ledgers: dict[str, LedgerEnd]


def read_manifest(path: Path) -> dict[str, LedgerEnd]:
    """What a manifest says of each ledger, by the name of its scene.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none, or one of another version.
    """
    content = msgspec.json.decode(path.read_bytes(), type=_Content)
    if content.schema != SCHEMA:
        raise ValueError(f"its schema is {content.schema}, and this version reads {SCHEMA}")
    return content.ledgers


class Damage(msgspec.Struct, frozen=True):
    """What was wrong with a ledger when the server was started."""

    removed_bytes: int
    """The length of the half line that was removed from its end."""

    missing_lines: int
    """How many lines fewer than the manifest named it had."""

    is_as_in_manifest: bool
    """Whether the line that the manifest names was there, with its digest."""


class Manifest:
    """The manifest of a running experiment.

    Args:
        files: writes it.
        folder: the experiment's folder.
    """

    def __init__(self, files: Files, folder: Path) -> None:
        self._files = files
        self._path = folder / MANIFEST
        self._found = self._read()
        self._ledgers: dict[str, ChainedFile] = {}
        self._written: Mapping[str, LedgerEnd] = self._found

    def add(self, scene_id: str, ledger: ChainedFile, removed_bytes: int) -> Damage | None:
        """Tell of this ledger, too; returns what was wrong with it, if something was.

        Args:
            scene_id: the scene.
            ledger: its ledger, to which this start has not added anything yet.
            removed_bytes: how long the half line was that was removed from its end.
        """
        told = self._found.get(scene_id)
        damage = _damage(ledger, told, removed_bytes)
        self._ledgers[scene_id] = ledger
        self.write()
        return damage

    def write(self, *, is_closing: bool = False) -> None:
        """Write the file, if something has changed.

        What is told of a ledger that cannot be written just now stays as it was, so that it never
        tells of lines that are nowhere but in memory.
        """
        ends = dict(self._found)
        for scene_id, ledger in self._ledgers.items():
            if ledger.is_waiting:
                if (written := self._written.get(scene_id)) is not None:
                    ends[scene_id] = written
                continue
            ends[scene_id] = LedgerEnd(ledger.end.lines, ledger.end.digest, is_closing)
        if ends != self._written:
            self._written = ends
            content: dict[str, Any] = msgspec.to_builtins(_Content(SCHEMA, ends))
            self._files.replace(self._path, json.dumps(content, indent=2) + "\n")

    def _read(self) -> dict[str, LedgerEnd]:
        try:
            return read_manifest(self._path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("%s is written anew, as it cannot be read: %s", self._path, error)
            return {}


def _damage(ledger: ChainedFile, told: LedgerEnd | None, removed_bytes: int) -> Damage | None:
    rows = ledger.rows()
    is_chained = any(split(row)[1] for row in rows)
    is_as_told = not is_chained if told is None else told.is_end_of(rows)
    if is_as_told and not removed_bytes:
        return None
    missing = 0 if told is None else max(0, told.lines - len(rows))
    return Damage(removed_bytes, missing, is_as_told)
