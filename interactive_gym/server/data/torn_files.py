"""Mends files that a killed server or a power failure has left with half a line at the end.

Called once, before anything is appended.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

_BLOCK = 64 * 1024


def mend_torn_files(folder: Path) -> dict[Path, int]:
    """Mend every appended file in a folder and those below it.

    Lines that are not whole are removed from the end, with a warning. What was to replace a file,
    and never did, is removed, too. A file that cannot be read or mended is named and left.

    Returns:
        How many bytes were removed from each file that lost some.
    """
    removed: dict[Path, int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                if name.startswith(".") and name.endswith(".unfinished"):
                    path.unlink()
                elif path.suffix in (".jsonl", ".csv") and (size := mend(path)):
                    removed[path] = size
            except OSError as error:
                logger.warning("%s may end with half a line (%s).", path, error.strerror)
    return removed


def mend(path: Path) -> int:
    """End a file with its last whole line; returns how many bytes were removed.

    Raises:
        OSError: It cannot be read, or needs to be mended and cannot be written.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        whole = _whole_length(file, size)
        if whole == size:
            return 0
        file.seek(whole)
        is_whole_but_for_its_end = path.suffix == ".jsonl" and _is_object(file.read())
    if is_whole_but_for_its_end:
        with path.open("ab") as file:
            file.write(b"\n")
        return 0
    os.truncate(path, whole)
    logger.warning("%s ended with half a line: its last %d bytes are removed.", path, size - whole)
    return size - whole


def _whole_length(file: BinaryIO, size: int) -> int:
    """How many bytes there are up to the last whole line, which holds no NUL."""
    end = size
    while end:
        start = _line_start(file, end)
        file.seek(start)
        line = file.read(end - start)
        # After a power failure, a file may be as long as it was but hold nothing there.
        if line.endswith(b"\n") and b"\0" not in line:
            return end
        end = start
    return 0


def _line_start(file: BinaryIO, end: int) -> int:
    """Where the line begins that ends at a position."""
    position = end - 1
    while position:
        start = max(0, position - _BLOCK)
        file.seek(start)
        found = file.read(position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
