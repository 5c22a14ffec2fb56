"""Two participants who play one game after the other over networks of all kinds.

They keep their browsers and the loaded environment; before each game the emulated network changes.
Every game's data are checked; what is returned are figures for tests to judge and benchmarks to
print.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from tests.support.e2e.active_play import play_actively
from tests.support.e2e.browser import Participant, get_ready_together, launch_chromium
from tests.support.e2e.data_checks import assert_complete, changes_per_s
from tests.support.e2e.product import Product, experiment
from tests.support.netlab import Host, NetworkLab

FPS = 30
SECONDS = 8

COUNT_TRAFFIC = """
window.traffic = {datagrams: 0, payloadBytes: 0, pictures: 0, freezeMs: 0, pauses: 0};
{
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    if (bytes[0] === 0x47) {
      window.traffic.datagrams += 1;
      window.traffic.payloadBytes += bytes.length;
    }
    return send.call(this, data);
  };
  let frame = null;
  let sinceMs = 0;
  let phase = null;
  const picture = (nowMs) => {
    window.traffic.pictures += 1;
    const now = window.interactiveGym?.snapshot();
    window.traffic.pauses += now?.phase === "paused" && phase === "playing" ? 1 : 0;
    phase = now?.phase;
    if (now?.phase === "playing" || now?.phase === "paused") {
      if (frame !== null && now.frame === frame) {
        window.traffic.freezeMs = Math.max(window.traffic.freezeMs, nowMs - sinceMs);
      } else {
        [frame, sinceMs] = [now.frame, nowMs];
      }
    } else {
      frame = null;
    }
    requestAnimationFrame(picture);
  };
  requestAnimationFrame(picture);
}
"""
"""Makes a page count its netcode datagrams, its pictures and how often a message covers them, and
time its longest freeze."""


@dataclass(frozen=True)
class Network:
    """What lies between two participants."""

    rtt_ms: float
    """Mean RTT."""
    jitter_ms: float
    """Largest deviation of a packet's one-way delay from its mean."""
    loss: float
    """Probability that a packet between the two is lost."""

    def access_link(self) -> dict[str, float]:
        """Half of it, for the access link of each."""
        return {
            "delay_ms": self.rtt_ms / 4,
            "jitter_ms": self.jitter_ms / 2,
            "loss": 1 - (1 - self.loss) ** 0.5,
        }


MATRIX = [
    Network(rtt_ms, jitter_ms, loss)
    for rtt_ms, jitter_ms in ((20, 4), (80, 15), (150, 30))
    for loss in (0.0, 0.05, 0.15)
]
"""The networks that play must survive."""

WORST = [
    Network(rtt_ms=150, jitter_ms=50, loss=0.25),
    Network(rtt_ms=150, jitter_ms=50, loss=0.3),
    Network(rtt_ms=200, jitter_ms=50, loss=0.3),
]
"""Worse ones, on which play may stutter, but not freeze."""
WORST_STALLS, WORST_FREEZE_MS = 0.1, 600.0
"""The share of ticks that may stall there, and the longest freeze."""


class Pair:
    """Two participants, their browsers and hosts, and the server; used as a context manager."""

    def __init__(
        self, playwright: Playwright, lab: NetworkLab, folder: Path, games: int, **options: object
    ) -> None:
        """*options* are those of ``networked_games.py``."""
        self._lab = lab
        self._hosts: list[Host] = [lab.host("one"), lab.host("other")]
        self._browsers = [launch_chromium(playwright, host) for host in self._hosts]
        self._fps = int(str(options.get("fps", FPS)))
        options = {"seconds": SECONDS, "max_p2p_rtt_ms": 1000, **options}
        self._frames = self._fps * int(str(options["seconds"]))
        self._product = experiment(
            "networked_games.py", folder, lab.host("server"), games=games, **options
        )
        self.people: list[Participant] = []
        """The two, once the context is entered."""

    def __enter__(self) -> "Pair":
        self._product.__enter__()
        for host, browser in zip(self._hosts, self._browsers, strict=True):
            person = Participant(f"at {host.name}", browser)
            person.page.add_init_script(COUNT_TRAFFIC)
            self.people.append(person)
        get_ready_together(self.people, self._product.url)
        return self

    def __exit__(self, *_: object) -> None:
        for browser in self._browsers:
            browser.close()
        self._product.stop()

    @property
    def product(self) -> Product:
        """The server."""
        return self._product

    def play(self, network: Network) -> dict[str, Any]:
        """Play one game over *network*, check its data, and return its figures."""
        number = len(self._product.games)
        for host in self._hosts:
            self._lab.set(host, **network.access_link())
        for person in self.people:
            person.join()
        for person in self.people:
            person.wait_for_phase("playing")
            person.page.evaluate("traffic.freezeMs = traffic.pauses = 0")
        before = [traffic(person) for person in self.people]
        # The connections are closed once the game is over.
        play_actively(self.people, self._is_nearly_over, seed=number)
        after = [traffic(person) for person in self.people]
        freezes_ms = [person.page.evaluate("traffic.freezeMs") for person in self.people]
        pauses = [person.page.evaluate("traffic.pauses") for person in self.people]
        play_actively(self.people, self._is_over, seed=number)
        product = self._product
        product.wait_for(lambda it: len(it.games) > number and "agreed" in it.games[-1].match)
        game = product.games[-1]
        assert game.match["end_reason"] == "completed"
        assert_complete(game, self.people[0].invitation())
        seconds = game.network
        return {
            "network": asdict(network),
            "frames": game.match["frames"],
            "rtt_ms": game.match["edges"][0]["rtt_ms"],
            "changes_per_s": changes_per_s(game, self._fps),
            **{name: by_seat(seconds, name, sum) for name in ("stalled_ticks", "rollbacks")},
            "stalled_share": stalled_shares(seconds),
            "freeze_ms": [round(freeze_ms) for freeze_ms in freezes_ms],
            "pauses": pauses,
            "max_rollback_frames": by_seat(seconds, "max_rollback_frames", max),
            "link_rtt_ms": by_seat(seconds, "link_rtt_ms", statistics.median),
            "udp_bytes_per_s": by_seat(seconds, "sent_bytes", statistics.median),
            "per_s": [rates(*pair) for pair in zip(before, after, strict=True)],
        }

    def _is_nearly_over(self) -> bool:
        frames = [person.snapshot()["frame"] or 0 for person in self.people]
        return self._is_over() or max(frames) > 0.8 * self._frames

    def _is_over(self) -> bool:
        return all(person.phase not in ("playing", "paused") for person in self.people)


def stalled_shares(seconds: Sequence[Mapping[str, str]]) -> list[float]:
    """For either seat the share of its ticks that did not advance the game."""
    stalled, ticks = (by_seat(seconds, name, sum) for name in ("stalled_ticks", "ticks"))
    return [round(part / whole, 3) for part, whole in zip(stalled, ticks, strict=True)]


def missed_on_the_worst(figures: dict[str, Any]) -> list[str]:
    """Which claims about the worst networks the figures of one game contradict."""
    missed = []
    if max(figures["stalled_share"]) > WORST_STALLS:
        missed.append(f"{figures['stalled_share']} of the ticks stalled.")
    if max(figures["freeze_ms"]) > WORST_FREEZE_MS:
        missed.append(f"The longest freezes took {figures['freeze_ms']} ms.")
    return missed


def missed_targets(figures: dict[str, Any]) -> list[str]:
    """Which claims about play the figures of one game contradict, each as a sentence."""
    network = Network(**figures["network"])
    missed = []
    tolerance_ms = 5 + 0.02 * network.rtt_ms + network.jitter_ms
    # Far below the threshold a probe is content with four samples, and each meets the jitter on
    # the way there and back.
    if abs(figures["rtt_ms"] - network.rtt_ms) > tolerance_ms + network.jitter_ms:
        missed.append(f"The RTT was probed as {figures['rtt_ms']} ms, not {network.rtt_ms}.")
    if max(abs(rtt_ms - network.rtt_ms) for rtt_ms in figures["link_rtt_ms"]) > tolerance_ms:
        missed.append(f"The RTT was {figures['link_rtt_ms']} ms in the game, not {network.rtt_ms}.")
    # The prediction limit and the input delay together outlast every delay of the matrix, and
    # several losses in a row: only a browser that gets no processor stalls, and not for long.
    if max(figures["stalled_ticks"]) > 0.05 * figures["frames"]:
        missed.append(f"{figures['stalled_ticks']} of {figures['frames']} ticks stalled.")
    for seat, per_s in enumerate(figures["per_s"]):
        if per_s["payload_bytes"] > 3000:
            missed.append(f"Seat {seat} sent {per_s['payload_bytes']} bytes a second.")
    if min(figures["changes_per_s"]) < 2:
        missed.append(f"The input was not active: {figures['changes_per_s']} changes a second.")
    return missed


def traffic(person: Participant) -> dict[str, float]:
    """What a page with `COUNT_TRAFFIC` has counted so far, and when."""
    figures: dict[str, float] = person.page.evaluate(
        """() => ({
          at_ms: performance.now(),
          frames: interactiveGym.snapshot().frame,
          rollbacks: interactiveGym.snapshot().rollbacks,
          datagrams: traffic.datagrams,
          payload_bytes: traffic.payloadBytes,
          pictures: traffic.pictures,
        })"""
    )
    return figures


def by_seat(
    rows: Sequence[Mapping[str, str]], column: str, summary: Callable[[list[float]], float]
) -> list[float]:
    """A summary of a column of ``network.csv`` for either seat."""
    return [
        round(summary([float(row[column]) for row in rows if row["seat"] == seat and row[column]]))
        for seat in ("0", "1")
    ]


def rates(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What was counted between two moments, per second."""
    seconds = (after["at_ms"] - before["at_ms"]) / 1000
    return {
        name: round((after[name] - before[name]) / seconds, 1)
        for name in ("frames", "datagrams", "payload_bytes", "pictures")
    }
