"""Three people are probed with each other at once; two play, and the third goes on waiting."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment

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
    with experiment("three_at_once.py", tmp_path) as product:
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
