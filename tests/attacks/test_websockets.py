"""Frames and messages that are malformed, endless or too large: their sender alone is cut off."""

import zlib

import pytest
from websockets.frames import Frame, Opcode

from tests.support.raw_client import frame_bytes, new_token

LIMIT = 1_000_000
"""The largest message of a participant, in bytes."""


@pytest.fixture
def mallory(served, attacker):
    client = attacker()
    client.sign_in(new_token(served))
    return client


MALFORMED = {
    "a frame without mask": Frame(Opcode.TEXT, b"2").serialize(mask=False),
    "an opcode that nobody knows": bytes([0x83, 0x80]) + bytes(4),
    "bits that nobody knows": bytes([0xF1, 0x80]) + bytes(4),
    "a continuation of nothing": frame_bytes("x", Opcode.CONT),
    "a message within another": frame_bytes("4", fin=False) + frame_bytes("2"),
    "a ping in fragments": bytes([0x09, 0x80]) + bytes(4),
    "a long ping": bytes([0x89, 0xFE, 0x00, 0x7E]) + bytes(4 + 126),
    "compressed without agreement": bytes([0xC1, 0x81]) + bytes(4) + b"x",
    "a farewell that is none": bytes([0x88, 0x81]) + bytes(4) + b"x",
    "another protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_frame_ends_the_connection_of_its_sender_only(honest, mallory, data):
    mallory.send_raw(data)
    assert mallory.wait_for_end()[0] == 1002
    honest.play_on()


def test_a_frame_is_refused_by_its_length_before_it_is_read(honest, mallory):
    mallory.send_raw(bytes([0x81, 0xFF]) + (2**62).to_bytes(8, "big") + bytes(4))
    assert mallory.wait_for_end()[0] == 1009
    honest.play_on()


def test_a_message_in_endless_fragments_is_cut_at_the_size_limit(honest, mallory):
    mallory.send_raw(frame_bytes('42["a', fin=False))
    piece = frame_bytes("x" * 50_000, Opcode.CONT, fin=False)
    sent = 0
    while sent < 10 * LIMIT and mallory.send_raw(piece):
        sent += 50_000
    assert mallory.wait_for_end()[0] == 1009
    honest.play_on()


def test_a_message_that_grows_when_decompressed_is_cut_at_the_size_limit(served, honest, attacker):
    client = attacker(compressed=True)
    client.sign_in(new_token(served))
    squeezer = zlib.compressobj(wbits=-13)
    small = squeezer.compress(b"x" * 50 * LIMIT) + squeezer.flush(zlib.Z_SYNC_FLUSH)
    assert len(small) < LIMIT / 10
    frame = bytearray(frame_bytes(small[:-4]))
    frame[0] |= 0x40  # It says that it is compressed.
    client.send_raw(frame)
    assert client.wait_for_end()[0] == 1009
    honest.play_on()


def test_before_the_sign_in_messages_are_short(honest, attacker):
    client = attacker()
    client.send_raw(frame_bytes("40" + "x" * 16_000))
    assert client.wait_for_end()[0] == 1009
    honest.play_on()


@pytest.mark.parametrize("size", [LIMIT - 100, LIMIT])
def test_a_message_of_just_the_limit_is_taken(served, honest, mallory, size):
    text = '42["advance_scene",{"scene_id":"start","more":"'
    mallory.send_raw(frame_bytes(text + "x" * (size - len(text) - 3) + '"}]'))
    mallory.wait_for('42["scene",{"index":1')
    honest.play_on()


def test_a_message_in_fragments_with_pings_in_between_is_one_message(honest, mallory):
    text = '42["advance_scene",{"scene_id":"start"}]'
    pieces = [frame_bytes(text[:7], fin=False)]
    pieces += [frame_bytes(c, Opcode.CONT, fin=False) for c in text[7:-1]]
    pieces += [frame_bytes(text[-1], Opcode.CONT)]
    mallory.send_raw(frame_bytes("x", Opcode.PING).join(pieces))
    mallory.wait_for('42["scene",{"index":1')
    honest.play_on()


def test_what_was_said_before_a_farewell_counts(served, honest, attacker):
    client = attacker()
    token = new_token(served)
    client.sign_in(token)
    move_on = frame_bytes('42["advance_scene",{"scene_id":"start"}]')
    client.send_raw(move_on + frame_bytes((1000).to_bytes(2, "big"), Opcode.CLOSE))
    assert client.wait_for_end()[0] == 1000
    again = attacker()
    again.sign_in(token)
    again.wait_for('42["scene",{"index":1')
    honest.play_on()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x00" * 10, '42["join_game",{}]'.encode("utf-16")])
def test_bytes_that_are_no_text_change_nothing(honest, mallory, data):
    for opcode in (Opcode.TEXT, Opcode.BINARY):
        mallory.send_raw(frame_bytes(data, opcode))
    mallory.send_event("advance_scene", {"scene_id": "start"})
    mallory.wait_for('42["scene",{"index":1')
    honest.play_on()
