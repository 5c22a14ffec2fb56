"""Trials of the environments in `broken_environments`, for the tests of one check at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from tests.support.paths import BROKEN


@contextmanager
def trial_of(name: str, **options: Any) -> Iterator[tuple[EnvironmentSource, Trial]]:
    """One of these environments, and a trial of a hundred frames unless told otherwise."""
    with EnvironmentSource(f"{BROKEN}:{name}") as source:
        yield source, Trial(("left", "right"), (0, 1, 2), **{"frames": 100, **options})
