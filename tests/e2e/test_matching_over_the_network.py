"""Matching by measured P2P RTT, with real browsers at real distances."""

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from tests.support.e2e.browser import Participant, ParticipantFactory
from tests.support.e2e.product import Game, experiment
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab, pytest.mark.alone]

ALARMING = ("reject", "fail", "error", "problem", "exclude", "too slow", "sorry", "bad ")


def close_to(true_ms: float) -> object:
    """The accuracy that a study relies on: 5 ms and 2% of the true RTT."""
    return pytest.approx(true_ms, abs=5 + 0.02 * true_ms)


WATCH_CONNECTIONS = """
window.connectionsMade = 0;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...options) { super(...options); window.connectionsMade += 1; }
};
new MutationObserver(() => {
  window.shownOfLinks = document.querySelector("#link")?.innerText || window.shownOfLinks;
}).observe(document, {subtree: true, childList: true, characterData: true});
"""
"""Makes a page count the WebRTC connections it makes, and keep what it last showed of them."""


def assert_all_recorded_the_same(game: Game, frames: int) -> None:
    """Check that every frame of all agents is on disk, once, as all browsers have it."""
    match = game.match
    assert match["end_reason"] == "completed"
    assert match["agreed"] is True
    assert [it["frames"] for it in match["recordings"]] == [frames] * len(match["agents"])
    assert len({it["digest"] for it in match["recordings"]}) == 1
    assert [(row["frame"], row["agent"]) for row in game.rows] == [
        (str(frame), agent) for frame in range(frames) for agent in match["agents"]
    ]


def join_together(people: Sequence[Participant], url: str) -> None:
    """Have everybody enter the waitroom within moments, however slowly their pages loaded."""
    for person in people:
        person.get_ready(url)
    for person in people:
        person.join()


def test_a_pair_over_the_threshold_waits_on_until_a_nearer_participant_comes(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server = lab.host("server")
    near, far = lab.host("near", delay_ms=20), lab.host("far", delay_ms=90)
    middle = lab.host("middle", delay_ms=40)
    with experiment("short_slime.py", tmp_path, server, max_p2p_rtt_ms=150) as product:
        ann, ben = participant("Ann", near), participant("Ben", far)
        for person in (ann, ben):
            person.go_to_waitroom(product.url)
            person.wait_for_phase("waiting")

        product.wait_for(lambda it: [line for line in it.ledger if line["kind"] == "repool"])
        for person in (ann, ben):
            person.wait_for_phase("waiting")
            assert not [word for word in ALARMING if word in person.text().lower()]
            assert set(person.phases) <= {"loading", "scene", "waiting", "probing"}
        assert product.games == []

        cem = participant("Cem", middle)
        cem.go_to_waitroom(product.url)
        for person in (ann, cem):
            person.wait_for_phase("playing")
        assert ben.phase == "waiting"
        for person in (ann, cem):
            person.wait_for_phase("ended")

        (game,) = product.games
        (edge,) = game.match["edges"]
        assert edge["rtt_ms"] == close_to(120)
        measured = [line["rtt_ms"] for line in product.ledger if line["kind"] == "probe"]
        assert measured == [close_to(220), close_to(120)]
        assert game.match["agreed"] is True
    assert not ann.errors + ben.errors + cem.errors


@pytest.mark.sweep
def test_a_pair_under_the_threshold_plays_over_a_long_and_lossy_way(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server = lab.host("server")
    hosts = [
        lab.host("one", delay_ms=30, jitter_ms=5, loss=0.03),
        lab.host("other", delay_ms=40, jitter_ms=5, loss=0.03),
    ]
    with experiment("short_slime.py", tmp_path, server, max_p2p_rtt_ms=180) as product:
        people = [participant(f"at {host.name}", host) for host in hosts]
        for person in people:
            person.go_to_waitroom(product.url)
        for person, key in zip(people, ("ArrowRight", "ArrowLeft"), strict=True):
            person.wait_for_phase("playing")
            person.hold(key)
            # Plain http at an address that is not this machine's, as in a lab's own network.
            assert person.page.evaluate("isSecureContext") is False
        for person in people:
            person.wait_for_phase("ended")
        (game,) = product.games
        assert game.match["end_reason"] == "completed"
        assert game.match["agreed"] is True
        assert len(game.rows) == 2 * game.match["frames"] == 2 * 2 * 60
        # Packets meet up to 20 ms of jitter on the way there and back.
        assert game.match["edges"][0]["rtt_ms"] == pytest.approx(140, abs=5 + 0.02 * 140 + 10)


def test_three_participants_play_over_the_three_connections_that_were_probed(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server = lab.host("server")
    delays_ms = {"Ann": 40, "Ben": 60, "Cem": 80}
    people = [participant(name, lab.host(name, delay_ms=ms)) for name, ms in delays_ms.items()]
    for person in people:
        person.page.add_init_script(WATCH_CONNECTIONS)
    with experiment("short_dots.py", tmp_path, server, max_p2p_rtt_ms=330) as product:
        join_together(people, product.url)
        seat_of = {}
        for person in people:
            person.wait_for("interactiveGym.snapshot().seat !== null")
            seat_of[person.name] = person.snapshot()["seat"]
            person.hold("ArrowLeft" if seat_of[person.name] == 0 else "ArrowRight")
        for person in people:
            person.wait_for_phase("ended")
            assert "playing" in person.phases
            assert person.page.evaluate("connectionsMade") == 2

        (game,) = product.games
        assert_all_recorded_the_same(game, frames=2 * 60)
        last_actions = {row["agent"]: row["action"] for row in game.rows}
        assert last_actions == {"red": "1", "green": "2", "blue": "2"}
        true_ms = {
            frozenset((a, b)): 2 * (delays_ms[a] + delays_ms[b])
            for a, b in combinations(delays_ms, 2)
        }
        (proposal,) = product.ledger_of("proposal")
        assert proposal["threshold_ms"] == game.match["threshold_ms"] == 330
        assert [line["verdict"] for line in product.ledger_of("verdict")] == ["accepted"] * 3
        name_of = {seat: name for name, seat in seat_of.items()}
        for edge in game.match["edges"]:
            assert edge["verdict"] == "accepted"
            pair = frozenset(name_of[seat] for seat in edge["seats"])
            # Near enough to tell the pairs apart, with three browsers at work at once.
            assert edge["rtt_ms"] == pytest.approx(true_ms.pop(pair), abs=19)
        assert not true_ms

        for person in people:
            farthest_ms = max(ms for name, ms in delays_ms.items() if name != person.name)
            shown = person.page.evaluate("shownOfLinks").strip()
            found = re.fullmatch(r"Connection to your partners: \w+ · (\d+) ms", shown)
            assert found, shown
            assert int(found[1]) > 2 * (delays_ms[person.name] + farthest_ms) - 5
    assert not [person.errors for person in people if person.errors]


@pytest.mark.sweep
def test_a_pair_whose_rtt_is_known_connects_anew_beside_the_probed_connections(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server, near = lab.host("server"), lab.host("near", delay_ms=20)
    ann, ben = (participant(name, lab.host(name, delay_ms=60)) for name in ("Ann", "Ben"))
    cem, dora = participant("Cem", near), participant("Dora", near)
    with experiment("short_dots.py", tmp_path, server, max_p2p_rtt_ms=300) as product:
        dora.get_ready(product.url)
        join_together([ann, ben, cem], product.url)
        # The pair least likely to be accepted is probed first: Ann and Ben.
        product.wait_for(lambda it: it.ledger_of("verdict"))
        cem.close()
        product.wait_for(lambda it: it.ledger_of("repool"))
        dora.join()
        for person in (ann, ben, dora):
            person.wait_for_phase("ended")
            assert "playing" in person.phases

        game = product.games[-1]
        assert_all_recorded_the_same(game, frames=2 * 60)
        assert len(game.match["edges"]) == 3
        for person, unprobed in ((ann, 1), (ben, 1), (dora, 0)):
            peers = person.invitation()["peers"]
            assert [peer["probe_session_id"] for peer in peers].count(None) == unprobed
    assert not ann.errors + ben.errors + dora.errors


@pytest.mark.sweep
def test_the_near_ones_play_and_the_far_one_is_led_on_when_patience_ends(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    server = lab.host("server")
    far = participant("far", lab.host("far", delay_ms=140))
    near = [participant(f"near{n}", lab.host(f"near{n}", delay_ms=10 * n)) for n in range(1, 5)]
    options = {"max_p2p_rtt_ms": 150, "matchmaker": "latency", "patience_s": 30}
    with experiment("short_slime.py", tmp_path, server, **options) as product:
        join_together([far, *near], product.url)
        for person in [*near, far]:
            person.wait_for_phase("ended")
        assert all("playing" in person.phases for person in near)
        assert set(far.phases) <= {"loading", "scene", "waiting", "probing", "ended"}
        assert "We could not find anybody for you to play with this time." in far.text()
        assert not [word for word in ALARMING if word in far.text().lower()]
        far.advance()
        far.wait_for("document.body.innerText.includes('Thank you for playing')")

        first, second = product.games
        players = [member["subject_id"] for it in (first, second) for member in it.match["group"]]
        assert len(set(players)) == 4
        for game in (first, second):
            assert_all_recorded_the_same(game, frames=2 * 60)
        (leaving,) = product.ledger_of("exit")
        assert leaving["reason"] == "waitroom_timeout"
        assert leaving["waited_ms"] >= 30_000
        assert leaving["subject_id"] not in players
        (told,) = (line for line in product.participants if line["event"] == "waitroom_ended")
        assert told["subject_id"] == leaving["subject_id"]
        assert told["waited_ms"] == leaving["waited_ms"]

        measured = product.ledger_of("verdict")
        of_far = [line for line in measured if leaving["subject_id"] in line["pair"]]
        assert {line["verdict"] for line in of_far} <= {"rejected"}
        # Nobody is measured twice with the same partner.
        assert len({frozenset(line["pair"]) for line in measured}) == len(measured)
    assert not [person.errors for person in [far, *near] if person.errors]
