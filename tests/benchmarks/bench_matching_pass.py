"""What matching costs the server: CPU per arrival and per pass, and memory per measured edge.

    python tests/benchmarks/bench_matching_pass.py [--people 1000,5000]

Prints JSON. The hard case is a waitroom whose pairs are mostly known to be bad: nobody can be
matched, and everything known must be respected. What is kept between passes is what the
LatencyMatchmaker's PairSearch keeps: for each person the point in time from which a partner would
be worth a probe. A pass looks again at people who are new, changed or due, and when the predictor
has learnt noticeably, at about 32,000 pairs per pass until all are up to date.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker

THRESHOLD_MS = 60.0
KNOWN_BAD = 0.99
PASSES = 60
SETTLING_PASSES = 1000
WAITED_S = 600.0


class Waitroom:
    """People who wait, nearly all of whose pairs were rejected."""

    def __init__(self, people: int, matchmaker: Matchmaker, known_bad: float) -> None:
        self.rng = random.Random(people)
        self.matchmaker = matchmaker
        self.graph = LatencyGraph(fresh_s=1e6)
        self.statistics = MatchingStatistics()
        self.now_s = 0.0
        self.proposed = 0
        self.candidates: list[MatchCandidate] = []
        for _ in range(people):
            self.arrive()
        for at, a in enumerate(self.candidates):
            for b in self.candidates[:at]:
                if self.rng.random() < known_bad:
                    self.reject(a, b)

    def arrive(self) -> MatchCandidate:
        self.now_s += 0.1
        subject_id = f"{self.rng.getrandbits(128):032x}"
        # Far from the server and from each other, so that hardly a pair is likely.
        candidate = MatchCandidate(subject_id, self.rng.uniform(100.0, 400.0), self.now_s)
        self.candidates.append(candidate)
        self.statistics.arrived(self.now_s)
        return candidate

    def reject(self, a: MatchCandidate, b: MatchCandidate) -> None:
        pair = (a.subject_id, b.subject_id)
        self.graph.record_measurement(
            pair, 200.0, accepted=False, now_s=self.now_s, wall_s=self.now_s
        )

    def pool(self, arriving: MatchCandidate | None = None) -> MatchPool:
        return MatchPool(
            self.candidates,
            matchmaker=self.matchmaker,
            graph=self.graph,
            group_size=2,
            now_s=self.now_s,
            arriving=arriving,
            statistics=self.statistics,
        )

    def run_pass(self, arriving: MatchCandidate | None = None) -> float:
        """One pass as the GameManager makes it; its CPU time in milliseconds."""
        began = time.process_time()
        proposals = self.matchmaker.propose(self.pool(arriving))
        took_ms = (time.process_time() - began) * 1000.0
        self.proposed = len(proposals)
        for a, b in proposals:
            self.reject(a, b)
            self.graph.learn(a, b, accepted=False, threshold_ms=THRESHOLD_MS)
            self.statistics.probed(1.0)
        return took_ms


def settled(people: int, make: Callable[[], Matchmaker], known_bad: float) -> Waitroom:
    """A waitroom in which what is worth a probe now has been tried, as far as there was time.

    Everybody has waited for so long that no deferral is left to end while it is measured.
    """
    waitroom = Waitroom(people, make(), known_bad)
    waitroom.now_s += WAITED_S
    for _ in range(SETTLING_PASSES):
        waitroom.run_pass()
        is_behind = waitroom.matchmaker.next_look_s(waitroom.pool()) == 0.0
        if not waitroom.proposed and not is_behind:
            break
    return waitroom


def measure(people: int, make: Callable[[], Matchmaker], known_bad: float) -> dict[str, float]:
    waitroom = settled(people, make, known_bad)
    arrivals, passes, afresh = [], [], []
    for _ in range(PASSES):
        arrivals.append(waitroom.run_pass(waitroom.arrive()))
        waitroom.candidates.pop()
        waitroom.now_s += 0.5
        passes.append(waitroom.run_pass())
    for _ in range(5):
        # A matchmaker that knows nothing of the earlier passes has to look at everybody.
        waitroom.matchmaker = make()
        afresh.append(waitroom.run_pass())
    return {
        "people": people,
        "known_bad_share": known_bad,
        "arrival_ms_mean": statistics.fmean(arrivals),
        "arrival_ms_p95": sorted(arrivals)[int(0.95 * PASSES)],
        "full_pass_ms_mean": statistics.fmean(passes),
        "full_pass_ms_p95": sorted(passes)[int(0.95 * PASSES)],
        "pass_without_memory_ms_mean": statistics.fmean(afresh),
    }


def bytes_per_edge(edges: int = 50_000) -> float:
    """Memory of a measured edge without its report, people in groups of 100."""
    rng = random.Random(0)
    ids = [f"{rng.getrandbits(128):032x}" for _ in range(edges // 50 + 1)]
    gc.collect()
    tracemalloc.start()
    graph, made = LatencyGraph(), 0
    before, _ = tracemalloc.get_traced_memory()
    for at, a in enumerate(ids):
        for b in ids[at + 1 : at + 51]:
            graph.record_measurement((a, b), 80.0 + at, accepted=False, now_s=at, wall_s=at)
            made += 1
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", default="1000")
    people = [int(number) for number in parser.parse_args().people.split(",")]
    strategies: dict[str, Callable[[], Matchmaker]] = {
        "LatencyMatchmaker": lambda: LatencyMatchmaker(THRESHOLD_MS),
        "FIFOMatchmaker": lambda: FIFOMatchmaker(THRESHOLD_MS),
    }
    results = []
    for number in people:
        for name, make in strategies.items():
            if name == "FIFOMatchmaker" and number > 1000:
                # It tries every unknown pair, so a waitroom like this is not its own.
                continue
            # All pairs of 5,000 people are 12 million edges; a fiftieth of them is enough there.
            share = KNOWN_BAD if number <= 1000 else 0.02
            results.append({"matchmaker": name, **measure(number, make, share)})
    print(json.dumps({"bytes_per_edge": bytes_per_edge(), "passes": results}, indent=1))


if __name__ == "__main__":
    main()
