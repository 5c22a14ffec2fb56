"""Checks that frames simulated again come out the same, and names what does not.

``netcode/sync_test.py`` simulates and compares as in a game. This module words the difference and
looks for its cause.
"""

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.checks.unsaved import unsaved_attributes
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from interactive_gym.netcode.sync_test import sync_test

DEPTH = 8
"""The most frames that a game rolls back."""


def check_rollback(source: EnvironmentSource, trial: Trial) -> Finding:
    """Roll back every frame of a trial by up to 8 frames, without policies."""
    loaded = source.load()
    inputs = trial.inputs(len(trial.agents))
    try:
        found = sync_test(loaded.env, trial.game_config(), inputs, DEPTH)
    except Exception as error:
        return Finding(
            "rollback",
            "wrong",
            f"stepping on from a loaded state raises {type(error).__name__}: {error}.",
            likely_causes(source, trial),
        )
    if found is None:
        text = f"{trial.frames} frames, each simulated again after going back up to {DEPTH}"
        return Finding("rollback", "ok", text)
    return Finding(
        "rollback",
        "wrong",
        f"frame {found.frame} comes out differently when it is simulated again: {found.where} is "
        f"{found.first}, then {found.second}.",
        likely_causes(source, trial),
    )


def likely_causes(source: EnvironmentSource, trial: Trial) -> tuple[str, ...]:
    """What the environment changes but does not save; empty if it fails in itself."""
    try:
        return tuple(unsaved_attributes(source.load(), trial))
    except Exception:
        return ()


def check_policy(source: EnvironmentSource, trial: Trial, name: str) -> Finding:
    """Let a policy play the last agent, roll back every frame, and compare its decisions."""
    check = f"policy {name}"
    loaded = source.load()
    if not callable(loaded.namespace.get(name)):
        text = f"the environment's code defines no function or object {name} that can be called."
        return Finding(check, "wrong", text)
    policies = (*(None for _ in trial.agents[1:]), name)
    inputs = trial.inputs(len(trial.agents) - 1)
    config = trial.game_config(policies)
    try:
        found = sync_test(loaded.env, config, inputs, DEPTH, loaded.namespace)
    except Exception as error:
        return Finding(check, "wrong", f"it fails in a game: {type(error).__name__}: {error}")
    if found is not None:
        return Finding(
            check,
            "wrong",
            f"frame {found.frame} comes out differently when it is simulated again: {found.where} "
            f"is {found.first}, then {found.second}; a policy must decide by the observation and "
            "the agent, and what it remembers must be in its get_state() or its pickle.",
        )
    return Finding(
        check, "ok", f"plays agent {trial.agents[-1]}, {trial.frames} frames rolled back"
    )
