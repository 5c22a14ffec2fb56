"""The state of one probe between two participants.

The ProbeCoordinator keeps the running probes.
"""

from __future__ import annotations

import inspect
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from interactive_gym.server.messages.signals import Candidate, Signal
from interactive_gym.server.probing.conduct import Conduct, FailureCause, causes_of_failure
from interactive_gym.server.probing.report import ProbeReport, ProbeSide, make_report

MAX_SIGNALS = 300
"""Most signals that one side may send in a probe. A machine with many interfaces and TURN servers
has some hundred ICE candidates."""

OnComplete = Callable[..., object]
"""Called with the offerer, the answerer and the P2P RTT in milliseconds, `None` after a failure;
and, if it takes one, with the keyword argument `report`, a ProbeReport."""


def tell_end(on_complete: OnComplete, report: ProbeReport) -> None:
    """Call `on_complete` with the end of a probe, and with the report if it takes one."""
    end = (report.offerer, report.answerer, report.rtt_ms)
    try:
        takes_report = "report" in inspect.signature(on_complete).parameters
    except (TypeError, ValueError):
        # Built-in functions may have no signature.
        takes_report = False
    if takes_report:
        on_complete(*end, report=report)
    else:
        on_complete(*end)


def note_signal(conduct: Conduct, signal: Signal) -> None:
    """Note a signal that one side of a connection sent."""
    if isinstance(signal, Candidate):
        conduct.has_all_candidates |= signal.candidate is None
        conduct.has_candidates |= signal.candidate is not None and bool(signal.candidate.candidate)
    else:
        conduct.has_described = True
        conduct.has_candidates |= "a=candidate:" in signal.sdp
        conduct.has_all_candidates |= "a=end-of-candidates" in signal.sdp


class Prober(Protocol):
    """What the GameManager needs of a ProbeCoordinator; `cancel(id)` is optional."""

    def create_probe(self, subject_a: str, subject_b: str, on_complete: OnComplete) -> str:
        """Start a probe; see `ProbeCoordinator.create_probe`."""


@dataclass(frozen=True)
class ProbeSettings:
    """How the browsers run one probe."""

    pings: int = 10
    """How many RTT samples to take, unless the verdict is clear earlier."""

    threshold_ms: float | None = None
    """The threshold in milliseconds, as a hint for stopping early; `None` if the verdict does not
    follow from the samples alone."""


@dataclass
class Probe:
    """A running probe."""

    probe_session_id: str
    """The probe's opaque id."""

    offerer: str
    """Subject id of the participant who makes the WebRTC offer."""

    answerer: str
    """Subject id of the other participant."""

    on_complete: OnComplete
    """Called exactly once, when the probe ends."""

    created_at_s: float
    """When it was created, in seconds of the coordinator's clock."""

    deadline_at_s: float
    """When it fails unless both have reported, in seconds of the coordinator's clock."""

    pages_give_up_at_s: float | None = None
    """When a page that has no result says so, in seconds of the coordinator's clock; `None`: at the
    deadline."""

    pings: int = ProbeSettings.pings
    """How many RTT samples each side was asked for."""

    started: bool = False
    """Whether both were ready, so that signals may pass."""

    sides: dict[str, ProbeSide] = field(default_factory=dict)
    """The results that arrived, by subject id."""

    conduct: defaultdict[str, Conduct] = field(default_factory=lambda: defaultdict(Conduct))
    """What each participant's page did, by subject id."""

    signals: Counter[str] = field(default_factory=Counter)
    """How many signals each participant has sent, by subject id."""

    @property
    def participants(self) -> tuple[str, str]:
        """The offerer and the answerer."""
        return (self.offerer, self.answerer)

    def partner_of(self, subject_id: str) -> str:
        """The other participant."""
        return self.answerer if subject_id == self.offerer else self.offerer

    def take_signal(self, subject_id: str, signal: Signal) -> bool:
        """Note a signal of a participant; false if it is one too many."""
        note_signal(self.conduct[subject_id], signal)
        self.signals[subject_id] += 1
        return self.signals[subject_id] <= MAX_SIGNALS

    @property
    def is_hopeless(self) -> bool:
        """Whether a side has no address that it can be reached at."""
        return any(conduct.is_unreachable for conduct in self.conduct.values())

    def take_side(self, side: ProbeSide, *, is_plausible: bool) -> None:
        """Note what a participant reported."""
        self.sides[side.subject_id] = side
        conduct = self.conduct[side.subject_id]
        conduct.has_measured = side.reason is None
        conduct.has_failed = side.reason is not None and is_plausible
        conduct.is_nonsense = not is_plausible

    def mark_ready(self, subject_id: str) -> bool:
        """Note that a participant is ready; true if that starts the probe."""
        self.conduct[subject_id].is_ready = True
        if self.started or self._ready_count() < 2:
            return False
        self.started = True
        return True

    def what_is_missing(self) -> str:
        """What the probe still waits for, as the failure reason when its deadline passes."""
        if not self.started:
            return f"{self._ready_count()} of 2 participants were ready"
        return f"{len(self.sides)} of 2 participants reported"

    def report(self, now_s: float, failure_reason: str | None) -> ProbeReport:
        """Sum up the probe as it ends at `now_s`."""
        causes = {} if failure_reason is None else self._causes(now_s)
        return make_report(
            probe_session_id=self.probe_session_id,
            offerer=self.offerer,
            answerer=self.answerer,
            sides=tuple(self.sides[who] for who in self.participants if who in self.sides),
            duration_ms=(now_s - self.created_at_s) * 1000.0,
            failure_reason=failure_reason,
            causes=causes,
        )

    def _causes(self, now_s: float) -> dict[str, FailureCause]:
        time_is_up_at_s = self.deadline_at_s
        if self.pages_give_up_at_s is not None:
            time_is_up_at_s = self.pages_give_up_at_s
        found = causes_of_failure(
            *(self.conduct[who] for who in self.participants),
            is_time_up=now_s >= time_is_up_at_s,
        )
        return {
            who: cause
            for who, cause in zip(self.participants, found, strict=True)
            if cause is not None
        }

    def _ready_count(self) -> int:
        return sum(conduct.is_ready for conduct in self.conduct.values())
