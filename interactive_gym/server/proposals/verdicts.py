"""Judges measured edges by the matchmaker's verdict, and keeps what follows from it.

The verdict is the matchmaker's own, relaxed by waiting where it follows the threshold. What was
learnt goes to the LatencyGraph and the ledger; it ends no proposal and re-pools nobody. Used by
the GameManager inside its `transaction()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.statistics import MatchingPace
from interactive_gym.server.proposals.pending_match import EdgeProbe, PendingMatch


class Verdicts:
    """The verdicts of one scene.

    Args:
        should_reject: the matchmaker's `should_reject_for_rtt`.
        threshold_ms: the threshold that holds for a group now, after relaxation.
        is_relaxed: whether a threshold is another than the matchmaker's own.
        lapse: has what has expired forgotten, so that it does not depend on when time is looked at.
        graph: remembers what was measured and what failed.
        pace: learns how long probes take.
        log: tells verdicts, failures and faults.
        clock: seconds; the moment of the decision.
        wall_clock: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        should_reject: Callable[[float | None], bool],
        threshold_ms: Callable[[Sequence[MatchCandidate]], float | None],
        is_relaxed: Callable[[float], bool],
        lapse: Callable[[], object],
        graph: LatencyGraph,
        pace: MatchingPace,
        log: DecisionLog,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self._should_reject = should_reject
        self._threshold_ms = threshold_ms
        self._is_relaxed = is_relaxed
        self._lapse = lapse
        self._graph = graph
        self._pace = pace
        self._log = log
        self._clock = clock
        self._wall_clock = wall_clock

    def judge(self, pending: PendingMatch, probe: EdgeProbe, rtt_ms: float | None) -> bool:
        """Give the verdict on an edge just probed, and remember it; true rejects the edge.

        A matchmaker that raises rejects, but nothing is learnt from that of the pair's distance.
        """
        self._lapse()
        threshold_ms = self._threshold_ms(pending["matched"])
        is_fault = False
        try:
            rejected = bool(self._should_reject(rtt_ms))
        except Exception as error:
            fault = f"should_reject_for_rtt raised {type(error).__name__}: {error}"
            self._log.fault(pending["arriving_subject_id"], fault)
            rejected = is_fault = True
        if probe not in pending["probing"]:
            # The matchmaker is user code and may have made somebody leave.
            return True
        if rtt_ms is not None and threshold_ms is not None and self._is_relaxed(threshold_ms):
            rejected = rtt_ms > threshold_ms
        self._log.measured(
            pending["proposal_id"],
            probe.pair,
            probe.probe_session_id,
            rtt_ms,
            threshold_ms,
            rejected=rejected,
        )
        self._pace.probed(self._clock() - probe.started_at_s)
        if rtt_ms is not None and not is_fault:
            self._remember(pending, probe, rtt_ms, threshold_ms, accepted=not rejected)
        elif rejected:
            self.fail(probe.pair)
        return rejected

    def fail(self, pair: Pair) -> None:
        """A pair could not be measured or connected for technical reasons."""
        self._lapse()
        self._log.failure(pair, self._graph.record_failure(pair, now_s=self._clock()))

    def _remember(
        self,
        pending: PendingMatch,
        probe: EdgeProbe,
        rtt_ms: float,
        threshold_ms: float | None,
        *,
        accepted: bool,
    ) -> None:
        self._graph.record_measurement(
            probe.pair,
            rtt_ms,
            accepted=accepted,
            now_s=self._clock(),
            wall_s=self._wall_clock(),
            report=probe.report,
        )
        if threshold_ms is not None:
            a, b = (m for m in pending["matched"] if m.subject_id in probe.pair)
            self._graph.learn(a, b, accepted=accepted, threshold_ms=threshold_ms)
