"""Who cannot be connected, or does not answer, keeps nobody else from being tried."""

from __future__ import annotations

import itertools

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.messages.signals import Answer, Candidate, IceCandidate, Offer
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import World

PROBE_S = 15.5
"""The longest time that a probe takes, in seconds, with the tick that notices its end."""

HOST = Candidate(IceCandidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0"))


class Latest(FIFOMatchmaker):
    """A researcher's strategy that groups with whoever came last."""

    def find_match(self, arriving, waiting, group_size):
        return [waiting[-1], arriving] if waiting else None


class Backwards(Matchmaker):
    """A researcher's strategy that sees the pool, and prefers whom nobody ever met."""

    def find_match(self, arriving, waiting, group_size):
        return None

    def propose(self, pool):
        groups, free = [], list(reversed(pool.candidates))
        while free:
            one = free.pop(0)
            partner = next((c for c in free if not pool.is_blocked(one, c)), None)
            if partner is not None:
                free.remove(partner)
                groups.append([one, partner])
        return groups


STRATEGIES = {
    "first come": lambda: FIFOMatchmaker(150),
    "by latency": lambda: LatencyMatchmaker(150),
    "reunion": lambda: GroupReunionMatchmaker(150),
    "find_match": lambda: Latest(150),
    "propose": lambda: Backwards(150),
}

WAYS_TO_FAIL = [
    "not_ready",
    "no_signal",
    "no_candidates",
    "no_report",
    "bad_report",
    "not_connected",
]


class Study:
    """A manager with a real coordinator, and browsers of which some fail in one way."""

    def __init__(self, matchmaker: Matchmaker, failing: dict[str, str]) -> None:
        self.world = World(matchmaker=matchmaker)
        self.coordinator = self.world.probe_for_real()
        self.failing = failing
        self.rtt_ms = 400.0
        self.met: list[frozenset[str]] = []

    def run(self, seconds: float) -> None:
        """Let time pass, with browsers that do their part at once."""
        end_s = self.world.clock.now_s + seconds
        while self.world.clock.now_s < end_s:
            self._browse()
            self.world.clock.advance(0.5)
            self.coordinator.sweep()
            self.world.manager.tick()
            self._browse()

    def _browse(self) -> None:
        for probe in list(self.coordinator._probes.values()):
            pair = frozenset(probe.participants)
            if not self.met or self.met[-1] != pair or not probe.started:
                self.met.append(pair)
            ways = {who: self.failing.get(who) for who in probe.participants}
            for who, way in ways.items():
                if way != "not_ready":
                    self.coordinator.handle_ready(who, ProbeReady(probe.probe_session_id))
            if probe.started and probe.probe_session_id in self.coordinator._probes:
                self._connect(probe, ways)

    def _connect(self, probe, ways) -> None:
        described = Offer("v=0"), Answer("v=0")
        for who, description in zip(probe.participants, described, strict=True):
            if ways[who] == "no_signal":
                return
            for signal in [description] + [HOST] * (ways[who] != "no_candidates"):
                self.coordinator.handle_signal(who, ProbeSignal(probe.probe_session_id, signal))
        if {"no_candidates", "not_connected"} & {*ways.values()}:
            return
        for who, way in ways.items():
            samples = [1e308] if way == "bad_report" else [self.rtt_ms] * 4
            if way != "no_report":
                told = ProbeResult(probe.probe_session_id, samples_ms=samples)
                self.coordinator.handle_result(who, told)

    def have_met(self, *pair: str) -> bool:
        return frozenset(pair) in self.met


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_honest_ones_are_tried_within_a_probes_time_whatever_others_do(strategy, way):
    """Two who fail came first, so that each of the honest ones meets one of them at once."""
    study = Study(STRATEGIES[strategy](), {"x": way, "y": way})
    study.world.join("x", "b", "y", "c")
    study.run(2 * PROBE_S)
    assert study.have_met("b", "c"), study.met


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_pair_that_was_never_tried_goes_before_one_that_failed(strategy, way):
    study = Study(STRATEGIES[strategy](), {"x": way})
    study.world.join("x", "b")
    study.run(PROBE_S)
    study.world.join("c")
    study.run(2 * PROBE_S)
    assert study.have_met("b", "c"), study.met


@pytest.mark.parametrize("way", [way for way in WAYS_TO_FAIL if way != "not_connected"])
def test_the_ledger_names_who_failed_and_why(way):
    study = Study(FIFOMatchmaker(150), {"x": way})
    study.world.join("x", "b")
    study.run(PROBE_S)
    assert study.world.ledger.of("probe")[0]["causes"] == {"x": way}
    assert study.world.ledger.of("failure")[0]["ranks"] == {"x": 1}


def test_where_both_did_their_part_nobody_is_blamed():
    study = Study(FIFOMatchmaker(150), {"x": "not_connected"})
    study.world.join("x", "b")
    study.run(PROBE_S)
    (probe,) = study.world.ledger.of("probe")[:1]
    assert probe["causes"] == {"x": "not_connected", "b": "not_connected"}
    assert study.world.ledger.of("failure")[0]["ranks"] == {}


def test_who_failed_with_two_partners_ranks_last_and_is_probed_ever_more_rarely():
    study = Study(FIFOMatchmaker(150), {"x": "not_ready"})
    study.world.join("x", "b", "c", "d")
    study.run(400.0)
    failures = [line for line in study.world.ledger.of("failure") if "x" in line["pair"]]
    assert [line["ranks"] for line in failures[:2]] == [{"x": 1}, {"x": 2}]
    times_s = [line["monotonic_s"] for line in failures]
    waits_s = [later - earlier for earlier, later in itertools.pairwise(times_s)]
    assert waits_s[-1] > waits_s[1]
    assert max(waits_s) >= 60.0


def test_probes_that_fail_do_not_make_others_seem_long():
    study = Study(LatencyMatchmaker(150), {"x": "not_ready"})
    study.world.join("x", "b")
    before_s = study.world.manager._statistics.typical_probe_s
    study.run(60.0)
    assert study.world.ledger.of("failure")
    assert study.world.manager._statistics.typical_probe_s == before_s
