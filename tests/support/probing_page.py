"""A page that is probed over a real socket, and says of it what the test wants."""

from tests.support.served_experiment import Page

CANDIDATE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0"}


class ProbingPage(Page):
    """Takes part in probes by itself, without a connection between the pages.

    `rtt_ms` is what it claims to have measured, `has_address` whether it has a candidate, and
    `is_silent` whether it answers no probe.
    """

    rtt_ms = 20.0
    has_address = True
    is_silent = False

    def samples_ms(self, pings: int) -> list:
        """What it reports."""
        return [self.rtt_ms] * pings

    def _note(self, event, *payload):
        super()._note(event, *payload)
        message = payload[0] if payload else {}
        if event == "probe_prepare" and not self.is_silent:
            self._role, self._pings = message["role"], message["pings"]
            self.send("probe_ready", {"probe_session_id": message["probe_session_id"]})
        elif event == "probe_start":
            self._take_part(message["probe_session_id"])

    def _take_part(self, probe_session_id: str) -> None:
        kind = "offer" if self._role == "offerer" else "answer"
        candidates = [CANDIDATE] * self.has_address
        signals = [{"type": kind, "sdp": "v=0"}]
        signals += [{"type": "candidate", "candidate": one} for one in [*candidates, None]]
        for signal in signals:
            self.send("probe_signal", {"probe_session_id": probe_session_id, "signal": signal})
        if self.has_address:
            told = {"samples_ms": self.samples_ms(self._pings), "reason": None}
            self.send("probe_result", {"probe_session_id": probe_session_id, **told})
