"""Matching by measured P2P RTT, with real browsers at real distances."""

from pathlib import Path

import pytest
from browser import ParticipantFactory
from netlab import NetworkLab
from product import experiment

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

ALARMING = ("reject", "fail", "error", "problem", "exclude", "too slow", "sorry", "bad ")


def close_to(true_ms: float) -> object:
    """The accuracy that a study relies on: 5 ms and 2% of the true RTT."""
    return pytest.approx(true_ms, abs=5 + 0.02 * true_ms)


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
