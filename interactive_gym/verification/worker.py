"""Checks games of a running study: ``python -m interactive_gym.verification.worker STUDY``.

Reads a line ``scene_id/game_id`` for every game from its standard input, and answers each with a
line of JSON: ``game``, as it was asked for, and ``verified``, the field of ``match.json``. It ends
with its input.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from interactive_gym.verification.study import Codes, check, match_of
from interactive_gym.verification.verdict import verdict_of

_LAST = 19
"""The niceness of what runs only while nothing else wants the processor."""


def verdicts(study: Path, games: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Check one game after the other.

    Args:
        study: the experiment's folder.
        games: the games as ``scene_id/game_id``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        codes = Codes(study, Path(scratch))
        for game in games:
            folder = study / game
            match = match_of(folder)
            outcome = check(folder, match, codes.of_game(match))
            described = match if isinstance(match, dict) else {}
            yield {"game": game, "verified": verdict_of(outcome, described)}


def main() -> None:
    """Answer until the input ends."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, _LAST)
    asked = (line.rstrip("\n") for line in sys.stdin)
    for answer in verdicts(Path(sys.argv[1]), asked):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
