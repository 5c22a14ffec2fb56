"""Keeps a second server away from the data of an experiment that is running."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


def lock_folder(folder: Path) -> FileLock:
    """Hold an experiment's folder for as long as the returned lock lives, or this process does.

    Raises:
        ValueError: another server holds it.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise ValueError(
            f"data_dir is {str(folder.parent)!r}, where another server runs the experiment "
            f"{folder.name!r}: stop that one, or give another experiment_id or data_dir."
        ) from error
    return lock
