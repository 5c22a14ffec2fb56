"""Two participants who play games of equal latency over one network after the other.

The time from a key to the partner's picture is taken by the browsers themselves, from the event of
the key to the first frame that shows a change: nothing of the product under test takes part. Both
run on this machine, so their clocks agree.
"""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from tests.support.e2e.browser import Participant, get_ready_together, launch_chromium
from tests.support.e2e.data_checks import assert_complete
from tests.support.e2e.product import Game, Product, experiment
from tests.support.e2e.real_networks import Network
from tests.support.netlab import Host, NetworkLab

FPS = 30
SECONDS = 12

WATCH = """
window.keysMs = [];
window.movesMs = {upper: [], lower: []};
addEventListener("keydown", (event) => {
  if (!event.repeat) window.keysMs.push(performance.timeOrigin + event.timeStamp);
}, {capture: true});
{
  const shown = {};
  const look = () => {
    const canvas = document.querySelector("#canvas");
    if (canvas?.width) {
      for (const [name, place] of [["upper", 0.25], ["lower", 0.75]]) {
        const y = Math.floor(canvas.height * place);
        const row = canvas.getContext("2d").getImageData(0, y, canvas.width, 1).data.join();
        if (shown[name] !== undefined && shown[name] !== row)
          window.movesMs[name].push(performance.timeOrigin + performance.now());
        shown[name] = row;
      }
    }
  };
  const next = () => {
    // Looked at once this frame's pictures are drawn, whoever asked for the frame first.
    const channel = new MessageChannel();
    channel.port1.onmessage = look;
    channel.port2.postMessage(null);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}
"""
"""Makes a page note when keys were pressed and when either dot was seen to move."""


class EqualPair:
    """Two participants, their browsers and hosts, and the server; used as a context manager."""

    def __init__(
        self, playwright: Playwright, lab: NetworkLab, folder: Path, **options: object
    ) -> None:
        """*options* are those of ``equal_latency.py``."""
        self._lab = lab
        self._hosts: list[Host] = [lab.host("one"), lab.host("other")]
        self._browsers = [launch_chromium(playwright, host) for host in self._hosts]
        options = {"fps": FPS, "seconds": SECONDS, **options}
        self._frames = int(str(options["fps"])) * int(str(options["seconds"]))
        self.product: Product = experiment(
            "equal_latency.py", folder, lab.host("server"), **options
        )
        """The server."""
        self.people: list[Participant] = []
        """The two, once the context is entered."""

    def __enter__(self) -> "EqualPair":
        self.product.__enter__()
        for host, browser in zip(self._hosts, self._browsers, strict=True):
            person = Participant(f"at {host.name}", browser)
            person.page.add_init_script(WATCH)
            self.people.append(person)
        get_ready_together(self.people, self.product.url)
        return self

    def __exit__(self, *_: object) -> None:
        for browser in self._browsers:
            browser.close()
        self.product.stop()

    def set_network(self, network: Network) -> None:
        """Change what lies between the two."""
        for host in self._hosts:
            self._lab.set(host, **network.access_link())

    def begin(self, network: Network) -> None:
        """Have both join a game over *network*, and wait until they play."""
        self.set_network(network)
        for person in self.people:
            person.join()
        for person in self.people:
            person.wait_for_phase("playing")
            # At first the one who begins a moment earlier is held back.
            person.wait_for("interactiveGym.snapshot().frame > 60")
            person.page.evaluate("keysMs = []; movesMs = {upper: [], lower: []};")

    def press_keys(self, last_frame: float) -> None:
        """Have both press a key now and then, so that each press can be told from the last."""
        keys = itertools.cycle(["ArrowLeft", "ArrowRight"])
        for number in itertools.count():
            key = next(keys)
            for person in self.people:
                if person.phase != "playing" or (person.snapshot()["frame"] or 0) > last_frame:
                    return
                person.page.keyboard.down(key)
                # Meets the game's clock at another moment each time.
                person.page.wait_for_timeout(60 + 7 * number % 33)
                person.page.keyboard.up(key)
            self.people[0].page.wait_for_timeout(350)

    def ended(self, number: int) -> Game:
        """The data of the game of this number, complete and checked, once it has ended."""
        for person in self.people:
            person.wait_for("!['playing', 'paused'].includes(interactiveGym.snapshot().phase)")
        self.product.wait_for(lambda it: len(it.games) > number and "agreed" in it.games[-1].match)
        game = self.product.games[-1]
        assert game.match["end_reason"] == "completed"
        assert_complete(game, self.people[0].invitation())
        return game

    def play(self, network: Network) -> dict[str, Any]:
        """Play one game over *network*, check its data, and return its figures."""
        number = len(self.product.games)
        self.begin(network)
        self.press_keys(0.85 * self._frames)
        found = [person.page.evaluate("({keysMs, movesMs})") for person in self.people]
        game = self.ended(number)
        frame_ms = 1000 / game.match["fps"]
        # The first seconds are those in which one was held back.
        rows = [row for row in game.network if row["effect_delay_ms"] and int(row["frame"]) > 60]
        sides = []
        for seat in (0, 1):
            # What a seat's key did is seen by the other, whose rows tell of it.
            told = [row for row in rows if row["seat"] == str(1 - seat)]
            seen_ms = delays_ms(found[seat]["keysMs"], moves_of(found[1 - seat], seat))
            own_ms = delays_ms(found[seat]["keysMs"], moves_of(found[seat], seat))
            sides.append(
                {
                    "key_to_partners_picture_ms": spread(seen_ms),
                    "key_to_own_picture_ms": spread(own_ms),
                    "effect_delay_ms": round(
                        statistics.median(float(row["effect_delay_ms"]) for row in told), 1
                    ),
                    "late_inputs": sum(int(row["late_inputs"]) for row in told),
                    "inputs": 30 * len(told),
                }
            )
        return {
            "network": asdict(network),
            "rtt_ms": game.match["edges"][0]["rtt_ms"] if game.match["edges"] else None,
            "latency": game.match["latency"],
            "input_delay": game.match["input_delay"],
            "frame_ms": round(frame_ms, 1),
            "stalled_ticks": sum(int(row["stalled_ticks"]) for row in rows),
            "sides": sides,
        }


def moves_of(found: dict[str, Any], seat: int) -> list[float]:
    """When the dot of a seat was seen to move."""
    moves: list[float] = found["movesMs"]["upper" if seat == 0 else "lower"]
    return moves


def delays_ms(keys_ms: Sequence[float], moves_ms: Sequence[float]) -> list[float]:
    """From each key to the first move after it."""
    firsts = (next((at for at in moves_ms if at > key), None) for key in keys_ms)
    pairs = zip(keys_ms, firsts, strict=True)
    return [first - key for key, first in pairs if first is not None and first - key < 1000]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and quartiles."""
    low, median, high = statistics.quantiles(values, n=4)
    return {"p25": round(low, 1), "p50": round(median, 1), "p75": round(high, 1), "n": len(values)}


def missed_targets(figures: dict[str, Any]) -> list[str]:
    """Which claims about equal latency the figures of one game contradict, each as a sentence."""
    target_ms, frame_ms = figures["latency"]["target_ms"], figures["frame_ms"]
    missed = []
    for seat, side in enumerate(figures["sides"]):
        if abs(side["effect_delay_ms"] - target_ms) > frame_ms:
            missed.append(f"Seat {seat} is seen after {side['effect_delay_ms']} ms by the data.")
        # A key waits half a frame for the tick, and the picture for the screen.
        truly_ms = side["key_to_partners_picture_ms"]["p50"] - frame_ms / 2
        if not target_ms - frame_ms < truly_ms < target_ms + frame_ms + 1000 / 60:
            missed.append(f"Seat {seat} is seen {truly_ms:.0f} ms after its key was sampled.")
        # Only where a browser got no processor for a while.
        if side["late_inputs"] > 0.05 * side["inputs"]:
            missed.append(f"{side['late_inputs']} inputs of seat {seat} were late.")
    one, other = (side["effect_delay_ms"] for side in figures["sides"])
    if abs(one - other) > frame_ms:
        missed.append(f"One side is seen after {one} ms, the other after {other}.")
    return missed
