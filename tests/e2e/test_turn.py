"""Probes and games through a TURN server, a real coturn."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.e2e.active_play import play_actively
from tests.support.e2e.browser import Participant, ParticipantFactory, get_ready_together
from tests.support.e2e.data_checks import assert_complete
from tests.support.e2e.product import Game, Product, experiment
from tests.support.e2e.turn_server import TurnServer, turn_problem
from tests.support.netlab import Host, NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]

DELAYS_MS = {"Ann": 20, "Ben": 30}
TURN_MS = 15
DIRECT_RTT_MS = 2 * sum(DELAYS_MS.values())
ALLOCATED = "ALLOCATE processed, success"
"""What coturn prints when it serves somebody."""


@pytest.fixture
def hosts(lab: NetworkLab) -> list[Host]:
    return [lab.host(name, delay_ms=delay_ms) for name, delay_ms in DELAYS_MS.items()]


@pytest.fixture
def turn(lab: NetworkLab, tmp_path: Path) -> Iterator[TurnServer]:
    if problem := turn_problem():
        pytest.skip(problem)
    with TurnServer(lab.host("turn", delay_ms=TURN_MS), tmp_path) as server:
        yield server


def play_a_game(product: Product, people: Sequence[Participant]) -> Game:
    """Have both join and play actively to the end; check the data."""
    get_ready_together(people, product.url)
    for person in people:
        person.join()
    for person in people:
        person.wait_for_phase("playing")
    play_actively(people, lambda: all(person.phase == "ended" for person in people))
    product.wait_for(lambda it: "agreed" in it.games[0].match)
    (game,) = product.games
    assert game.match["end_reason"] == "completed"
    assert_complete(game, people[0].invitation())
    assert not [person.errors for person in people if person.errors]
    return game


@pytest.mark.alone
def test_probe_and_game_go_through_turn_where_it_is_forced(
    lab: NetworkLab,
    hosts: list[Host],
    turn: TurnServer,
    participant: ParticipantFactory,
    tmp_path: Path,
) -> None:
    people = [participant(host.name, host) for host in hosts]
    options = {**turn.options, "force_relay": True, "max_p2p_rtt_ms": 300, "seconds": 4}
    with experiment("networked_games.py", tmp_path, lab.host("server"), **options) as product:
        game = play_a_game(product, people)
    assert ALLOCATED in turn.output
    (edge,) = game.match["edges"]
    for side in edge["sides"]:
        assert (side["local_candidate_type"], side["remote_candidate_type"]) == ("relay", "relay")
    assert edge["route"] == "relay"
    assert {row["local_candidate_type"] for row in game.network} == {"relay"}
    # To the TURN server and back on either side of it.
    detour_ms = DIRECT_RTT_MS + 2 * 2 * TURN_MS
    assert edge["rtt_ms"] == pytest.approx(detour_ms, abs=5 + 0.02 * detour_ms)


def test_turn_connects_participants_whose_direct_way_is_blocked(
    lab: NetworkLab,
    hosts: list[Host],
    turn: TurnServer,
    participant: ParticipantFactory,
    tmp_path: Path,
) -> None:
    lab.set_way(*hosts, cut=True)
    people = [participant(host.name, host) for host in hosts]
    options = {**turn.options, "max_p2p_rtt_ms": 300, "seconds": 4}
    with experiment("networked_games.py", tmp_path, lab.host("server"), **options) as product:
        game = play_a_game(product, people)
    (edge,) = game.match["edges"]
    assert edge["route"] == "relay"
    for side in edge["sides"]:
        assert "relay" in (side["local_candidate_type"], side["remote_candidate_type"])
    # At least one of the two talks to the server for both ways; the other may go straight to it.
    assert edge["rtt_ms"] > DIRECT_RTT_MS + 2 * TURN_MS - 5


@pytest.mark.parametrize(
    ("credential", "works", "reason"), [(None, "works", None), ("wrong", "failed", "no_turn")]
)
def test_a_device_check_tries_the_turn_server_before_anybody_waits(
    lab: NetworkLab,
    hosts: list[Host],
    turn: TurnServer,
    participant: ParticipantFactory,
    tmp_path: Path,
    credential: str | None,
    works: str,
    reason: str | None,
) -> None:
    person = participant(hosts[0].name, hosts[0])
    given = {} if credential is None else {"turn_credential": credential}
    options = {**turn.options, **given, "force_relay": True, "check_device": True}
    with experiment("networked_games.py", tmp_path, lab.host("server"), **options) as product:
        person.open(product.url)
        person.advance()
        person.wait_for("document.querySelector('.key-caps') !== null")
        person.page.keyboard.press("ArrowUp")
        person.advance()
        line = product.wait_for(
            lambda it: [line for line in it.participants if line["event"] == "device_checked"]
        )[0]
    assert (line["reason"], line["figures"]["turn"], line["figures"]["webrtc"]) == (
        reason,
        works,
        "works",
    )


@pytest.mark.sweep
def test_participants_whom_turn_refuses_wait_on_and_play_once_they_can_be_connected(
    lab: NetworkLab,
    hosts: list[Host],
    turn: TurnServer,
    participant: ParticipantFactory,
    tmp_path: Path,
) -> None:
    lab.set_way(*hosts, cut=True)
    people = [participant(host.name, host) for host in hosts]
    options = {**turn.options, "turn_credential": "wrong", "max_p2p_rtt_ms": 300, "seconds": 4}
    with experiment("networked_games.py", tmp_path, lab.host("server"), **options) as product:
        get_ready_together(people, product.url)
        for person in people:
            person.join()
        (probe, *_) = product.wait_for(lambda it: it.ledger_of("probe"))
        assert probe["rtt_ms"] is None
        assert probe["failure_reason"]
        assert ALLOCATED not in turn.output
        for person in people:
            person.wait_for_phase("waiting")
        assert product.games == []
        lab.set_way(*hosts, cut=False)
        for person in people:
            person.wait_for_phase("starting", "playing")
