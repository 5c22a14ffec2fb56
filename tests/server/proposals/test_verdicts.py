"""What follows from the verdict on an edge, seen through the GameManager that asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.reliability import Rank
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.probing.events import ProbeResult, parse_side
from interactive_gym.server.probing.report import ProbeReport, make_report
from tests.support.matching_fakes import FakeScene, World

PAIR = ("a", "b")


class Watching(FIFOMatchmaker):
    """Keeps the statistics and the graph that it is shown."""

    statistics: MatchingStatistics
    graph: LatencyGraph

    def propose(self, pool: Any) -> Any:
        self.statistics, self.graph = pool.statistics, pool.graph
        return super().propose(pool)


class Raising(Watching):
    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        raise RuntimeError("no idea")


class Accepting(Watching):
    """Accepts whatever comes, also nothing."""

    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        return False


class Rejecting(Watching):
    def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
        return True


Learnt = list[tuple[set[str], bool, float]]
"""Of whom the graph was told to learn, the verdict, and under which threshold."""


def probing(matchmaker: Watching, people: str = "ab") -> tuple[World, LatencyGraph, Learnt]:
    """Everybody of `people` in one proposal, whose first probe runs."""
    world = World(
        matchmaker=matchmaker,
        server_rtt_ms=lambda subject_id: 60.0,
        scene=FakeScene(human_agents=tuple(f"agent-{who}" for who in people)),
    )
    world.join(*people)
    graph, learnt = matchmaker.graph, Learnt()
    learn = graph.learn

    def note(a: MatchCandidate, b: MatchCandidate, *, accepted: bool, threshold_ms: float) -> None:
        learnt.append(({a.subject_id, b.subject_id}, accepted, threshold_ms))
        learn(a, b, accepted=accepted, threshold_ms=threshold_ms)

    graph.learn = note  # type: ignore[method-assign]
    return world, graph, learnt


@pytest.mark.parametrize(("rtt_ms", "accepted"), [(150.0, True), (150.1, False), (20.0, True)])
def test_the_predictor_learns_from_every_measured_edge(rtt_ms: float, accepted: bool) -> None:
    world, graph, learnt = probing(Watching(150))
    assert graph.predictor.effect("a").mean == graph.predictor.effect("b").mean == 0
    world.prober.last.complete(rtt_ms)
    assert learnt == [({"a", "b"}, accepted, 150)]
    for subject_id in PAIR:
        assert (graph.predictor.effect(subject_id).mean > 0) == accepted


def test_a_measured_edge_is_remembered_with_its_verdict() -> None:
    world, graph, _ = probing(Watching(150))
    world.clock.advance(2.5)
    world.prober.last.complete(170.0)
    edge = graph.edge(PAIR, world.clock.now_s)
    assert edge is not None
    assert (edge.rtt_ms, edge.accepted) == (170.0, False)
    assert edge.measured_at_s == world.clock.now_s
    assert edge.measured_at_wall_s == 1_700_000_000.0 + world.clock.now_s


def test_of_a_group_only_the_two_who_were_measured_are_learnt_of() -> None:
    world, graph, learnt = probing(Watching(150), "abc")
    first = world.prober.last
    first.complete(100.0)
    assert learnt == [({first.subject_a, first.subject_b}, True, 150)]
    third = ({"a", "b", "c"} - {first.subject_a, first.subject_b}).pop()
    assert graph.predictor.effect(third).mean == 0


def test_what_is_learnt_is_told_under_the_threshold_that_waiting_has_relaxed() -> None:
    world, _, learnt = probing(Watching(150, rtt_expansions=[(30, 180)]))
    world.clock.advance(30.0)
    world.prober.last.complete(180.0)
    assert learnt == [({"a", "b"}, True, 180)]
    assert world.games() == [PAIR]


def test_a_relaxed_threshold_is_the_last_rtt_that_is_accepted() -> None:
    world, _, learnt = probing(Watching(150, rtt_expansions=[(30, 180)]))
    world.clock.advance(30.0)
    world.prober.last.complete(180.1)
    assert learnt == [({"a", "b"}, False, 180)]
    assert world.games() == []


@pytest.mark.parametrize(("matchmaker", "accepted"), [(Accepting, True), (Rejecting, False)])
def test_a_matchmakers_own_verdict_stands_whatever_the_threshold(
    matchmaker: type[Watching], accepted: bool
) -> None:
    for rtt_ms in (20.0, 400.0):
        world, _, learnt = probing(matchmaker(150))
        world.prober.last.complete(rtt_ms)
        assert learnt == [({"a", "b"}, accepted, 150)]
        assert bool(world.games()) == accepted


def test_a_failed_measurement_teaches_nothing_and_is_tried_again_later() -> None:
    world, graph, learnt = probing(Watching(150))
    world.prober.last.complete(None)
    link = graph.link(PAIR)
    assert learnt == []
    assert link is not None and link.edge is None
    assert link.failure is not None and link.failure.failed_at_s == world.clock.now_s
    assert world.ledger.of("failure")[0]["count"] == 1


def test_a_failed_measurement_that_the_matchmaker_accepts_is_no_failure() -> None:
    world, graph, _ = probing(Accepting(150))
    world.prober.last.complete(None)
    assert world.games() == [PAIR]
    assert graph.link(PAIR) is None
    assert world.ledger.of("failure") == []


def test_of_a_verdict_that_raised_nothing_is_believed_of_the_pair() -> None:
    world, graph, learnt = probing(Raising(150))
    world.prober.last.complete(20.0)
    link = graph.link(PAIR)
    assert learnt == []
    assert link is not None and link.edge is None and link.failure is not None
    assert world.games() == []
    assert "no idea" in world.ledger.of("matchmaker_error")[0]["fault"]


def test_how_long_a_probe_took_is_kept_if_it_measured_something() -> None:
    for rtt_ms, takes_s in ((20.0, [7.0]), (400.0, [7.0]), (None, [])):
        matchmaker = Watching(150)
        world, _, _ = probing(matchmaker)
        world.clock.advance(7.0)
        world.prober.last.complete(rtt_ms)
        expected = MatchingStatistics()
        for took_s in takes_s:
            expected.probed(took_s)
        assert matchmaker.statistics.typical_probe_s == expected.typical_probe_s


def test_a_matchmaker_that_makes_somebody_leave_while_it_judges_rejects() -> None:
    class Expelling(Watching):
        world: World

        def should_reject_for_rtt(self, measured_rtt_ms: float | None) -> bool:
            self.world.manager.leave("b", "excluded")
            return False

    matchmaker = Expelling(150)
    world, _, learnt = probing(matchmaker)
    matchmaker.world = world
    world.prober.last.complete(20.0)
    assert world.games() == []
    assert learnt == []
    assert "a" in world.manager._waitroom


def test_what_has_lapsed_is_forgotten_before_a_failure_counts() -> None:
    world, _, _ = probing(Watching(150))
    for _ in range(2):
        world.prober.last.complete(None)
        world.pass_time(8.0)
    assert [line["count"] for line in world.ledger.of("failure")] == [1, 2]
    world.clock.advance(200.0)
    world.prober.last.complete(None)
    assert [line["count"] for line in world.ledger.of("failure")] == [1, 2, 1]


def report_of(world: World, *medians_ms: float) -> ProbeReport:
    probe = world.prober.last
    sides = tuple(
        parse_side(who, ProbeResult(probe.probe_session_id, samples_ms=[median_ms]))
        for who, median_ms in zip((probe.subject_a, probe.subject_b), medians_ms, strict=True)
    )
    return make_report(
        probe_session_id=probe.probe_session_id,
        offerer=probe.subject_a,
        answerer=probe.subject_b,
        sides=sides,
        duration_ms=100.0,
        failure_reason=None,
    )


def test_what_speaks_against_a_measurement_stands_in_the_ledger_and_in_the_match() -> None:
    world, graph, _ = probing(Watching(150))
    report = report_of(world, 20.0, 140.0)
    world.manager._on_probe_complete("a", "b", report.rtt_ms, report=report)
    (verdict,) = world.ledger.of("verdict")
    assert (verdict["doubts"], verdict["disputed"]) == (("sides_disagree",), ())
    edge = graph.edge(PAIR, world.clock.now_s)
    assert edge is not None
    assert edge.doubts == ("sides_disagree",)
    (edge_of_match,) = world.ledger.of("matched")[0]["edges"]
    assert edge_of_match["doubts"] == ["sides_disagree"]
    assert edge_of_match["disputed_seats"] == []


def test_a_measurement_is_doubted_by_the_server_rtts_of_the_two() -> None:
    matchmaker = Watching(150)
    server_rtts_ms = {"a": 20.0, "b": 200.0}
    world = World(matchmaker=matchmaker, server_rtt_ms=server_rtts_ms.get)
    world.join("a", "b")
    world.prober.last.complete(64.9)
    assert world.ledger.of("verdict")[0]["doubts"] == ("below_server_rtts",)


def test_whose_reports_disagree_with_several_is_named_from_the_second_on() -> None:
    world = World(matchmaker=Watching(150))
    world.join("liar", "b")
    for partner in ("b", "c"):
        report = report_of(world, 900.0, 20.0)
        world.manager._on_probe_complete("liar", partner, report.rtt_ms, report=report)
        if partner == "b":
            world.join("c")
    assert [line["disputed"] for line in world.ledger.of("verdict")] == [(), ("liar",)]
    graph = world.manager._graph
    assert graph.reliability.rank("liar") == Rank.LAST
    assert graph.reliability.rank("b") == Rank.FIRST
