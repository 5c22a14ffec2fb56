"""The key that participants' tokens are signed with: kept, so that tokens outlive a restart.

It lies outside the data folder, which is copied and shared, and only its owner may read it.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{64}\n?")


def default_key_file() -> Path:
    """``interactive-gym/signing.key`` in the user's folder of state (``XDG_STATE_HOME``)."""
    home = os.environ.get("XDG_STATE_HOME")
    base = Path(home) if home else Path.home() / ".local" / "state"
    return base / "interactive-gym" / "signing.key"


def signing_key(file: Path) -> str:
    """The key in this file, which is made if it does not exist: 32 random bytes in hexadecimal.

    Raises:
        ValueError: the file cannot be made or read, others may read it, or it holds no key.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            _make(file)
        mode, key = file.stat().st_mode, file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ValueError(
            f"key_file is {str(file)!r}, which cannot be made or read ({error.strerror}): give "
            f"another file with .hosting(key_file=…)."
        ) from error
    if mode & 0o077:
        raise ValueError(
            f"key_file is {str(file)!r}, which others may read, and so could take the place of any "
            f"participant: run chmod 600 on it, or delete it to have another one made."
        )
    if not _KEY.fullmatch(key):
        raise ValueError(
            f"key_file is {str(file)!r}, which holds no key: delete it to have another one made."
        )
    return key.strip()


def _make(file: Path) -> None:
    """Make a file with a new key, in one step, so that nobody sees it without."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32) + "\n")
            new.flush()
            os.fsync(new.fileno())
        os.link(unfinished, file)
    finally:
        unfinished.unlink()
