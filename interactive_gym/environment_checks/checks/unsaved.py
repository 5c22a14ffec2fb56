"""Finds what an environment changes but does not save: the likely causes of a failed rollback.

What it finds may be harmless, such as a cache, so ``rollback`` tells it only with a failure.
"""

import pickle
import random
import sys
import types
from typing import Any

from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.state_leaves import (
    Leaves,
    different,
    leaves,
    shortened,
)
from interactive_gym.environment_checks.running.trial import Trial, saves_itself
from interactive_gym.netcode.environment import adapt

MOST = 3
"""The most attributes that are named."""
AHEAD = 8
"""Frames after which a state is loaded again."""


def unsaved_attributes(loaded: LoadedEnvironment, trial: Trial) -> list[str]:
    """The attributes and globals that a saved state does not bring back, in words.

    Args:
        loaded: A fresh environment, which this changes.
        trial: What is played.
    """
    env = loaded.env
    has_state = saves_itself(env)
    environment = adapt(env, trial.agents)
    inputs = trial.inputs(len(trial.agents))

    def play_on(start: int) -> bool:
        """Step AHEAD frames; return whether the episode is over."""
        for frame in inputs[start : start + AHEAD]:
            _, outcomes = environment.step([trial.actions[index] for index in frame])
            if all(outcome is None or outcome[1] or outcome[2] for outcome in outcomes):
                return True
        return False

    environment.reset(trial.seed)
    for start in range(0, len(inputs) - AHEAD, AHEAD):
        before = {**leaves(env, "env"), **surroundings(env)}
        saved = env.get_state() if has_state else pickle.dumps(env)
        play_on(start)
        if has_state:
            env.set_state(saved)
        restored = env if has_state else pickle.loads(saved)
        after = {**leaves(restored, "env"), **surroundings(env)}
        if lost := different(before, after):
            return [
                f"{path}, which is not part of the saved state "
                f"({shortened(before.get(path, 'missing'))} when saved, "
                f"{shortened(after.get(path, 'missing'))} when loaded)"
                for path in lost[:MOST]
            ]
        if play_on(start):
            environment.reset(trial.seed + start)
    return []


def surroundings(env: Any) -> Leaves:
    """Data outside an environment: of its classes and module, and global generators."""
    found: Leaves = {}
    for kind in type(env).__mro__[:-1]:
        module = sys.modules.get(kind.__module__)
        for name, value in [*vars(kind).items()]:
            if _is_data(name, value):
                found.update(leaves(value, f"{kind.__name__}.{name}"))
        if kind is type(env) and module is not None:
            for name, value in [*vars(module).items()]:
                if _is_data(name, value) and value is not env:
                    found.update(leaves(value, f"{kind.__module__}.{name}"))
    found["the generator of the random module"] = _state(random.getstate())
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        found["the global generator of numpy.random"] = _state(_plain(numpy_random))
    return found


def _plain(numpy_random: Any) -> tuple[Any, ...]:
    kind, key, *rest = numpy_random.get_state()
    return kind, key.tobytes(), *rest


def _state(generator_state: Any) -> str:
    return f"state {hash(generator_state) & 0xFFFF:04x}"


def _is_data(name: str, value: Any) -> bool:
    if name.startswith("__") or hasattr(value, "__get__") or callable(value):
        return False
    return not isinstance(value, (type, types.ModuleType))
