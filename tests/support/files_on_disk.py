"""The layer of files, on a clock that only moves when it is told to, and what a disk may do."""

import resource
from contextlib import contextmanager
from pathlib import Path

from interactive_gym.server.data.files import Files
from interactive_gym.server.data.game_folder import FolderOnDisk
from tests.support.matching_fakes import Clock


def new_files(clock: Clock | None = None) -> Files:
    clock = clock or Clock()
    return Files(clock=clock, now=lambda: f"at {clock.now_s:g} s")


def new_folder(path: Path) -> FolderOnDisk:
    """The folder of a game, with files of its own."""
    return FolderOnDisk(path, new_files())


@contextmanager
def file_size_limit(size: int):
    """Limit how large this process's files may grow, as a full disk would.

    Not a fixture, since pytest's own output may be a file, written before fixtures are torn down.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
