"""Games whose network is cut, for a moment or for good, between real browsers."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from active_play import play_actively
from browser import Participant, ParticipantFactory
from data_checks import assert_complete, assert_without_holes
from netlab import Host, NetworkLab
from product import Game, Product, experiment

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

ONE_WAY_MS = 15
"""Of each access link: 60 ms RTT between participants."""
FPS = 30


class Playing:
    """A lab with a server and participants who play a game, and what a test does to them."""

    def __init__(
        self, lab: NetworkLab, participant: ParticipantFactory, folder: Path, people: int = 2
    ) -> None:
        self.lab = lab
        self.server = lab.host("server")
        self.hosts: list[Host] = [
            lab.host(f"at{number}", delay_ms=ONE_WAY_MS) for number in range(people)
        ]
        self.people: list[Participant] = [
            participant(f"at {host.name}", host) for host in self.hosts
        ]
        self._folder = folder

    def serve(self, **options: object) -> Product:
        """The server, with options of ``networked_games.py``."""
        return experiment("networked_games.py", self._folder, self.server, **options)

    def begin(self, product: Product) -> None:
        """Have all join, and play for a second."""
        for person in self.people:
            person.get_ready(product.url)
        for person in self.people:
            person.join()
        for person in self.people:
            person.wait_for_phase("playing")
        self.play_until(lambda: all(frame(person) > 30 for person in self.people))

    def play_until(self, condition: Callable[[], bool], timeout_s: float = 60) -> None:
        """Have all change keys until something is so."""
        play_actively(self.people, condition, timeout_s)

    def play_for(self, seconds: float) -> None:
        """Have all change keys for a while."""
        start_ms = self.people[0].page.evaluate("performance.now()")
        page = self.people[0].page
        self.play_until(lambda: page.evaluate("performance.now()") - start_ms > seconds * 1000)

    def play_to_the_end(self, people: Sequence[Participant] | None = None) -> None:
        """Play until all these have left the game."""
        awaited = people or self.people
        self.play_until(
            lambda: all(person.phase not in ("playing", "paused") for person in awaited)
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


def test_a_cut_of_two_seconds_is_shown_and_the_game_goes_on_to_its_end(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=8) as product:
        playing.begin(product)
        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            person.wait_for_phase("paused", timeout_s=5)
            assert "partner" in person.text()
        playing.play_for(1.5)
        lab.set_way(*playing.hosts, cut=False)
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert game.match["frames"] == 8 * FPS
    assert_complete(game, playing.people[0].invitation())
    kinds = {event["kind"] for event in game.events}
    assert {"peer_silent", "peer_heard"} <= kinds
    assert_no_errors(playing.people)


def test_a_cut_long_enough_for_the_connection_to_break_is_mended_within_the_limit(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=8, partner_timeout_ms=30_000) as product:
        playing.begin(product)
        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            person.wait_for_phase("paused", timeout_s=5)
        # Chromium notices after five seconds or more, and the pages then try another way.
        product.wait_for(lambda it: "disconnected" in link_states(it.games[0]))
        playing.play_for(2)
        lab.set_way(*playing.hosts, cut=False)
        for person in playing.people:
            person.wait_for_phase("playing", timeout_s=10)
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert_complete(game, playing.people[0].invitation())
    assert_no_errors(playing.people)


def test_a_cut_for_good_ends_the_game_for_both_with_the_data_they_agree_on(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=60, partner_timeout_ms=3000) as product:
        playing.begin(product)
        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            lead_on(person)
        game = ended_game(product)
    assert game.match["frames"] > FPS
    assert_without_holes(game)
    assert game.match["agreed"] is True
    assert_no_errors(playing.people)


def test_whoever_stays_has_the_data_up_to_the_last_input_of_one_who_vanished(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann, ben = playing.people
    with playing.serve(seconds=60, partner_timeout_ms=3000) as product:
        playing.begin(product)
        playing.hosts[1].cut()
        ann.wait_for_phase("paused", timeout_s=5)
        lead_on(ann)
        game = ended_game(product)
        playing.hosts[1].restore()
        ben.wait_for_phase("ended")
    assert game.match["end_reason"] == "partner_lost"
    assert game.match["frames"] > FPS
    assert game.match["agreed"] is True
    assert_without_holes(game)
    assert_no_errors([ann])


def test_a_participant_whose_server_connection_alone_is_cut_plays_on_and_loses_no_row(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann = playing.people[0]
    with playing.serve(seconds=8) as product:
        playing.begin(product)
        lab.set_way(playing.hosts[0], playing.server, cut=True)
        before = frame(ann)
        playing.play_for(2)
        assert frame(ann) > before + 1.5 * FPS
        lab.set_way(playing.hosts[0], playing.server, cut=False)
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert game.match["frames"] == 8 * FPS
    assert_complete(game, ann.invitation())
    assert all("paused" not in person.phases for person in playing.people)


def test_a_participant_who_reloads_the_page_comes_back_to_the_same_seat(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann, ben = playing.people
    with playing.serve(seconds=20, partner_timeout_ms=30_000) as product:
        playing.begin(product)
        seat = ben.snapshot()["seat"]
        playing.play_for(2)
        ben.reload()
        ann.wait_for_phase("paused", timeout_s=15)
        ben.wait_for("window.interactiveGym?.snapshot().frame > 0", timeout_s=30)
        for person in playing.people:
            person.wait_for_phase("playing", timeout_s=20)
        assert ben.snapshot()["seat"] == seat
        assert ben.invitation()["game"]["incarnation"] == 1
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert game.match["frames"] == 20 * FPS
    assert_complete(game, ann.invitation())
    assert_no_errors(playing.people)
