"""Plants a mutant into a copy of the checkout and runs tests there, in a process of its own.

What tests need from elsewhere is imported once, in the process that forks; the project's modules
are imported afresh by every fork. The time that counts is the processor's, so that a busy machine
does not make a mutant seem to hang.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

import cosmic_ray.plugins
import pytest
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult
from mutations import use_own_operators

MEMORY_LIMIT = 4 * 2**30
"""Bytes that a test run may use: a mutant that fills a list for ever ends there."""
WAITING_SHARE = 20
"""How many times the processor time a run may take by the clock; one that waits for ever ends."""
IMPORTED_ONCE = ("hypothesis.stateful", "numpy", "pandas", "quick_hypothesis")
NOT_COPIED = ("build", "data", "node_modules", "vendor", ".*", "__pycache__")

Stage = tuple[list[str], float]
"""What pytest is given, and how many seconds of the processor that may take."""


def make_copy(root: Path, copy: Path) -> None:
    """Copy a checkout to plant faults in; what no test changes is only linked."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for name in ("node_modules", "interactive_gym/server/static/vendor"):
        if (root / name).exists():
            (copy / name).symlink_to(root / name)


def enter(copy: Path) -> None:
    """Have this process plant faults in *copy* and run the tests there."""
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    sys.path[:0] = [str(copy)]
    use_own_operators()
    for name in IMPORTED_ONCE:
        importlib.import_module(name)
    gc.freeze()


def try_mutant(item: WorkItem, stages: Sequence[Stage]) -> WorkResult:
    """Plant a mutant and run one stage of tests after the other, until one fails."""
    mutation = item.mutations[0]
    operator = cosmic_ray.plugins.get_operator(mutation.operator_name)()
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        diff = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        passed = all(run_tests(*stage) is not None for stage in stages)
    outcome = TestOutcome.SURVIVED if passed else TestOutcome.KILLED
    return WorkResult(WorkerOutcome.NORMAL, test_outcome=outcome, diff="\n".join(diff))


class FastestFirst:
    """Has pytest run quick tests before slow ones, by how long they took the first time."""

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        # Every copy has measured some of the tests.
        for path in Path("..").glob("copy-*/durations.json"):
            self._took_s.update(json.loads(path.read_text()))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._took_s.get(item.nodeid, 0.0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._took_s.setdefault(report.nodeid, report.duration)

    def save(self) -> None:
        Path("durations.json").write_text(json.dumps(self._took_s))


def measure_tests(arguments: Sequence[str]) -> float | None:
    """Run tests where nothing is wrong; how many seconds they take, or None if some fail."""
    return run_tests(arguments, measures=True)


def run_tests(
    arguments: Sequence[str], limit_s: float = 1e6, *, measures: bool = False
) -> float | None:
    """Run pytest; how many seconds of the processor it took, or None if something failed."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s) + 1, int(limit_s) + 1))
        # Two mutants of one size in one second would share a compiled file.
        sys.dont_write_bytecode = True
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        status = 1
        try:
            order = FastestFirst()
            status = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments], [order])
            if measures:
                order.save()
        finally:
            os._exit(int(status))
    gives_up_at_s = time.monotonic() + WAITING_SHARE * limit_s
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            with contextlib.suppress(ProcessLookupError):
                # What the tests have started does not outlive them.
                os.killpg(child, signal.SIGKILL)
            return usage.ru_utime + usage.ru_stime if status == 0 else None
        if time.monotonic() > gives_up_at_s:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)
