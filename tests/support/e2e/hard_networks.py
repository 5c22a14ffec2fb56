"""Groups who play one game over a network that is worse than most: some links only, or in one
direction, or from some moment on.

The game's data are checked; what is returned are figures for tests to judge and benchmarks to
print.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Playwright

from tests.support.e2e.active_play import play_actively
from tests.support.e2e.browser import Participant, get_ready_together, launch_chromium
from tests.support.e2e.data_checks import assert_complete
from tests.support.e2e.product import Product, experiment
from tests.support.e2e.real_networks import COUNT_TRAFFIC, rates, traffic
from tests.support.netlab import Host, NetworkLab, stop_for

SECONDS = 15
Link = Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    """What happens to a participant during the game."""

    what: Literal["cut", "one-way cut", "move", "slow", "freeze"]
    """Their way to another is cut, or only what they send there; they get another address; their
    page's processor gets slow by ``factor``; all their browser's processes are stopped."""
    who: int
    after_s: float = 4.0
    for_s: float = 2.0
    """For how long; a move is for good."""
    other: int = 1
    """To whom the way is cut."""
    factor: float = 6.0


@dataclass(frozen=True)
class HardNetwork:
    """What lies between the participants of a group, by their numbers."""

    name: str
    players: int = 2
    links: Mapping[tuple[int, int], Link] = field(default_factory=dict)
    """What the way between two adds, in both directions."""
    directions: Mapping[tuple[int | None, int | None], Link] = field(default_factory=dict)
    """What one direction adds; None is whatever host."""
    happenings: Sequence[Happening] = ()
    most_stalled: float = 0.1
    """The share of ticks that may stall."""
    longest_freeze_ms: float = 600.0
    """The longest freeze that there may be."""
    slowest_fps: float = 0.0
    """How many frames a second everybody must play at least."""


ACCESS_MS = 10.0
"""The delay of every access link."""

LOSSY: Link = {"delay_ms": 75.0, "jitter_ms": 50.0, "loss": 0.25}
LOSING_HALF: Link = {"delay_ms": 75.0, "jitter_ms": 50.0, "loss": 0.5}
NARROW: Link = {"bytes_per_s": 4000, "queue_ms": 2000}
SLOW_UPLINK: Link = {"bytes_per_s": 32_000, "queue_ms": 2000}
BURSTS: Link = {"burst": 0.01, "burst_ms": 250}
OVERTAKING: Link = {"reordered": 0.2, "reordered_ms": 80, "duplicates": 0.1}
STEPS: Link = {"delay_ms": 20, "steps_ms": [(4000, 120), (8000, 40)]}

NETWORKS = [
    HardNetwork("three, one bad link", 3, {(0, 1): LOSSY}),
    HardNetwork("four, one bad link", 4, {(0, 1): LOSSY}),
    HardNetwork("four, one link loses half", 4, {(0, 1): LOSING_HALF}),
    HardNetwork("three, one narrow link", 3, {(0, 1): NARROW}),
    HardNetwork(
        "slow uplinks", 2, {}, {(0, None): SLOW_UPLINK, (1, None): SLOW_UPLINK}, slowest_fps=27
    ),
    HardNetwork("three, a link is cut", 3, happenings=[Happening("cut", 0, for_s=3)]),
    HardNetwork("three, one direction is cut", 3, happenings=[Happening("one-way cut", 0)]),
    HardNetwork("far one way only", 2, {}, {(0, 1): {"delay_ms": 120.0}}),
    HardNetwork("bursts", 2, {(0, 1): BURSTS}),
    HardNetwork("overtaking and duplicates", 2, {(0, 1): OVERTAKING}),
    HardNetwork("delay in steps", 2, {(0, 1): STEPS}, longest_freeze_ms=1000),
    HardNetwork(
        "another address",
        happenings=[Happening("move", 0)],
        most_stalled=0.5,
        longest_freeze_ms=12_000,
    ),
    HardNetwork("slow processor", 2, happenings=[Happening("slow", 0, for_s=6)]),
    HardNetwork(
        "stopped", happenings=[Happening("freeze", 0)], most_stalled=0.3, longest_freeze_ms=4000
    ),
]
"""The networks of the sweep. A new address and a stopped page hold up a game of two for as long as
they last."""


class Group:
    """Participants, their browsers and hosts, and the server, for one game; a context manager."""

    def __init__(
        self,
        playwright: Playwright,
        lab: NetworkLab,
        folder: Path,
        network: HardNetwork,
        **options: object,
    ) -> None:
        """*options* are those of ``networked_games.py``."""
        self._playwright, self._lab, self._network = playwright, lab, network
        self._hosts: list[Host] = []
        self._browsers: list[Browser] = []
        self._stack = ExitStack()
        self._undo: list[tuple[float, Callable[[], None]]] = []
        options = {"game": "slime", "seconds": SECONDS, **options}
        if network.players > 2:
            options.update(game="kitchen", cooks=network.players)
        self._product = experiment("networked_games.py", folder, lab.host("server"), **options)
        self.people: list[Participant] = []
        """They, once the context is entered."""

    def __enter__(self) -> "Group":
        with ExitStack() as stack:
            stack.callback(self._product.stop)
            self._product.__enter__()
            for number in range(self._network.players):
                host = self._lab.host(f"at{number}", delay_ms=ACCESS_MS)
                browser = launch_chromium(self._playwright, host)
                stack.callback(browser.close)
                self._hosts.append(host)
                self._browsers.append(browser)
                person = Participant(f"at {host.name}", browser)
                person.page.add_init_script(COUNT_TRAFFIC)
                self.people.append(person)
            get_ready_together(self.people, self._product.url)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def product(self) -> Product:
        """The server."""
        return self._product

    def play(self) -> dict[str, Any]:
        """Play the game, check its data, and return its figures."""
        self._set_links()
        for person in self.people:
            person.join()
        for person in self.people:
            person.wait_for_phase("playing")
            person.page.evaluate("traffic.freezeMs = 0")
        before = [traffic(person) for person in self.people]
        started_s = time.monotonic()
        waiting = sorted(self._network.happenings, key=lambda it: it.after_s)

        def is_nearly_over() -> bool:
            elapsed_s = time.monotonic() - started_s
            while waiting and waiting[0].after_s <= elapsed_s:
                self._let_happen(waiting.pop(0))
            self._undo_due()
            frames = [person.snapshot()["frame"] or 0 for person in self.people]
            return self._is_over() or max(frames) > 0.85 * self._frames

        play_actively(self.people, is_nearly_over)
        after = [traffic(person) for person in self.people]
        freezes_ms = [person.page.evaluate("traffic.freezeMs") for person in self.people]
        play_actively(self.people, self._is_over)
        product = self._product
        product.wait_for(lambda it: len(it.games) > 0 and "agreed" in it.games[-1].match)
        game = product.games[-1]
        assert game.match["end_reason"] == "completed", game.match
        assert_complete(game, self.people[0].invitation())
        return {
            "network": self._network.name,
            "players": self._network.players,
            "frames": game.match["frames"],
            "stalled_share": stalled_shares(game.network, self._network.players),
            "freeze_ms": [round(freeze_ms) for freeze_ms in freezes_ms],
            "per_s": [rates(*pair) for pair in zip(before, after, strict=True)],
            "errors": [error for person in self.people for error in person.errors],
            "equal": True,
        }

    @property
    def _frames(self) -> int:
        (scene,) = {person.invitation()["game"]["max_steps"] for person in self.people}
        return 2 * int(scene)

    def _set_links(self) -> None:
        for (one, other), link in self._network.links.items():
            self._lab.set_way(self._hosts[one], self._hosts[other], **link)
        for (sender, receiver), link in self._network.directions.items():
            ends = [None if end is None else self._hosts[end] for end in (sender, receiver)]
            self._lab.set_direction(ends[0], ends[1], **link)

    def _let_happen(self, happening: Happening) -> None:
        host, lab = self._hosts[happening.who], self._lab
        if happening.what == "cut":
            ends = host, self._hosts[happening.other]
            lab.set_way(*ends, cut=True)
            self._later(happening.for_s, lambda: lab.set_way(*ends, cut=False))
        elif happening.what == "one-way cut":
            ends = host, self._hosts[happening.other]
            lab.set_direction(*ends, cut=True)
            self._later(happening.for_s, lambda: lab.set_direction(*ends, cut=False))
        elif happening.what == "move":
            lab.move(host)
        elif happening.what == "slow":
            page = self.people[happening.who].page
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": happening.factor})
            self._later(happening.for_s, session.detach)
        else:
            freeze(self._browsers[happening.who], happening.for_s)

    def _later(self, after_s: float, undo: Callable[[], None]) -> None:
        self._undo.append((time.monotonic() + after_s, undo))

    def _undo_due(self) -> None:
        for entry in [entry for entry in self._undo if entry[0] <= time.monotonic()]:
            self._undo.remove(entry)
            entry[1]()

    def _is_over(self) -> bool:
        return all(person.phase not in ("playing", "paused") for person in self.people)


def freeze(browser: Browser, for_s: float) -> None:
    """Stop every process of a browser, as a closed lid does, and let them go on after a while."""
    session = browser.new_browser_cdp_session()
    pids = [it["id"] for it in session.send("SystemInfo.getProcessInfo")["processInfo"]]
    session.detach()
    stop_for(pids, for_s)


def stalled_shares(seconds: Sequence[Mapping[str, str]], players: int) -> list[float]:
    """For every seat the share of its ticks that did not advance the game."""
    shares = []
    for seat in range(players):
        rows = [row for row in seconds if row["seat"] == str(seat)]
        stalled, ticks = (
            sum(int(row[name] or 0) for row in rows) for name in ("stalled_ticks", "ticks")
        )
        shares.append(round(stalled / max(1, ticks), 3))
    return shares


def missed_goals(network: HardNetwork, figures: Mapping[str, Any]) -> list[str]:
    """Which goals of a network the figures of a game miss, each as a sentence."""
    missed = []
    if max(figures["stalled_share"]) > network.most_stalled:
        missed.append(f"{figures['stalled_share']} of the ticks stalled.")
    if max(figures["freeze_ms"]) > network.longest_freeze_ms:
        missed.append(f"The longest freezes took {figures['freeze_ms']} ms.")
    fps = [per_s["frames"] for per_s in figures["per_s"]]
    if min(fps) < network.slowest_fps:
        missed.append(f"They played {fps} frames a second.")
    return missed
