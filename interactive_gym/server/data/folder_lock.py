"""Makes the folder of an experiment, and keeps a second server away from it while one runs."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


def make_experiment_folder(folder: Path) -> None:
    """Make the folder that an experiment's data go to, if it does not exist.

    Raises:
        ValueError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"data_dir is {str(folder.parent)!r}, where no folder can be made "
            f"({error.strerror}): give another folder with .experiment(data_dir=…)."
        ) from error


RECORDERS_END_S = 10.0
"""How long recorders of a server that was killed may take to end, in seconds."""


def lock_for_recorder(folder: Path, number: int) -> FileLock:
    """Say that a recorder writes in an experiment's folder, for as long as the lock lives.

    Raises:
        Timeout: another one with this number goes on and on.
    """
    lock = FileLock(folder / f".recorder-{number}.lock")
    lock.acquire(timeout=RECORDERS_END_S)
    return lock


def await_recorders(folder: Path, patience_s: float = RECORDERS_END_S) -> None:
    """Wait until no recorder of an earlier server writes in an experiment's folder.

    Args:
        folder: the experiment's folder.
        patience_s: for how long, in seconds.

    Raises:
        ValueError: one goes on and on.
    """
    for path in folder.glob(".recorder-*.lock"):
        try:
            FileLock(path).acquire(timeout=patience_s).lock.release()
        except Timeout as error:
            raise ValueError(
                f"data_dir is {str(folder.parent)!r}, where a recorder of the experiment "
                f"{folder.name!r} still runs: end that process, or give another experiment_id."
            ) from error


def lock_folder(folder: Path) -> FileLock:
    """Hold an experiment's folder for as long as the returned lock lives, or this process does.

    Raises:
        ValueError: another server holds it, or it cannot be made or written.
    """
    make_experiment_folder(folder)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise ValueError(
            f"data_dir is {str(folder.parent)!r}, where another server runs the experiment "
            f"{folder.name!r}: stop that one, or give another experiment_id or data_dir."
        ) from error
    except OSError as error:
        raise ValueError(
            f"data_dir is {str(folder.parent)!r}, but {error.filename} cannot be written "
            f"({error.strerror}): let the server's user write there, or give another folder with "
            f".experiment(data_dir=…)."
        ) from error
    return lock
