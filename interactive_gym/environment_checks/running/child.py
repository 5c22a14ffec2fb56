"""Plays a trial in a separate process and writes the result; started by ``repeatability``.

Its clock can be set wrong on purpose.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial, play

CLOCKS = ("time", "monotonic", "perf_counter")
"""The functions of ``time`` that are set wrong, each with its ``_ns`` sibling."""


def main(source_text: str, trial_json: str, output: str, offset_s: str, leaves_of: str) -> None:
    """Play, and write the moments' digests, or the leaves of one of them, as JSON."""
    set_clocks_wrong(float(offset_s))
    trial = Trial.from_record(json.loads(trial_json))
    result: dict[str, Any]
    with EnvironmentSource(source_text) as source:
        moments = play(source.load(), trial)
        if int(leaves_of) >= 0:
            chosen = next(
                moment for number, moment in enumerate(moments) if number == int(leaves_of)
            )
            result = {"leaves": chosen.leaves()}
        else:
            result = {"moments": [[moment.where(), moment.digest()] for moment in moments]}
    Path(output).write_text(json.dumps(result), encoding="utf-8")


def set_clocks_wrong(offset_s: float) -> None:
    """Set the clocks of the ``time`` module ahead, for modules imported from now on."""
    if not offset_s:
        return
    for name in CLOCKS:
        setattr(time, name, _ahead(getattr(time, name), offset_s))
        nanoseconds = f"{name}_ns"
        setattr(time, nanoseconds, _ahead(getattr(time, nanoseconds), int(offset_s * 1e9)))


def _ahead(clock: Callable[[], Any], offset: Any) -> Callable[[], Any]:
    return lambda: clock() + offset


if __name__ == "__main__":
    main(*sys.argv[1:])
