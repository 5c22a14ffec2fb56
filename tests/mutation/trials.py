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
import traceback
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

import cosmic_ray.plugins
import pytest
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult
from hypothesis import Phase, settings
from mutations import use_own_operators

MEMORY_LIMIT = 4 * 2**30
"""Bytes that a test run may use: a mutant that fills a list for ever ends there."""
WAITING_SHARE = 20
"""How many times the processor time a run may take by the clock; one that waits for ever ends."""
EXAMPLES = 25
"""How many examples Hypothesis tries, where a test does not ask for a number."""
IMPORTED_ONCE = ("hypothesis.stateful", "numpy", "pandas")
PYTEST_OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider"),
    # Hypothesis is imported before pytest could rewrite its assertions.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
LEFT_OUT = shutil.ignore_patterns("build", "node_modules", "data", ".*")
"""What of the checkout's own folder is not copied."""
LEFT_OUT_BELOW = shutil.ignore_patterns("vendor", "__pycache__")
"""What is copied of no folder."""
OUTPUT = Path("pytest.log")
"""Where a copy keeps what pytest said last."""

Stage = tuple[list[str], float]
"""What pytest is given, and how many seconds of the processor that may take."""


def make_copy(root: Path, copy: Path) -> None:
    """Copy a checkout to plant faults in; what no test changes is only linked."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        below = LEFT_OUT_BELOW(folder, names)
        return below | LEFT_OUT(folder, names) if Path(folder) == root else below

    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=left_out)
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


class QuickToFail:
    """Has pytest run quick tests first, and Hypothesis try few examples and not simplify them.

    Which test is quick is known from the run without a mutant.
    """

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        # Every copy has measured some of the tests.
        for path in Path("..").glob("copy-*/durations.json"):
            self._took_s.update(json.loads(path.read_text()))

    def pytest_configure(self) -> None:
        # Here, as the tests' own conftest has set its profile by now.
        phases = (Phase.explicit, Phase.generate)
        quick = settings(derandomize=True, database=None, phases=phases, max_examples=EXAMPLES)
        settings.register_profile("mutation", quick)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._took_s.get(item.nodeid, 0.0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._took_s.setdefault(report.nodeid, report.duration)

    def save(self) -> None:
        Path("durations.json").write_text(json.dumps(self._took_s))


def measure_tests(arguments: Sequence[str]) -> float:
    """Run tests where nothing is wrong; how many seconds they take.

    Raises:
        ValueError: Some fail, so that every mutant would seem to be caught.
    """
    took_s = run_tests(arguments, measures=True)
    if took_s is None:
        raise ValueError(f"Without a mutant there fail:\n{OUTPUT.read_text()}")
    return took_s


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
        output = os.open(OUTPUT, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        status = 1
        try:
            order = QuickToFail()
            status = pytest.main([*PYTEST_OPTIONS, *arguments], [order])
            if measures:
                order.save()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
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
