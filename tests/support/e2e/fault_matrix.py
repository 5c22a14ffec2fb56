"""What befalls one of two participants, at every stage of an experiment, and what comes of it.

Ann has the fault, Ben is her partner. A trial leads both to a stage, lets the fault happen, and
then does what people would do: press the button that is offered. What came of it, the pages and the
data tell.
"""

import time
from collections.abc import Callable
from pathlib import Path

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.patience import PATIENCE_S
from tests.support.e2e.product import Product, experiment
from tests.support.netlab import NetworkLab

LINK = "?PROLIFIC_PID="
GAME_S = 6
PARTNER_TIMEOUT_S = 15

STAGES = ("reading", "waiting", "probing", "starting", "playing", "uploading")
FAULTS = (
    *("tab closed", "page reloaded", "link opened again", "second window"),
    *("cut off for 2 s", "cut off for 20 s"),
    *("server cut off for 20 s, for one", "server cut off for 20 s, for both"),
    *("server killed and restarted", "server away for good"),
)

NEXT_STEP = """() => {
    const offered = document.querySelector(
        "button[data-action=join], button[data-action=advance]");
    const again = [...document.querySelectorAll("button")].find(
        (button) => ["Continue here", "Try again", "Start again"].includes(button.innerText));
    const button = again ?? offered;
    if (!button || button.disabled || !button.checkVisibility()) return null;
    const said = button.innerText;
    button.click();
    return said;
}"""
"""Presses the button that leads on, as somebody does who wants to take part; returns its text."""


SEEN = """() => {
    const page = document.getElementById("page");
    const header = document.getElementById("page-header").innerText;
    const [offered] = document.body.innerText.match(/\\b[0-9A-F]{10}\\b/) ?? [];
    return (page.hidden ? `(${document.body.dataset.phase})` : header) + (offered ? " +code" : "");
}"""
"""What a page shows: its heading, or the phase of a game, and whether with a code of one's own."""


class Trial:
    """Two participants, and what befalls one of them."""

    def __init__(self, lab: NetworkLab, participant: ParticipantFactory, folder: Path) -> None:
        self._lab = lab
        self._bring = participant
        self._folder = folder
        self._server = lab.host("server")
        self._hosts = [lab.host("ann", delay_ms=60), lab.host("ben", delay_ms=60)]
        self.ann = participant("Ann", self._hosts[0])
        self.ben = participant("Ben", self._hosts[1])
        self._windows = [self.ann, self.ben]
        self._stays_open = False

    def run(self, stage: str, fault: str) -> dict[str, object]:
        """Try one cell; returns what became of both and what they see, and of their last game."""
        options = {
            "seconds": GAME_S,
            "partner_timeout_ms": PARTNER_TIMEOUT_S * 1000,
            "max_p2p_rtt_ms": 2000 if stage == "probing" else None,
        }
        with experiment("networked_games.py", self._folder, self._server, **options) as product:
            self._product = product
            # What her browser has kept may still come, for a quarter of an hour.
            self._stays_open = (stage, fault) == ("uploading", "tab closed")
            self._lead_to(stage)
            self._happen(fault)
            is_away = fault == "server away for good"
            if stage in ("reading", "waiting") and is_away:
                self._close(self.ben)
            elif stage in ("reading", "waiting"):
                self.ben.get_ready(product.url + LINK + "ben")
            self._go_on(self._are_told if is_away else lambda: self._is_over(product))
            return outcome(product) | self._seen()

    def _lead_to(self, stage: str) -> None:
        url = self._product.url + LINK
        self.ann.get_ready(url + "ann")
        if stage == "reading":
            return
        if stage == "waiting":
            self.ann.join()
            self.ann.wait_for_phase("waiting")
            return
        self.ben.get_ready(url + "ben")
        for person in (self.ann, self.ben):
            person.join()
        if stage in ("probing", "starting"):
            for person in (self.ann, self.ben):
                person.wait_for_phase(stage)
            return
        end = GAME_S * 30
        until = end // 3 if stage == "playing" else end - 30
        self.ann.wait_for(f"interactiveGym.snapshot().frame > {until}")
        if stage == "uploading":
            self._lab.set_way(self._hosts[0], self._server, cut=True)
            self.ann.wait_for("document.body.innerText.includes('Saving the game')")
            self._lab.set_way(self._hosts[0], self._server, cut=False)

    def _happen(self, fault: str) -> None:
        host = self._hosts[0]
        match fault:
            case "tab closed":
                self._close(self.ann)
            case "page reloaded":
                self.ann.reload()
            case "link opened again":
                self._close(self.ann)
                self._open_again()
            case "second window":
                self._open_again()
            case "cut off for 2 s" | "cut off for 20 s":
                host.cut()
                time.sleep(2 if "2 s" in fault and "20" not in fault else 20)
                host.restore()
            case "server cut off for 20 s, for one" | "server cut off for 20 s, for both":
                cut_off = self._hosts if fault.endswith("both") else [host]
                for each in cut_off:
                    self._lab.set_way(each, self._server, cut=True)
                time.sleep(20)
                for each in cut_off:
                    self._lab.set_way(each, self._server, cut=False)
            case "server killed and restarted":
                self._product.kill()
                self._product.start()
            case "server away for good":
                self._product.kill()

    def _close(self, person: Participant) -> None:
        person.close()
        self._windows.remove(person)

    def _open_again(self) -> None:
        again = self._bring("Ann again", self._hosts[0])
        self._windows.append(again)
        again.open(self._product.url + LINK + "ann")

    def _go_on(self, is_over: Callable[[], bool]) -> None:
        """Press what is offered until all is over."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_over():
            assert time.monotonic() < deadline, "\n".join(p.describe() for p in self._windows)
            for person in self._windows:
                if "open in another window" not in person.text() or person is not self.ann:
                    person.page.evaluate(NEXT_STEP)
            self._windows[-1].page.wait_for_timeout(200)

    def _are_told(self) -> bool:
        """Whether everyone knows what to do without the server."""
        return all(str(window.page.evaluate(SEEN)).endswith("+code") for window in self._windows)

    def _seen(self) -> dict[str, object]:
        seen: dict[str, object] = {"ann_sees": None, "ben_sees": None}
        for window in self._windows:
            name = "ben_sees" if window is self.ben else "ann_sees"
            seen[name] = window.page.evaluate(SEEN)
        return seen

    def _is_over(self, product: Product) -> bool:
        """Whether everyone who still has a window has come to the last page, or waits alone."""
        ended = {
            line["subject_id"] for line in product.participants if line["event"] == "completed"
        }
        people = 1 if not any(w is not self.ben for w in self._windows) else 2
        waits_alone = people == 1 and self.ben.phase == "waiting"
        are_closed = self._stays_open or all("ended_at" in game.match for game in product.games)
        if waits_alone or not (len(ended) >= people and are_closed):
            return waits_alone
        return not any(str(window.page.evaluate(SEEN)).startswith("(") for window in self._windows)


def outcome(product: Product) -> dict[str, object]:
    """How the experiment ended for both, and how each of their games did."""
    names: dict[str, str] = {}
    ends: dict[str, object] = {"ann": None, "ben": None}
    for line in product.participants:
        if line["event"] == "started":
            names[line["subject_id"]] = product.recruitment_ids[line["subject_id"]]
        elif line["event"] == "completed":
            ends[names[line["subject_id"]]] = line["outcome"]
    (*_, last) = [None, *(game.match for game in product.games)]
    game = None if last is None else [last.get("end_reason"), last.get("agreed")]
    return {**ends, "game": game}
