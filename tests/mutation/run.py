"""Says which faults in the core no test would notice, by planting them one by one.

    python tests/mutation/run.py [--sample 250] [--seed 1] [module …]

Needs the extra `mutation`. Cosmic Ray makes the mutants: a number one off, a condition negated, a
call left out. Each is planted into a copy of the checkout, where the module's own tests run first
and then all of its part (see `core.py`), until one fails. Prints those that survive, each with its
diff, and the share that was caught of all that change anything (see `equivalent.txt`).

What is done is kept in `build/mutation` until the module changes: a run that was stopped goes on
where it was, and a larger sample contains the smaller one. `--again` runs survivors again, as after
a new test. `--own` runs only the tests that are named after the module, which is quick; a survivor
of these may still be caught by others.
"""

import argparse
import hashlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from core import CORE, Part, all_tests, modules_of, own_tests
from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem, WorkResult
from equivalent import Mutant, known_equivalents
from mutations import mutations_of, use_own_operators
from trials import Stage, enter, make_copy, measure_tests, try_mutant

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/mutation"


@dataclass(frozen=True)
class Job:
    """A mutant and where it is kept."""

    part: Part
    module: Path
    item: WorkItem
    database: WorkDB

    @property
    def mutation(self) -> MutationSpec:
        return self.item.mutations[0]

    @property
    def operator(self) -> str:
        return self.mutation.operator_name.partition("/")[2]

    @property
    def place(self) -> str:
        return f"{self.module}:{self.mutation.start_pos[0]}"


def main() -> int:
    """Run the mutants that are asked for and print what came of them."""
    options = _options()
    os.chdir(ROOT)
    use_own_operators()
    jobs = _sampled(_jobs(options.modules, own=options.own), options.sample, options.seed)
    done = _results(jobs)
    if options.again:
        done = {at: result for at, result in done.items() if _is_caught(result)}
    waiting = [job for job in jobs if job.item.job_id not in done]
    print(f"{len(jobs)} mutants, {len(waiting)} still to run.", flush=True)
    if waiting:
        _run(waiting, options)
    _report(jobs)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("modules", nargs="*", help="names of modules, such as mesh; all if none")
    parser.add_argument("--sample", type=int, help="how many mutants to draw; all if not given")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--minutes", type=float, default=1e9, help="when to stop")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many run at once")
    parser.add_argument("--own", action="store_true", help="only tests named after the module")
    parser.add_argument("--again", action="store_true", help="run survivors again")
    return parser.parse_args()


def _jobs(names: Sequence[str], *, own: bool) -> list[Job]:
    """The mutants of the modules of these names, in a fixed order."""
    jobs, unknown = [], set(names)
    for part in CORE:
        for module in modules_of(part, ROOT):
            unknown.discard(module.stem)
            if own and not own_tests(part, module, ROOT):
                print(f"{module} has no tests of its own.")
            elif not names or module.stem in names:
                database = _database(module, own=own)
                jobs += [Job(part, module, item, database) for item in database.work_items]
    if unknown:
        sys.exit(f"The core has no module named {' or '.join(sorted(unknown))}.")
    return sorted(jobs, key=lambda j: (j.module, j.mutation.operator_name, j.mutation.occurrence))


def _database(module: Path, *, own: bool) -> WorkDB:
    """The mutants of a module as it is now, with the results so far of all or its own tests."""
    BUILD.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256((ROOT / module).read_bytes()).hexdigest()[:12]
    name = f"{module.parent.name}-{module.stem}-{content}-{'own' if own else 'all'}"
    path = BUILD / f"{name}.sqlite"
    is_new = not path.exists()
    database = WorkDB(path, WorkDB.Mode.create)
    if is_new:
        database.add_work_items(mutations_of(module))
    return database


def _sampled(jobs: list[Job], size: int | None, seed: int) -> list[Job]:
    shuffled = random.Random(seed).sample(jobs, len(jobs))
    return shuffled[:size]


def _results(jobs: Sequence[Job]) -> dict[str, WorkResult]:
    """What came of the mutants that were run, by their ids."""
    results: dict[str, WorkResult] = {}
    for database in {id(job.database): job.database for job in jobs}.values():
        results.update(database.results)
    return results


def _is_caught(result: WorkResult) -> bool:
    return result.test_outcome is not TestOutcome.SURVIVED


def _run(jobs: Sequence[Job], options: argparse.Namespace) -> None:
    """Run mutants until all are done or the time is over."""
    ends_at_s = time.monotonic() + 60 * options.minutes
    pools = [_pool(number) for number in range(options.workers)]
    stages = _stages(jobs, pools, own=options.own)
    queue = iter(jobs)
    running: dict[Future[WorkResult], tuple[Job, ProcessPoolExecutor]] = {}
    free = list(pools)
    done = 0
    while True:
        while free and time.monotonic() < ends_at_s and (job := next(queue, None)) is not None:
            pool = free.pop()
            running[pool.submit(try_mutant, job.item, stages[job.module])] = job, pool
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job, pool = running.pop(future)
            free.append(pool)
            done += 1
            result = future.result()
            job.database.set_result(job.item.job_id, result)
            word = "caught" if _is_caught(result) else "SURVIVED"
            print(f"[{done}/{len(jobs)}] {word} {job.place} {job.operator}", flush=True)
    for pool in pools:
        pool.shutdown()


def _pool(number: int) -> ProcessPoolExecutor:
    """A process with a copy of its own."""
    copy = BUILD / f"copy-{number}"
    make_copy(ROOT, copy)
    return ProcessPoolExecutor(1, initializer=enter, initargs=(copy,))


def _stages(
    jobs: Sequence[Job], pools: Sequence[ProcessPoolExecutor], *, own: bool
) -> dict[Path, list[Stage]]:
    """The tests for every module and the time they may take, by what they take without a fault.

    Raises:
        ValueError: Some fail, so that every mutant would seem to be caught.
    """
    commands = {job.module: own_tests(job.part, job.module, ROOT) for job in jobs}
    runs = [tests for tests in commands.values() if tests]
    if not own:
        runs += [all_tests(part) for part in {job.part for job in jobs}]
    print(f"The tests run once without a mutant, in {len(runs)} runs.", flush=True)
    futures = [
        (tests, pools[at % len(pools)].submit(measure_tests, tests))
        for at, tests in enumerate(runs)
    ]
    limits_s = {}
    for tests, future in futures:
        limits_s[tuple(tests)] = 10 + 3 * future.result()
    return {
        job.module: [
            (tests, limits_s[tuple(tests)])
            for tests in (commands[job.module], [] if own else all_tests(job.part))
            if tests
        ]
        for job in jobs
    }


def _report(jobs: Sequence[Job]) -> None:
    """Print the survivors and the share that was caught."""
    results, equivalent = _results(jobs), known_equivalents()
    counts: Counter[str] = Counter()
    for job in sorted(jobs, key=lambda job: (job.module, job.mutation.start_pos)):
        result = results.get(job.item.job_id)
        if result is None:
            counts["not run"] += 1
        elif _is_caught(result):
            counts["caught"] += 1
        elif _known_by(job, result) in equivalent:
            counts["equivalent"] += 1
        else:
            counts["survived"] += 1
            lines = _changed_lines(result.diff or "")
            print(f"\n{job.place}\nin {job.mutation.definition_name or 'module'}", *lines, sep="\n")
    run = counts["caught"] + counts["survived"]
    share = f"{100 * counts['caught'] / run:.1f}%" if run else "nothing"
    print(f"\n{dict(counts)}: {share} of the mutants that change anything were caught.")


def _changed_lines(diff: str) -> list[str]:
    """The lines of a unified diff that were taken out and put in, with their signs."""
    body = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    return [line[0] + line[1:].strip() for line in body if line.startswith(("-", "+"))]


def _known_by(job: Job, result: WorkResult) -> Mutant:
    """A mutant as the list of equivalent ones would name it."""
    changed = _changed_lines(result.diff or "")
    before, after = (" ".join(line[1:] for line in changed if line[0] == sign) for sign in "-+")
    return job.mutation.definition_name, before, after


if __name__ == "__main__":
    sys.exit(main())
