"""Simulated probes in virtual time, in place of the ProbeCoordinator.

It knows the true RTTs, and reports of a pair what a real probe would: its RTT with some noise after
some time, a failed connection, or nothing at all.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

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

    side_noise_ms: float = 0.0
    """The standard deviation, in milliseconds, of what each side measures around that; the larger
    of the two counts."""

    def __post_init__(self) -> None:
        for name in ("accept_s", "reject_s", "failure_s", "noise_ms", "side_noise_ms"):
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
        can_connect: whether two participants can be connected at all.
        is_silent: whether a participant does not answer any more.
    """

    def __init__(
        self,
        time: VirtualTime,
        settings: ProbingSettings,
        *,
        rtt_ms: Callable[[str, str], float],
        is_rejected: Callable[[float], bool],
        rng: random.Random,
        can_connect: Callable[[str, str], bool] = lambda a, b: True,
        is_silent: Callable[[str], bool] = lambda subject_id: False,
    ) -> None:
        self._time = time
        self._settings = settings
        self._rtt_ms = rtt_ms
        self._is_rejected = is_rejected
        self._rng = rng
        self._can_connect = can_connect
        self._is_silent = is_silent
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
        noise_ms = self._rng.gauss(0.0, settings.noise_ms)
        rtts_ms = self._measured_ms(self._rtt_ms(*pair) + noise_ms)
        timer = None
        if fate < settings.failure_share or not self._can_connect(*pair):
            timer = self._time.after(settings.failure_s, lambda: self._end(probe_session_id, None))
        elif fate >= settings.failure_share + settings.silent_share:
            is_rejected = self._is_rejected(max(rtts_ms))
            takes_s = settings.reject_s if is_rejected else settings.accept_s
            timer = self._time.after(takes_s, lambda: self._report(probe_session_id, rtts_ms))
        self._running[probe_session_id] = _RunningProbe(pair, on_complete, self._time(), timer)
        return probe_session_id

    def cancel(self, probe_session_id: str) -> None:
        """End a probe that is not needed any more, without `on_complete`."""
        probe = self._running.pop(probe_session_id, None)
        if probe is not None and probe.timer is not None:
            probe.timer.cancel()

    def _measured_ms(self, rtt_ms: float) -> tuple[float, float]:
        """What the two sides measure."""
        noise_ms = self._settings.side_noise_ms
        if noise_ms == 0.0:
            return max(0.1, rtt_ms), max(0.1, rtt_ms)
        one_ms, other_ms = (rtt_ms + self._rng.gauss(0.0, noise_ms) for _ in range(2))
        return max(0.1, one_ms), max(0.1, other_ms)

    def _report(self, probe_session_id: str, rtts_ms: tuple[float, float]) -> None:
        """End a probe with what was measured, or at its deadline if one of the two is silent."""
        probe = self._running[probe_session_id]
        if not any(map(self._is_silent, probe.pair)):
            self._end(probe_session_id, rtts_ms)
            return
        deadline_s = probe.started_at_s + self._settings.failure_s
        timer = self._time.at(
            max(self._time(), deadline_s), lambda: self._end(probe_session_id, None)
        )
        self._running[probe_session_id] = replace(probe, timer=timer)

    def _end(self, probe_session_id: str, rtts_ms: tuple[float, float] | None) -> None:
        probe = self._running.pop(probe_session_id)
        reason = "simulated failure" if rtts_ms is None else None
        silent = [subject_id for subject_id in probe.pair if self._is_silent(subject_id)]
        sides = []
        for at, subject_id in enumerate(probe.pair):
            samples_ms = [] if rtts_ms is None else [rtts_ms[at]]
            result = ProbeResult(
                probe_session_id, samples_ms=samples_ms, lost=0, hidden=False, reason=reason
            )
            if subject_id not in silent:
                sides.append(parse_side(subject_id, result))
        report = make_report(
            probe_session_id=probe_session_id,
            offerer=probe.pair[0],
            answerer=probe.pair[1],
            sides=tuple(sides),
            duration_ms=(self._time() - probe.started_at_s) * 1000.0,
            failure_reason=reason,
            causes=dict.fromkeys(silent, "not_ready"),
        )
        tell_end(probe.on_complete, report)
