"""Three people are probed with each other at once."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment
from tests.support.netlab import NetworkLab

pytestmark = pytest.mark.e2e

OPEN_CONNECTIONS = (
    """() => window.connections.filter((it) => it.connectionState !== "closed").length"""
)

KEEP_CONNECTIONS = """
window.connections = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...args) { super(...args); window.connections.push(this); }
};
"""


def test_the_first_pair_plays_and_the_connections_of_the_other_probes_are_closed(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    people = [participant(name) for name in ("Ann", "Ben", "Cat")]
    with experiment("three_at_once.py", tmp_path, max_p2p_rtt_ms=500) as product:
        for person in people:
            person.page.add_init_script(KEEP_CONNECTIONS)
            person.go_to_waitroom(product.url)
        match = product.wait_for(lambda it: it.games and it.games[0].match)
        chosen = {member["subject_id"] for member in match["group"]}
        proposed = [frozenset(line["matched"]) for line in product.ledger_of("proposal")]
        assert len(set(proposed)) == len(proposed) == 3, "each pair of the three, once"
        cancelled = [v for v in product.ledger_of("verdict") if v["verdict"] == "cancelled"]
        assert all(set(v["pair"]) != chosen for v in cancelled)
        players = [p for p in people if p.wait_for_phase("playing", "waiting") == "playing"]
        (third,) = [person for person in people if person not in players]
        assert "Still looking" in third.text()
        assert not third.page.evaluate(OPEN_CONNECTIONS)
        assert [player.page.evaluate(OPEN_CONNECTIONS) for player in players] == [1, 1]
        for player in players:
            player.wait_for_phase("ended")
    assert not any(person.errors for person in people)


@pytest.mark.netlab
@pytest.mark.alone
def test_probes_at_the_same_time_measure_what_is_true(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    delays_ms = {"one": 15, "two": 25, "three": 45}
    hosts = [lab.host(name, delay_ms=delay_ms) for name, delay_ms in delays_ms.items()]
    people = [participant(host.name, host) for host in hosts]
    server = lab.host("server")
    with experiment("three_at_once.py", tmp_path, server, max_p2p_rtt_ms=50) as product:
        for person in people:
            person.go_to_waitroom(product.url)
        probes = product.wait_for(lambda it: len(it.ledger_of("probe")) == 3 and it)
        lines = probes.ledger_of("probe")
        began = [line["monotonic_s"] for line in probes.ledger_of("proposal")]
        assert max(began) < min(line["monotonic_s"] for line in lines), "they did run at once"
        measured_ms = sorted(line["rtt_ms"] for line in lines)
        true_ms = [2 * (15 + 25), 2 * (15 + 45), 2 * (25 + 45)]
        assert measured_ms == [pytest.approx(ms, abs=5 + 0.02 * ms) for ms in true_ms]
    assert not any(person.errors for person in people)
