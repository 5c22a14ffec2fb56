"""The life of a WebRTC probe: prepare, ready, start, signals, results, deadline.

It brings two browsers together, collects what both measured and says how it ended, exactly once.
It never judges an RTT and knows nothing of waitrooms or games. The GameManager starts probes; the
app hands it what the browsers send. The connection of a measured probe stays open: whoever gave
the verdict emits `probe_close` to end it, or lets the game use it.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from interactive_gym.server.messages.outbox import Emitter, Outbox
from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.messages.signals import relayed
from interactive_gym.server.probing.events import (
    ProbeMessage,
    ProbeReady,
    ProbeResult,
    ProbeSignal,
    parse_side,
)
from interactive_gym.server.probing.probe import OnComplete, Probe, ProbeSettings, tell_end
from interactive_gym.server.probing.report import MAX_RTT_MS, ProbeOutcome

logger = logging.getLogger(__name__)

LATE_SIGNALS_S = 5.0
"""How long after a measurement late ICE candidates are still relayed, in seconds: the connection
may go on to carry the game."""


REPORT_S = 1.0
"""How much earlier than the server a page gives a probe up, in seconds: its report has to arrive in
time, as a page that does not report is taken to be the cause."""


class ProbeCoordinator:
    """Runs probes, any number at a time.

    Args:
        sio: emits to a participant through the room named by the subject id.
        clock: monotonic seconds.
        new_id: makes the opaque probe ids.
        settings_for: how to run the probe of two participants; the defaults of `ProbeSettings`
            if not given.
        ice_servers: passed to both browsers as `RTCIceServer` objects.
        force_relay: let only relayed (TURN) candidates be used.
        deadline_s: seconds from creation after which an unfinished probe fails.
    """

    def __init__(
        self,
        sio: Emitter,
        *,
        clock: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        settings_for: Callable[[str, str], ProbeSettings] | None = None,
        ice_servers: Sequence[Any] = (),
        force_relay: bool = False,
        deadline_s: float = 15.0,
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._settings_for = settings_for
        self._ice_servers = list(ice_servers)
        self._force_relay = force_relay
        self._deadline_s = deadline_s
        self._page_deadline_s = max(deadline_s - REPORT_S, deadline_s / 2)
        self._outbox = Outbox(sio)
        self._rejected = RejectedInput()
        self._probes: dict[str, Probe] = {}
        self._measured: dict[str, tuple[Probe, float]] = {}

    def create_probe(self, subject_a: str, subject_b: str, on_complete: OnComplete) -> str:
        """Start measuring the P2P RTT of two participants; returns the probe's id.

        `subject_a` makes the WebRTC offer. `on_complete(subject_a, subject_b, rtt_ms)` is called
        exactly once, outside any lock, with `rtt_ms=None` after a failure or at the deadline; it
        is not called for a probe that is cancelled. If it takes a keyword argument `report`, it is
        given the full ProbeReport as well.

        Raises:
            ValueError: if the two are the same participant.
        """
        if subject_a == subject_b:
            raise ValueError(f"A probe needs two different participants; got {subject_a} twice.")
        settings = ProbeSettings()
        if self._settings_for is not None:
            settings = self._settings_for(subject_a, subject_b)
        now_s = self._clock()
        probe = Probe(
            probe_session_id=self._new_id(),
            offerer=subject_a,
            answerer=subject_b,
            on_complete=on_complete,
            created_at_s=now_s,
            deadline_at_s=now_s + self._deadline_s,
            pages_give_up_at_s=now_s + self._page_deadline_s,
            pings=settings.pings,
        )
        with self._outbox.transaction():
            self._probes[probe.probe_session_id] = probe
            for subject_id, role in ((subject_a, "offerer"), (subject_b, "answerer")):
                self._outbox.emit(
                    "probe_prepare", subject_id, self._preparation(probe, role, settings)
                )
        return probe.probe_session_id

    def handle_ready(self, subject_id: str, message: ProbeReady) -> None:
        """A participant's `probe_ready`; the probe starts when both participants are ready."""
        with self._outbox.transaction():
            probe = self._running_probe("probe_ready", subject_id, message)
            if probe is not None and probe.mark_ready(subject_id):
                for participant in probe.participants:
                    self._outbox.emit(
                        "probe_start", participant, {"probe_session_id": probe.probe_session_id}
                    )

    def handle_signal(self, subject_id: str, message: ProbeSignal) -> None:
        """A participant's `probe_signal`, relayed to the other one while that is allowed."""
        with self._outbox.transaction():
            probe = self._running_probe(
                "probe_signal", subject_id, message, also_just_measured=True
            )
            if probe is None:
                return
            if not probe.started:
                self._rejected.note(subject_id, "probe_signal", "the probe has not started")
                return
            if not probe.take_signal(subject_id, message.signal):
                self._rejected.note(subject_id, "probe_signal", "there are too many")
                return
            self._outbox.emit(
                "probe_signal",
                probe.partner_of(subject_id),
                {"probe_session_id": probe.probe_session_id, "signal": relayed(message.signal)},
            )
            if probe.is_hopeless and probe.probe_session_id in self._probes:
                self._end(probe, "a participant's browser found no address to be reached at")

    def handle_result(self, subject_id: str, message: ProbeResult) -> None:
        """A participant's `probe_result`: the first one counts, and one failed side is enough."""
        with self._outbox.transaction():
            probe = self._running_probe("probe_result", subject_id, message)
            if probe is None or subject_id in probe.sides:
                return
            side = parse_side(
                subject_id,
                message,
                max_samples=probe.pings,
                max_rtt_ms=min(MAX_RTT_MS, self._deadline_s * 1000.0),
            )
            if side.reason is None and not probe.started:
                self._rejected.note(subject_id, "probe_result", "the probe has not started")
                return
            is_plausible = side.reason is None or message.reason is not None
            probe.take_side(side, is_plausible=is_plausible)
            if side.reason is not None:
                self._end(probe, side.reason)
            elif len(probe.sides) == 2:
                self._end(probe, None)

    def handle_disconnect(self, subject_id: str) -> None:
        """A participant's page is gone: their probes fail at once."""
        with self._outbox.transaction():
            for probe in [p for p in self._probes.values() if subject_id in p.participants]:
                self._end(probe, "a participant disconnected")

    def cancel(self, probe_session_id: str) -> None:
        """End a probe that nobody needs any more: both close the connection, no `on_complete`."""
        with self._outbox.transaction():
            probe = self._probes.pop(probe_session_id, None)
            if probe is not None:
                self._close(probe, "cancelled")

    def sweep(self) -> None:
        """Fail the probes whose deadline has passed. Called about twice a second."""
        now_s = self._clock()
        with self._outbox.transaction():
            for probe in [p for p in self._probes.values() if p.deadline_at_s <= now_s]:
                self._end(probe, f"deadline: {probe.what_is_missing()}")
            self._measured = {
                probe_session_id: entry
                for probe_session_id, entry in self._measured.items()
                if entry[1] > now_s
            }

    def _preparation(self, probe: Probe, role: str, settings: ProbeSettings) -> dict[str, Any]:
        return {
            "probe_session_id": probe.probe_session_id,
            "role": role,
            "ice_servers": self._ice_servers,
            "force_relay": self._force_relay,
            "pings": probe.pings,
            "threshold_ms": settings.threshold_ms,
            "deadline_ms": round(self._page_deadline_s * 1000),
        }

    def _running_probe(
        self,
        event: str,
        subject_id: str,
        message: ProbeMessage,
        *,
        also_just_measured: bool = False,
    ) -> Probe | None:
        """The probe that this message is about, if its sender may act on it."""
        probe_session_id = message.probe_session_id
        probe = self._probes.get(probe_session_id)
        if probe is None and also_just_measured and probe_session_id in self._measured:
            measured, until_s = self._measured[probe_session_id]
            probe = measured if self._clock() < until_s else None
        if probe is None:
            logger.debug("%s for a probe that is over or never was", event)
            return None
        if subject_id not in probe.participants:
            self._rejected.note(subject_id, event, "the sender does not take part in this probe")
            return None
        return probe

    def _end(self, probe: Probe, failure_reason: str | None) -> None:
        now_s = self._clock()
        del self._probes[probe.probe_session_id]
        if failure_reason is None:
            self._measured[probe.probe_session_id] = (probe, now_s + LATE_SIGNALS_S)
        else:
            self._close(probe, "failed")
        self._outbox.add(partial(tell_end, probe.on_complete, probe.report(now_s, failure_reason)))

    def _close(self, probe: Probe, outcome: ProbeOutcome) -> None:
        payload = {"probe_session_id": probe.probe_session_id, "outcome": outcome}
        for participant in probe.participants:
            self._outbox.emit("probe_close", participant, payload)
