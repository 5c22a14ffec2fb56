"""Runs the tests of PettingZoo and Gymnasium for environments, where they are installed."""

import contextlib
import importlib.util
import io
import warnings
from typing import Any

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.checks.interface import has_agents
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource

CYCLES = 200
"""How many steps PettingZoo's test takes."""


def check_by_library(source: EnvironmentSource) -> Finding:
    """Run the test of the library whose interface the environment implements."""
    env = source.load().env
    library, test = (
        ("pettingzoo", "PettingZoo's parallel_api_test")
        if has_agents(env)
        else ("gymnasium", "Gymnasium's check_env")
    )
    if importlib.util.find_spec(library) is None:
        return Finding(test, "skipped", f"{library} is not installed")
    if not isinstance(env, _base_class(library)):
        text = f"the environment is not derived from {library}'s class, which this test demands"
        return Finding(test, "skipped", text)
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _run(library, env)
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return Finding(test, "wrong", f"{text[:300]}")
    return Finding(test, "ok", "passed")


def _base_class(library: str) -> type:
    if library == "pettingzoo":
        from pettingzoo import ParallelEnv

        return ParallelEnv  # type: ignore[no-any-return]
    from gymnasium import Env

    return Env


def _run(library: str, env: Any) -> None:
    if library == "pettingzoo":
        from pettingzoo.test import parallel_api_test

        parallel_api_test(env, num_cycles=CYCLES)
    else:
        from gymnasium.utils.env_checker import check_env

        check_env(env, skip_render_check=True)
