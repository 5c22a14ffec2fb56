"""One socket is one participant for its life, whatever it sends."""

import json

import pytest

from tests.support.raw_client import new_token


def started(served):
    return [line for line in served.participant_lines() if line["event"] == "started"]


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "disconnecting"])
def test_an_event_with_a_reserved_name_signs_nobody_in_or_out(served, honest, attacker, name):
    client = attacker()
    client.sign_in(new_token(served))
    known = len(started(served))
    for _ in range(10):
        token = new_token(served)
        client.send_event(name, {"token": token, "page_id": "p"})
        client.send_event(name, {}, {"token": token, "page_id": "p"})
    # It is still the participant it was, so its next event is answered.
    client.send_event("advance_scene", {"scene_id": "start"})
    client.wait_for('42["scene",{"index":1')
    assert len(started(served)) == known
    honest.play_on()


def test_a_second_sign_in_is_dropped(served, honest, attacker):
    client = attacker()
    client.sign_in(new_token(served))
    known = len(started(served))
    for _ in range(5):
        client.send("40" + json.dumps({"token": new_token(served), "page_id": "p"}))
    client.send_event("advance_scene", {"scene_id": "start"})
    client.wait_for('42["scene",{"index":1')
    assert len(started(served)) == known
    honest.play_on()


def test_who_signs_out_cannot_sign_in_as_somebody_else(served, honest, attacker):
    client = attacker()
    client.sign_in(new_token(served))
    known = len(started(served))
    client.send("41")
    client.send("40" + json.dumps({"token": new_token(served), "page_id": "p"}))
    assert client.wait_for_end() is not None
    assert len(started(served)) == known
    honest.play_on()


def test_a_sign_in_that_is_refused_is_the_last_word(served, honest, attacker):
    client = attacker()
    assert client.sign_in("forged").startswith("44")
    assert client.wait_for_end() == (1008, "the sign-in was refused")
    honest.play_on()


def test_nothing_is_taken_before_the_sign_in(served, honest, attacker):
    client = attacker()
    client.send_event("advance_scene", {"scene_id": "start"})
    assert client.sign_in(new_token(served)).startswith("40")
    assert client.wait_for('42["scene"').startswith('42["scene",{"index":0')
    honest.play_on()


@pytest.mark.parametrize("number", [0, 10**15])
def test_an_acknowledgement_of_nothing_does_not_stop_measurements(served, honest, attacker, number):
    client, other = attacker(), attacker()
    client.sign_in(new_token(served))
    client.send(f"43{number}[]")
    other.sign_in(new_token(served))
    # The first is sent on connection, the second with those of everyone.
    for _ in range(2):
        while "measure_server_rtt" not in other.wait_for("42"):
            pass
    honest.play_on()
