"""Keeps Python's garbage collector from stopping everyone for a tenth of a second."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 100)
"""After how many new objects the youngest are looked through, and after how many times that the
older ones are. Nearly all that events make is freed at once, by its reference counts."""


def settle() -> None:
    """Look no more through what there is by now: modules and settings, which stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
