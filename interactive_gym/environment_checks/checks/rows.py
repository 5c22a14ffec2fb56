"""Checks that what a game records fits into rows of ``frames.csv``.

The rows are made by the recorder that browsers run, so what passes here is not refused there.
"""

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.trial import Trial
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.recorder import MAX_ROW_CHARS, Recorder
from interactive_gym.netcode.simulation import Simulation


def check_rows(loaded: LoadedEnvironment, trial: Trial) -> Finding:
    """Record a trial, and find the longest row.

    Args:
        loaded: A fresh environment, which the check changes.
        trial: What is played.

    Raises:
        ValueError: A frame makes a row that cannot be stored; the text says why.
    """
    config = trial.game_config()
    simulation = Simulation(adapt(loaded.env, trial.agents), config, loaded.namespace)
    recorder = Recorder(config, simulation.info_keys)
    longest = 0
    for inputs in trial.inputs(len(trial.agents)):
        result = simulation.step(inputs)
        if result is None:
            break
        longest = max(longest, *map(len, recorder.record(result)))
    return Finding(
        "rows", "ok", f"the longest row has {longest} characters of at most {MAX_ROW_CHARS}"
    )
