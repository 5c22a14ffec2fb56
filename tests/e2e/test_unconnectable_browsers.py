"""A browser that lets nobody connect to it, as behind a strict firewall, among others that do."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

RELAYS_ONLY = """
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(options) { super({...options, iceTransportPolicy: "relay"}); }
};
"""
"""Without a TURN server such a page has no address at all."""


def test_who_cannot_be_connected_is_told_why_and_led_on_and_the_others_play(
    participant: ParticipantFactory, tmp_path: Path
) -> None:
    behind = participant("behind a firewall")
    behind.page.add_init_script(RELAYS_ONLY)
    first, second, third = (participant(name) for name in ("Ann", "Ben", "Cem"))
    options = {"max_p2p_rtt_ms": 150, "patience_s": 600, "max_connection_failures": 2}
    with experiment("short_slime.py", tmp_path, **options) as product:
        behind.go_to_waitroom(product.url)
        behind.wait_for_phase("waiting")
        first.go_to_waitroom(product.url)
        product.wait_for(lambda it: it.ledger_of("failure"))
        # Else she would go on with the next one, as they are an untried pair.
        first.close()
        product.wait_for(lambda it: it.ledger_of("exit"))
        second.go_to_waitroom(product.url)
        behind.wait_for_phase("ended")
        assert "does not allow direct connections to other participants" in behind.text()
        assert "No connection to others" in behind.text()
        behind.advance()
        behind.wait_for("document.body.innerText.includes('Thank you for playing')")

        third.go_to_waitroom(product.url)
        for person in (second, third):
            person.wait_for_phase("ended")
            assert "playing" in person.phases
        (game,) = product.games
        assert (game.match["agreed"], game.match["end_reason"]) == (True, "completed")

        failed = [line for line in product.ledger_of("probe") if line["failure_reason"]]
        (left, led_out) = product.ledger_of("exit")
        assert (left["reason"], led_out["reason"]) == ("disconnected", "connection_unsuitable")
        assert [line["causes"] for line in failed] == [{led_out["subject_id"]: "no_candidates"}] * 2
        assert max(line["duration_ms"] for line in failed) < 10_000
        outcomes = {
            line["subject_id"]: line["outcome"]
            for line in product.participants
            if line["event"] == "scene_left"
        }
        assert outcomes[led_out["subject_id"]] == "connection_unsuitable"
    assert not behind.errors + second.errors + third.errors
