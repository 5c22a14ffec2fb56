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

SPACES = {
    "Box": ("low", "high", "shape", "dtype"),
    "Discrete": ("n", "start", "dtype"),
    "MultiDiscrete": ("nvec", "dtype"),
    "MultiBinary": ("n",),
}
"""What describes a Gymnasium space that holds no others."""


class Observer:
    """Writes down what the agents of an environment see, from now on.

    The environment's class is changed, not the object: an object with functions of its own could
    not be pickled, which some environments need.

    Args:
        env: The environment, fresh.
        agents: Its agents, in the order of a frame's rows.
    """

    def __init__(self, env: Any, agents: list[Any]) -> None:
        self._env = env
        self._agents = agents
        self._has_agents = hasattr(env, "possible_agents") or hasattr(env, "agents")
        self.episodes: list[list[list[Any]]] = []
        """For every episode, from its reset on, what each agent saw; null for nothing."""
        for name in ("reset", "step"):
            setattr(type(env), name, self._observed(name, getattr(type(env), name)))

    def _observed(self, name: str, method: Any) -> Any:
        def call(env: Any, *args: Any, **options: Any) -> Any:
            result = method(env, *args, **options)
            if env is self._env:
                if name == "reset":
                    self.episodes.append([])
                self.episodes[-1].append(self._seen(result[0]))
            return result

        return call

    def _seen(self, observation: Any) -> list[Any]:
        if not self._has_agents:
            return [plain(observation)]
        return [plain(observation.get(agent)) for agent in self._agents]

    def spaces(self, name: str) -> list[Any]:
        """For every agent its space of this name, described; null if there is none.

        Args:
            name: ``observation_space`` or ``action_space``.
        """
        space = getattr(self._env, name, None)
        if self._has_agents and callable(space):
            return [described(space(agent)) for agent in self._agents]
        return [described(space)] * len(self._agents)


def plain(value: Any) -> Any:
    """A value as JSON has it.

    Raises:
        TypeError: JSON has no form for it.
    """
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(content) for key, content in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(content) for content in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"an observation has a {type(value).__name__}, which JSON has no form for")


def described(space: Any) -> Any:
    """A Gymnasium space as JSON has it; null for one of another kind."""
    kind = type(space).__name__
    if kind in SPACES:
        described_by = {name: getattr(space, name) for name in SPACES[kind]}
        if "dtype" in described_by:
            described_by["dtype"] = str(described_by["dtype"])
        return {"kind": kind, **plain(described_by)}
    if kind == "Dict":
        return {"kind": kind, "of": {str(k): described(part) for k, part in space.spaces.items()}}
    if kind == "Tuple":
        return {"kind": kind, "of": [described(part) for part in space.spaces]}
    return None


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Play a game again, as far as it goes.

    Args:
        job: ``code``, the folder of the code; ``wheels``, folders to import from; ``config``, the
            game; ``inputs``, those of every frame as hexadecimal text; ``rehearses``, whether it is
            also drawn, saved and loaded; ``observes``, whether to write down what the agents see.

    Returns:
        ``columns``, ``rows``, whether it ``is_over``, and the ``error`` that ended it, or null.
        ``columns`` is null if it could not begin. Of an error also its ``kind``, and the ``line``
        of the environment's code that raised it, if one did. If it observes, also
        ``observations``, and ``spaces`` with those of observations and actions.
    """
    sys.path[:0] = [job["code"], *job["wheels"]]
    game = observer = None
    error = kind = line = None
    try:
        from interactive_gym.netcode.game_config import GameConfig
        from interactive_gym.netcode.resimulation import Resimulation

        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        source = (Path(job["code"]) / "environment.py").read_text(encoding="utf-8")
        exec(compile(source, "environment.py", "exec"), module.__dict__)
        config = GameConfig.from_json(json.dumps(job["config"]))
        env = module.__dict__["env"]
        if job.get("observes"):
            observer = Observer(env, list(config.agents))
        game = Resimulation(env, config, module.__dict__)
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
    played: dict[str, Any] = {
        "columns": game.columns,
        "rows": game.rows,
        "is_over": game.is_over,
        **ended,
    }
    if observer is not None:
        played["observations"] = observer.episodes
        played["spaces"] = {
            "observation": observer.spaces("observation_space"),
            "action": observer.spaces("action_space"),
        }
    return played


def line_of(failure: BaseException) -> int | None:
    """The last line of the environment's code in a traceback."""
    frames = traceback.extract_tb(failure.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == "environment.py"]
    return lines[-1] if lines else None


if __name__ == "__main__":
    _, job_file, result_file = sys.argv
    result = run(json.loads(Path(job_file).read_text(encoding="utf-8")))
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")
