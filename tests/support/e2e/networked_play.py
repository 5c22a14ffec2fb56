"""A group of participants on an emulated network, and what can happen to them.

What tests of cuts, losses and groups share; the games are those of ``networked_games.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.e2e.active_play import play_actively
from tests.support.e2e.browser import Participant, ParticipantFactory, get_ready_together
from tests.support.e2e.product import Game, Product, experiment
from tests.support.netlab import Host, NetworkLab

FPS = 30
TWO_LINKS = ({"delay_ms": 15.0}, {"delay_ms": 15.0})
"""Access links of two participants with an RTT of 60 ms."""


class Playing:
    """A lab with a server and participants who play a game, and what a test does to them."""

    def __init__(
        self,
        lab: NetworkLab,
        participant: ParticipantFactory,
        folder: Path,
        links: Sequence[Mapping[str, float]] = TWO_LINKS,
    ) -> None:
        """Bring one participant for each access link of *links*, on a host of their own."""
        self.server = lab.host("server")
        """Where the server runs."""
        self.hosts: list[Host] = [
            lab.host(f"at{number}", **link) for number, link in enumerate(links)
        ]
        """Where the participants are."""
        self.people: list[Participant] = [
            participant(f"at {host.name}", host) for host in self.hosts
        ]
        """The participants, in the same order."""
        self._folder = folder

    def serve(self, **options: object) -> Product:
        """The server, with options of ``networked_games.py``."""
        return experiment("networked_games.py", self._folder, self.server, **options)

    def begin(self, product: Product) -> None:
        """Have all join, and play for a second."""
        get_ready_together(self.people, product.url)
        for person in self.people:
            person.join()
        for person in self.people:
            person.wait_for_phase("playing")
        self.play_until(lambda: all(frame(person) > 30 for person in self.people))

    def play_until(
        self, condition: Callable[[], bool], people: Sequence[Participant] | None = None
    ) -> None:
        """Have all, or only these, change keys until something is so."""
        play_actively(people or self.people, condition)

    def play_for(self, seconds: float) -> None:
        """Have all change keys for a while."""
        start_ms = self.people[0].page.evaluate("performance.now()")
        page = self.people[0].page
        self.play_until(lambda: page.evaluate("performance.now()") - start_ms > seconds * 1000)

    def play_to_the_end(self, people: Sequence[Participant] | None = None) -> None:
        """Play until all these have left the game."""
        awaited = people or self.people
        self.play_until(
            lambda: all(person.phase not in ("playing", "paused") for person in awaited), awaited
        )


def frame(person: Participant) -> int:
    """The frame a page has simulated."""
    return int(person.snapshot()["frame"] or 0)


def link_states(game: Game) -> list[str]:
    """What the pages have said of their links, in order."""
    return [event["detail"]["state"] for event in game.events if event["kind"] == "link_state"]


def ended_game(product: Product) -> Game:
    """The only game, once the server has closed it."""
    product.wait_for(lambda it: "agreed" in it.games[0].match)
    (game,) = product.games
    return game


def lead_on(person: Participant) -> None:
    """Check that a page explains how the game ended, and leads to the end of the experiment."""
    person.wait_for_phase("ended")
    assert person.text().strip()
    person.advance()
    person.wait_for("document.body.innerText.includes('Thank you for playing')")


def assert_no_errors(people: Sequence[Participant]) -> None:
    assert not [person.errors for person in people if person.errors]
