"""Keeps the code of a study's games among its data: `code/<environment digest>/`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from interactive_gym.packages.game_code import CODE_FOLDER, GameCode


def keep_code(folder: Path, code: GameCode) -> None:
    """Keep the code of games, unless it is there.

    Args:
        folder: the experiment's folder.
        code: the code.

    Raises:
        ValueError: it cannot be written, or the folder that is named by its digest holds other
            files.
    """
    place = folder / CODE_FOLDER / code.digest
    try:
        if place.exists():
            _require_same(place, code)
        else:
            _write(place, code)
    except OSError as error:
        raise ValueError(
            f"data_dir is {str(folder.parent)!r}, but the games' code cannot be kept in {place} "
            f"({error.strerror}): let the server's user write there, or give another folder with "
            ".experiment(data_dir=…)."
        ) from error


def read_code(folder: Path, digest: str) -> GameCode | None:
    """The code of a study's games; `None` if it was not kept.

    Args:
        folder: the experiment's folder.
        digest: the environment digest of the games.

    Raises:
        ValueError: what is there is not the code of this digest.
        OSError: it cannot be read.
    """
    place = folder / CODE_FOLDER / digest
    if not place.is_dir():
        return None
    code = GameCode.from_files(_files(place))
    if code.digest != digest:
        raise ValueError("its files have another digest than its name")
    return code


def _require_same(place: Path, code: GameCode) -> None:
    if _files(place) != code.files():
        raise ValueError(
            f"{place} does not hold the code that its name says: somebody has changed it; move the "
            "folder away, and the server writes it anew."
        )


def _files(place: Path) -> dict[str, bytes]:
    paths = sorted(path for path in place.rglob("*") if not path.is_dir())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}


def _write(place: Path, code: GameCode) -> None:
    # Written beside it and then moved, so that no folder of a digest is ever half written.
    scratch = place.with_name(f".{place.name}.unfinished")
    shutil.rmtree(scratch, ignore_errors=True)
    for path, content in code.files().items():
        file = scratch / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    scratch.rename(place)
