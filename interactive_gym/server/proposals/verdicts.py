"""Records the matchmaker's verdicts on edges, in the latency graph and in the match ledger.

Used by the GameManager inside its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.ledger.schema import Verdict
from interactive_gym.server.matching.candidate import Pair
from interactive_gym.server.matching.latency_graph import Edge, LatencyGraph
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.probing.conduct import FailureCause
from interactive_gym.server.probing.doubts import doubts_about
from interactive_gym.server.proposals.pending_match import EdgeProbe


class Verdicts:
    """The verdicts of one scene.

    Args:
        graph: remembers what was measured and what failed.
        statistics: learns how long probes take.
        log: records verdicts and failures.
        clock: seconds; the moment of the decision.
        wall_clock: seconds since the epoch.
    """

    def __init__(
        self,
        graph: LatencyGraph,
        statistics: MatchingStatistics,
        log: DecisionLog,
        *,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self._graph = graph
        self._statistics = statistics
        self._log = log
        self._clock = clock
        self._wall_clock = wall_clock

    def record(
        self, probe: EdgeProbe, threshold_ms: float | None, *, rejected: bool, is_fault: bool
    ) -> None:
        """Record the verdict on an edge just probed.

        Args:
            probe: the probe that measured the edge.
            threshold_ms: the threshold that held for the group, in milliseconds.
            rejected: the verdict.
            is_fault: whether the matchmaker raised, so that the verdict says nothing of the RTT.
        """
        edge = None
        if probe.rtt_ms is not None and not is_fault:
            edge = self._remember(probe, probe.rtt_ms, threshold_ms, accepted=not rejected)
        self._log.measured(
            probe.pending["proposal_id"],
            probe.pair,
            probe.probe_session_id,
            probe.rtt_ms,
            threshold_ms,
            rejected=rejected,
            edge=edge,
        )
        if probe.rtt_ms is not None or not self._graph.reliability.is_ranking:
            # Else one who never answers would make all probes seem long, and others wait for it.
            self._statistics.probed(self._clock() - probe.started_at_s)
        if edge is None and rejected:
            causes = {} if probe.report is None else probe.report.causes
            self.record_failure(probe.pair, causes)

    def record_end(self, probe: EdgeProbe, verdict: Verdict, reason: str) -> None:
        """Record that a pending match ended while this probe was running."""
        self._log.verdict(
            probe.pending["proposal_id"], probe.pair, probe.probe_session_id, verdict, reason
        )

    def record_failure(
        self, pair: Pair, causes: Mapping[str, FailureCause] | None = MappingProxyType({})
    ) -> None:
        """Record that a pair could not be measured or connected for technical reasons.

        Args:
            pair: who was to be connected.
            causes: what either of them did not do, by subject id, as far as it is known; `None` if
                it speaks against neither.
        """
        failure = self._graph.record_failure(pair, causes, now_s=self._clock())
        ranks = {who: int(self._graph.reliability.rank(who)) for who in pair}
        self._log.failure(pair, failure, {who: rank for who, rank in ranks.items() if rank})

    def record_failed_start(
        self, unconnected: Sequence[Pair], causes: Mapping[str, FailureCause]
    ) -> None:
        """Record that a game could not start.

        Args:
            unconnected: its pairs that did not connect.
            causes: what members did not do, by subject id. It counts once for each of them.
        """
        counted: set[str] = set()
        for pair in unconnected:
            blamed = {who: causes[who] for who in pair if who in causes}
            is_new = len(blamed) == 1 and counted.isdisjoint(blamed)
            counted.update(blamed if is_new else ())
            self.record_failure(pair, blamed if is_new or not causes else None)

    def _remember(
        self, probe: EdgeProbe, rtt_ms: float, threshold_ms: float | None, *, accepted: bool
    ) -> Edge:
        a, b = (m for m in probe.pending["matched"] if m.subject_id in probe.pair)
        edge = self._graph.record_measurement(
            probe.pair,
            rtt_ms,
            accepted=accepted,
            now_s=self._clock(),
            wall_s=self._wall_clock(),
            report=probe.report,
            doubts=doubts_about(rtt_ms, probe.report, (a.rtt_ms, b.rtt_ms)),
        )
        if threshold_ms is not None:
            self._graph.learn(a, b, accepted=accepted, threshold_ms=threshold_ms)
        return edge
