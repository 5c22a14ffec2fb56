"""Runs all checks of an environment, in order.

The only module that knows all checks. ``commands/check_env.py`` prints their findings.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from interactive_gym.environment_checks.checks import cost, interface, source_hints
from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.checks.known_causes import known_causes
from interactive_gym.environment_checks.checks.library_tests import check_by_library
from interactive_gym.environment_checks.checks.long_play import check_long_play
from interactive_gym.environment_checks.checks.repeatability import check_processes, check_seeds
from interactive_gym.environment_checks.checks.rollback import (
    check_policy,
    check_rollback,
    likely_causes,
)
from interactive_gym.environment_checks.checks.rows import check_rows
from interactive_gym.environment_checks.checks.snapshots import SnapshotCheck
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial
from interactive_gym.packages.imports import missing_imports, what_is_missing

MOST_CALLS = 5
"""The most suspicious calls that are named."""

PyodideRun = Callable[[EnvironmentSource, Trial, Sequence[Path]], cost.Cost]
"""Measures the cost in Pyodide; also takes the environment's own source files."""


@dataclass(frozen=True)
class CheckOptions:
    """What to check."""

    actions: tuple[Any, ...] | None = None
    """The actions to play; None takes those of the action space."""

    policies: tuple[str, ...] = ()
    """The names of policies to check."""

    frames: int = 300
    """How many frames are played in each check."""

    fps: float = 30.0
    """Frames per second, for the budget."""

    wheels: tuple[Path, ...] = ()
    """The packages that browsers install."""


def check_environment(
    source: EnvironmentSource,
    options: CheckOptions,
    clock: Callable[[], float],
    measure_in_pyodide: PyodideRun | None = None,
) -> Iterator[Finding]:
    """Run the checks and yield each finding as soon as it is known.

    Args:
        source: Where the environment comes from; its context is entered already.
        options: What to check.
        clock: Returns seconds, to measure the cost.
        measure_in_pyodide: Measures the cost in Pyodide; without it a factor is assumed.
    """
    try:
        loaded = source.load()
        agents = interface.agents_of(loaded.env)
        actions = options.actions or interface.actions_of(loaded.env, agents)
    except (interface.InterfaceError, ValueError) as error:
        yield Finding("interface", "wrong", f"{str(error).rstrip('.')}.")
        return
    except Exception as error:
        yield Finding("interface", "wrong", f"it cannot be made: {type(error).__name__}: {error}")
        return
    policies = tuple(name for name in options.policies if callable(loaded.namespace.get(name)))
    trial = Trial(agents, actions, policies, options.frames)
    found = interface.InterfaceCheck(loaded.env, agents).run(
        actions, trial.inputs(len(agents)), trial.seed
    )
    yield from found
    if any(finding.status == "wrong" for finding in found):
        return
    yield _rows_finding(source, trial)
    files = source_hints.own_files(loaded.namespace, loaded.env)
    calls = source_hints.hints(files)
    failures = 0
    for finding in _behaviour(source, trial, options.policies):
        if finding.status == "wrong":
            failures += 1
            if finding.check in ("seeds", "processes", "rollback"):
                finding = replace(finding, causes=finding.causes or tuple(calls[:MOST_CALLS]))
        yield finding
    if calls and not failures:
        yield Finding(
            "source", "note", f"no run was changed by it, but {'; '.join(calls[:MOST_CALLS])}"
        )
    if source.path is not None:
        yield from _imports_finding(source.path, options.wheels)
    yield check_by_library(source)
    yield _cost_finding(source, trial, options.fps, clock, measure_in_pyodide, files)


def _rows_finding(source: EnvironmentSource, trial: Trial) -> Finding:
    try:
        return check_rows(source.load(), trial)
    except Exception as error:
        return Finding("rows", "wrong", _sentence(error))


def _behaviour(
    source: EnvironmentSource, trial: Trial, policies: Sequence[str]
) -> Iterator[Finding]:
    try:
        for finding in SnapshotCheck(source.load(), trial).run():
            wrong = finding.status == "wrong" and finding.check == "saved state"
            if wrong:
                causes = (*known_causes(source.load().env), *likely_causes(source, trial))
                finding = replace(finding, causes=causes)
            yield finding
    except Exception as error:
        # The other checks need a state that can be saved and loaded.
        yield Finding("saved state", "wrong", _sentence(error), known_causes(source.load().env))
        return
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("seeds", partial(check_seeds, source, trial)),
        ("processes", partial(check_processes, source, trial)),
        ("rollback", partial(check_rollback, source, trial)),
        ("long play", partial(check_long_play, source, trial)),
    ]
    checks += [(f"policy {name}", partial(check_policy, source, trial, name)) for name in policies]
    rolls_back = True
    for name, check in checks:
        if not rolls_back:
            yield Finding(name, "skipped", "first let the environment itself be rolled back")
            continue
        try:
            finding = check()
        except Exception as error:
            finding = Finding(name, "wrong", _sentence(error))
        rolls_back = name != "rollback" or finding.status != "wrong"
        yield finding


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if isinstance(error, (ValueError, TypeError)) else f"{type(error).__name__}: {text}"


def _imports_finding(file: Path, wheels: Sequence[Path]) -> Iterator[Finding]:
    """Whether a file imports what browsers do not have."""
    missing = missing_imports(file.read_text(encoding="utf-8"), wheels)
    if missing:
        yield Finding("imports", "wrong", what_is_missing(missing))


def _cost_finding(
    source: EnvironmentSource,
    trial: Trial,
    fps: float,
    clock: Callable[[], float],
    measure_in_pyodide: PyodideRun | None,
    files: Sequence[Path],
) -> Finding:
    try:
        if measure_in_pyodide is not None:
            measured, where = measure_in_pyodide(source, trial, files), "in Pyodide on this machine"
        else:
            native = cost.measure(source.load(), trial, clock)
            measured = native.times(cost.PYODIDE_FACTOR)
            where = f"in Pyodide, taken to be {cost.PYODIDE_FACTOR:g} times slower than here,"
    except Exception as error:
        return Finding("cost", "wrong", f"it cannot be measured: {_sentence(error)}")
    fits, text = cost.in_words(measured, fps, where)
    return Finding("cost", "ok" if fits else "wrong", text)
