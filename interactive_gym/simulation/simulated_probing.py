"""Simulated probes in virtual time, in place of the ProbeCoordinator.

It knows the true RTTs, and reports of a pair what a real probe would: its RTT with some noise after
some time, a failed connection, or nothing at all.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from interactive_gym.options.validation import number
from interactive_gym.server.probing.events import ProbeResult, parse_side
from interactive_gym.server.probing.probe import OnComplete, tell_end
from interactive_gym.server.probing.report import make_report
from interactive_gym.simulation.virtual_time import Timer, VirtualTime


@dataclass(frozen=True)
class ProbingSettings:
    """How simulated probes go.

    Raises:
        ValueError: if a duration or the noise is negative, or shares do not lie between 0 and 1.
    """

    accept_s: float = 1.0
    """Seconds until the verdict on a pair below the threshold."""

    reject_s: float = 0.6
    """Seconds until the verdict on a pair above it; early stopping makes that shorter."""

    failure_s: float = 15.0
    """Seconds until a failed probe is known to have failed: the coordinator's deadline."""

    failure_share: float = 0.0
    """The share of probes that fail for technical reasons."""

    silent_share: float = 0.0
    """The share of probes that never end."""

    noise_ms: float = 0.0
    """The standard deviation of a measured RTT around the true one, in milliseconds."""

    def __post_init__(self) -> None:
        for name in ("accept_s", "reject_s", "failure_s", "noise_ms"):
            number(name, getattr(self, name), minimum=0)
        shares = (self.failure_share, self.silent_share)
        if not (min(shares) >= 0.0 and sum(shares) <= 1.0):
            raise ValueError(
                "failure_share and silent_share must be at least 0 and at most 1 together; "
                f"got {self.failure_share} and {self.silent_share}."
            )


@dataclass(frozen=True)
class _RunningProbe:
    pair: tuple[str, str]
    on_complete: OnComplete
    started_at_s: float
    timer: Timer | None


class SimulatedProbing:
    """Runs simulated probes, any number at a time.

    Args:
        time: virtual time.
        settings: how probes go.
        rtt_ms: looks up the true P2P RTT of two participants in milliseconds.
        is_rejected: whether a measured RTT will be rejected; it only sets how long the probe takes.
        rng: draws noise and failures.
    """

    def __init__(
        self,
        time: VirtualTime,
        settings: ProbingSettings,
        *,
        rtt_ms: Callable[[str, str], float],
        is_rejected: Callable[[float], bool],
        rng: random.Random,
    ) -> None:
        self._time = time
        self._settings = settings
        self._rtt_ms = rtt_ms
        self._is_rejected = is_rejected
        self._rng = rng
        self._numbers = itertools.count()
        self._running: dict[str, _RunningProbe] = {}
        self.probes_of: Counter[str] = Counter()
        """How many probes were started with each participant."""

    @property
    def probes(self) -> int:
        """How many probes were started."""
        return self.probes_of.total() // 2

    def create_probe(self, subject_a: str, subject_b: str, on_complete: OnComplete) -> str:
        """Start a probe; see `ProbeCoordinator.create_probe`."""
        probe_session_id = f"probe-{next(self._numbers)}"
        self.probes_of.update((subject_a, subject_b))
        pair, settings, fate = (subject_a, subject_b), self._settings, self._rng.random()
        rtt_ms = max(0.1, self._rng.gauss(self._rtt_ms(*pair), settings.noise_ms))
        timer = None
        if fate < settings.failure_share:
            timer = self._time.after(settings.failure_s, lambda: self._end(probe_session_id, None))
        elif fate >= settings.failure_share + settings.silent_share:
            takes_s = settings.reject_s if self._is_rejected(rtt_ms) else settings.accept_s
            timer = self._time.after(takes_s, lambda: self._end(probe_session_id, rtt_ms))
        self._running[probe_session_id] = _RunningProbe(pair, on_complete, self._time(), timer)
        return probe_session_id

    def cancel(self, probe_session_id: str) -> None:
        """End a probe that is not needed any more, without `on_complete`."""
        probe = self._running.pop(probe_session_id, None)
        if probe is not None and probe.timer is not None:
            probe.timer.cancel()

    def _end(self, probe_session_id: str, rtt_ms: float | None) -> None:
        probe = self._running.pop(probe_session_id)
        samples = [] if rtt_ms is None else [rtt_ms]
        reason = "simulated failure" if rtt_ms is None else None
        result = ProbeResult(
            probe_session_id, samples_ms=samples, lost=0, hidden=False, reason=reason
        )
        report = make_report(
            probe_session_id=probe_session_id,
            offerer=probe.pair[0],
            answerer=probe.pair[1],
            sides=tuple(parse_side(subject_id, result) for subject_id in probe.pair),
            duration_ms=(self._time() - probe.started_at_s) * 1000.0,
            failure_reason=reason,
        )
        tell_end(probe.on_complete, report)
