"""Plays one game again, in a process of its own: ``python -I child.py JOB RESULT``.

It runs the code that is kept with the data, netcode included, and imports nothing of the package
that started it. The job and the result are JSON files.
"""

import json
import sys
import traceback
import types
from pathlib import Path
from typing import Any


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Play a game again, as far as it goes.

    Args:
        job: ``code``, the folder of the code; ``wheels``, folders to import from; ``config``, the
            game; ``inputs``, those of every frame as hexadecimal text; ``rehearses``, whether it is
            also drawn, saved and loaded.

    Returns:
        ``columns``, ``rows``, whether it ``is_over``, and the ``error`` that ended it, or null.
        ``columns`` is null if it could not begin. Of an error also its ``kind``, and the ``line``
        of the environment's code that raised it, if one did.
    """
    sys.path[:0] = [job["code"], *job["wheels"]]
    game = None
    error = kind = line = None
    try:
        from interactive_gym.netcode.game_config import GameConfig
        from interactive_gym.netcode.resimulation import Resimulation

        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        source = (Path(job["code"]) / "environment.py").read_text(encoding="utf-8")
        exec(compile(source, "environment.py", "exec"), module.__dict__)
        config = GameConfig.from_json(json.dumps(job["config"]))
        game = Resimulation(module.__dict__["env"], config, module.__dict__)
        inputs = [bytes.fromhex(text) for text in job["inputs"]]
        if job.get("rehearses"):
            game.rehearse(inputs)
        else:
            game.play(inputs)
    except BaseException as failure:
        kind = type(failure).__name__
        error = f"{kind}: {failure}"
        line = line_of(failure)
    ended = {"error": error, "kind": kind, "line": line}
    if game is None:
        return {"columns": None, "rows": [], "is_over": False, **ended}
    return {
        "columns": game.columns,
        "rows": game.rows,
        "is_over": game.is_over,
        **ended,
    }


def line_of(failure: BaseException) -> int | None:
    """The last line of the environment's code in a traceback."""
    frames = traceback.extract_tb(failure.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == "environment.py"]
    return lines[-1] if lines else None


if __name__ == "__main__":
    _, job_file, result_file = sys.argv
    result = run(json.loads(Path(job_file).read_text(encoding="utf-8")))
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")
