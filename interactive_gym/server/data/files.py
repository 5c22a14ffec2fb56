"""The one place that writes an experiment's files, and what becomes of a write that fails.

Nothing else opens them. Two kinds of writes differ in who remembers what could not be written:

- `append_now` and `replace_now` raise, and whoever asked tries again: a browser keeps its frames
  until they are acknowledged.
- `append` and `replace` never raise. What cannot be written is kept here, in order, and written by
  `tick` once that is possible again. No participant's step depends on it.

That files cannot be written is logged once, and once that they are written again.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from interactive_gym.server.data.disk_sync import DiskSync

logger = logging.getLogger(__name__)

MAX_OPEN_FILES = 128
"""Most files held open; those used least recently are closed."""

MAX_KEPT_BYTES = 64 * 2**20
"""Most bytes that are kept while files cannot be written; what comes beyond is lost."""

FAILURE_LASTS_S = 30.0
"""For how long a failed write counts, in seconds, if nobody tries it again."""

_CAUSES = {
    errno.ENOSPC: "Disk full",
    errno.EDQUOT: "Disk quota used up",
    errno.EFBIG: "File too large for its limit",
    errno.EROFS: "Folder read-only",
    errno.EACCES: "Folder read-only",
    errno.EPERM: "Folder read-only",
    errno.ENOENT: "Folder gone",
    errno.EMFILE: "Too many open files",
    errno.ENFILE: "Too many open files",
}


class Files:
    """The files of one experiment.

    Args:
        clock: monotonic seconds.
        now: the present moment in words, for the log.
    """

    def __init__(self, *, clock: Callable[[], float], now: Callable[[], str]) -> None:
        self._clock = clock
        self._now = now
        self._lock = threading.RLock()
        self._sync = DiskSync(clock)
        self._open: OrderedDict[Path, int] = OrderedDict()
        self._torn: dict[Path, int] = {}
        self._lasting_folders: set[Path] = set()
        self._left_folders: set[Path] = set()
        self._kept_text: dict[Path, list[str]] = {}
        self._kept_content: dict[Path, str] = {}
        self._kept_bytes = 0
        self._waited = 0
        self._lost = 0
        self._failed_at_s: dict[Path, float] = {}
        self._failing_since: str | None = None

    def make_lasting_folder(self, folder: Path) -> None:
        """Make a folder, if it is not there, that is made anew whenever it is found to be gone.

        Raises:
            OSError: It cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._lasting_folders.add(folder)

    def append_now(self, path: Path, text: str, *, size: int) -> int:
        """Add text to the end of a file: all of it, or nothing and an error.

        Args:
            path: The file; it is made if `size` is 0.
            text: Whole lines.
            size: How many bytes the file has to have.

        Returns:
            How many bytes it has then.

        Raises:
            OSError: It cannot be written, or does not have that size, as somebody has removed,
                replaced or changed it.
        """
        with self._lock:
            return self._append(path, text.encode(), size)

    def replace_now(self, path: Path, content: str) -> int:
        """Write a whole file; a reader sees the old content or the new. Returns its size in bytes.

        Raises:
            OSError: It cannot be written; the old content is left.
        """
        data = content.encode()
        with self._lock:
            self._replace(path, data)
        return len(data)

    def cut_now(self, path: Path, size: int) -> None:
        """Shorten a file to so many bytes.

        Raises:
            OSError: It cannot be shortened.
        """
        with self._lock:
            try:
                os.truncate(path, size)
            except OSError as error:
                self._note_failure(path, error)
                raise
            self._note_success(path)
            self._sync.note(path)

    def append(self, path: Path, text: str) -> None:
        """Add text to the end of a file, now or as soon as that is possible."""
        with self._lock:
            if path in self._kept_text:
                self._keep_text(path, text)
                if self._clock() >= self._failed_at_s.get(path, 0.0) + 1.0:
                    self._retry_text(path)
                return
            try:
                self._append(path, text.encode(), None)
            except OSError:
                self._keep_text(path, text)

    def replace(self, path: Path, content: str) -> None:
        """Write a whole file, now or as soon as that is possible; the last content counts."""
        with self._lock:
            self._forget_content(path)
            try:
                self._replace(path, content.encode())
            except OSError:
                self._kept_content[path] = content
                self._kept_bytes += len(content)

    def note_failure(self, path: Path, error: OSError) -> None:
        """Note that something else than a write failed, such as the making of a folder."""
        with self._lock:
            self._note_failure(path, error)

    def is_failing(self, folder: Path) -> bool:
        """Whether something in a folder could not be written lately, or still waits for it."""
        with self._lock:
            places = (self._failed_at_s, self._kept_text, self._kept_content)
            return any(folder in path.parents for place in places for path in place)

    def is_waiting(self, path: Path) -> bool:
        """Whether text for a file is kept until it can be written."""
        with self._lock:
            return path in self._kept_text

    def leave(self, folder: Path) -> None:
        """Close the files of a folder to which nothing more is added."""
        with self._lock:
            for path in [path for path in self._open if path.parent == folder]:
                self._close(path)
            if self.is_failing(folder):
                self._left_folders.add(folder)
            self._torn = {path: at for path, at in self._torn.items() if path.parent != folder}

    def tick(self) -> None:
        """Write what is kept, if that is possible by now, and bring what is written onto the disk.

        Call it about twice a second.
        """
        with self._lock:
            for path in list(self._kept_text):
                self._retry_text(path)
            for path in list(self._kept_content):
                self._retry_content(path)
            now_s = self._clock()
            waiting = self._kept_text.keys() | self._kept_content.keys()
            for path, failed_at_s in list(self._failed_at_s.items()):
                if path not in waiting and now_s >= failed_at_s + FAILURE_LASTS_S:
                    del self._failed_at_s[path]
            self._report_if_all_is_well()
            self._sync.tick()

    def close(self) -> None:
        """Write what is kept, as far as possible, bring all onto the disk, and close the files."""
        with self._lock:
            self.tick()
            for path in list(self._open):
                self._close(path)
            self._sync.close()

    def _append(self, path: Path, data: bytes, size: int | None) -> int:
        try:
            file = self._descriptor(path, may_create=not size)
            if path in self._torn:
                os.ftruncate(file, self._torn.pop(path))
            start = os.fstat(file).st_size
            if size is not None and start != size:
                raise OSError(errno.ESTALE, "another program has changed it", str(path))
            self._write_whole(path, file, data, start)
        except OSError as error:
            self._close(path)
            self._note_failure(path, error)
            raise
        self._note_success(path)
        self._sync.note(path)
        if start == 0:
            self._note_new(path)
        return start + len(data)

    def _write_whole(self, path: Path, file: int, data: bytes, start: int) -> None:
        rest = data
        try:
            while rest:
                rest = rest[os.write(file, rest) :]
        except OSError:
            self._torn[path] = start
            os.ftruncate(file, start)
            del self._torn[path]
            raise

    def _replace(self, path: Path, data: bytes) -> None:
        unfinished = path.with_name(f".{path.name}.unfinished")
        try:
            try:
                unfinished.write_bytes(data)
                os.replace(unfinished, path)
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
        except OSError as error:
            self._note_failure(path, error)
            raise
        self._note_success(path)
        self._sync.note(path)
        self._note_new(path)

    def _note_new(self, path: Path) -> None:
        """Note that folders list something new: the file, or perhaps its folder."""
        self._sync.note(path.parent)
        self._sync.note(path.parent.parent)

    def _descriptor(self, path: Path, *, may_create: bool) -> int:
        """The open file at this path: another one, if somebody has moved or removed it."""
        file = self._open.get(path)
        if file is not None:
            if _is_at(path, file):
                self._open.move_to_end(path)
                return file
            self._close(path)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if may_create else 0)
        try:
            file = os.open(path, flags, 0o666)
        except FileNotFoundError:
            if not may_create or path.parent not in self._lasting_folders:
                raise
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, flags, 0o666)
            logger.warning("The folder %s was gone and has been made anew.", path.parent)
        self._open[path] = file
        while len(self._open) > MAX_OPEN_FILES:
            self._close(next(iter(self._open)))
        return file

    def _close(self, path: Path) -> None:
        file = self._open.pop(path, None)
        if file is not None:
            os.close(file)

    def _keep_text(self, path: Path, text: str) -> None:
        if self._kept_bytes + len(text) > MAX_KEPT_BYTES:
            self._lost += 1
            if self._lost == 1:
                logger.error(
                    "%d MB wait to be written: what comes now is lost.", MAX_KEPT_BYTES >> 20
                )
            return
        self._kept_text.setdefault(path, []).append(text)
        self._kept_bytes += len(text)
        self._waited += 1

    def _retry_text(self, path: Path) -> None:
        text = "".join(self._kept_text[path])
        try:
            self._append(path, text.encode(), None)
        except OSError as error:
            if not self._is_gone_for_good(path, error):
                return
        del self._kept_text[path]
        self._kept_bytes -= len(text)

    def _retry_content(self, path: Path) -> None:
        try:
            self._replace(path, self._kept_content[path].encode())
        except OSError as error:
            if not self._is_gone_for_good(path, error):
                return
        self._forget_content(path)

    def _forget_content(self, path: Path) -> None:
        self._kept_bytes -= len(self._kept_content.pop(path, ""))

    def _is_gone_for_good(self, path: Path, error: OSError) -> bool:
        """Whether this is the file of an ended game whose folder somebody has removed."""
        is_gone = error.errno == errno.ENOENT and path.parent in self._left_folders
        self._lost += is_gone
        return is_gone

    def _note_failure(self, path: Path, error: OSError) -> None:
        self._failed_at_s[path] = self._clock()
        if self._failing_since is None:
            self._failing_since = self._now()
            logger.error(
                "%s since %s: %s cannot be written (%s). What browsers upload is not acknowledged "
                "and comes again, other lines wait.",
                _CAUSES.get(error.errno or 0, "Files cannot be written"),
                self._failing_since,
                path,
                error.strerror,
            )

    def _note_success(self, path: Path) -> None:
        if self._failed_at_s:
            self._failed_at_s.pop(path, None)

    def _report_if_all_is_well(self) -> None:
        if self._failing_since is None or self._failed_at_s:
            return
        logger.warning(
            "Files are written again since %s; they were not since %s. %d lines had to wait, %d "
            "were lost.",
            self._now(),
            self._failing_since,
            self._waited,
            self._lost,
        )
        self._failing_since = None
        self._waited = self._lost = 0
        self._left_folders.clear()


def _is_at(path: Path, file: int) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(file))
