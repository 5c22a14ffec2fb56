import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.netcode import wire
from interactive_gym.netcode.checkpoints import Checksums

TAG = 0xC0FFEE
UINT32 = st.integers(0, 2**32 - 1)

BYTE = st.integers(0, 255)

input_messages = st.builds(
    wire.InputMessage,
    seat=BYTE,
    incarnation=BYTE,
    receiver_incarnation=BYTE,
    complete=st.booleans(),
    resuming=st.booleans(),
    frame=UINT32,
    lead=st.integers(-32768, 32767).map(lambda units: units / 256),
    sent_at=UINT32,
    echo=st.none() | UINT32,
    cut_seats=st.integers(0, 2**16 - 1),
    asked_for=st.integers(0, 2**16 - 1),
    checkpoint=UINT32,
    checksums=st.builds(Checksums, UINT32, UINT32),
    counts=st.lists(UINT32, max_size=16).map(tuple),
    first_input=UINT32,
    inputs=st.binary(max_size=255),
)
relay_messages = st.builds(
    wire.RelayMessage,
    seat=BYTE,
    incarnation=BYTE,
    receiver_incarnation=BYTE,
    origin=BYTE,
    origin_incarnation=BYTE,
    first_input=UINT32,
    inputs=st.binary(max_size=1000),
)
messages = input_messages | relay_messages
SMALLEST = wire.InputMessage(
    *(0, 0, 0, False, False, 1, 0.0, 2, None, 0, 0, 0), Checksums(0, 0), (), 0, b""
)
RELAY = wire.RelayMessage(0, 0, 0, 1, 0, 0, b"\x01")


def resealed(datagram: bytes, position: int, value: int) -> wire.Message | None:
    """What a datagram says with another byte in one place and the checksum to it."""
    body = bytearray(datagram[:-4])
    body[position] = value
    return wire.decode(bytes(body) + zlib.crc32(body).to_bytes(4, "big"), TAG)


@given(messages)
def test_a_message_comes_out_as_it_went_in(message: wire.Message) -> None:
    assert wire.decode(wire.encode(message, TAG), TAG) == message


@given(messages, UINT32.filter(lambda tag: tag != TAG))
def test_a_datagram_of_another_game_is_refused(message: wire.Message, tag: int) -> None:
    assert wire.decode(wire.encode(message, tag), TAG) is None


@pytest.mark.parametrize("bit", range(32))
@pytest.mark.parametrize("tag", [TAG, 0xFEEDBEEF])
def test_a_tag_that_differs_in_any_one_bit_is_that_of_another_game(tag: int, bit: int) -> None:
    for message in (SMALLEST, RELAY):
        datagram = wire.encode(message, tag ^ 1 << bit)
        assert wire.decode(datagram, tag) is None
        assert wire.decode(datagram, tag ^ 1 << bit) == message


@pytest.mark.parametrize("tag", [0, 1, 0x01000000, 0xFF000000, 0x000000FF, 2**32 - 1])
@given(message=messages)
def test_any_32_bits_can_be_a_tag(message: wire.Message, tag: int) -> None:
    assert wire.decode(wire.encode(message, tag), tag) == message


def test_the_layout_is_the_one_in_the_documentation() -> None:
    message = wire.InputMessage(
        seat=1,
        incarnation=2,
        receiver_incarnation=3,
        complete=True,
        resuming=True,
        frame=0x04050607,
        lead=-0.5,
        sent_at=0x08090A0B,
        echo=0x0C0D0E0F,
        cut_seats=0x1011,
        asked_for=0x2E2F,
        checkpoint=0x12131415,
        checksums=Checksums(0x16171819, 0x1A1B1C1D),
        counts=(0x26272829, 0x2A2B2C2D),
        first_input=0x1E1F2021,
        inputs=b"\x81\x02\x03",
    )
    body = bytes.fromhex(
        "47 01 feedbeef 01 02 03 07 04050607 ff80 08090a0b 0c0d0e0f 1011 2e2f 12131415"
        " 16171819 1a1b1c1d 1e1f2021 02 03 26272829 2a2b2c2d 810203"
    )
    assert wire.encode(message, 0xFEEDBEEF) == body + zlib.crc32(body).to_bytes(4, "big")
    without_echo = wire.encode(message._replace(echo=None), 0xFEEDBEEF)
    assert (without_echo[9], without_echo[20:24]) == (0x05, bytes(4))
    relay = wire.RelayMessage(1, 2, 3, 4, 5, 0x05060708, b"\x81\x02")
    body = bytes.fromhex("47 02 feedbeef 01 02 03 04 05 05060708 0002 8102")
    assert wire.encode(relay, 0xFEEDBEEF) == body + zlib.crc32(body).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        (0, (False, None, False)),
        (1, (True, None, False)),
        (2, (False, 9, False)),
        (4, (False, None, True)),
        (7, (True, 9, True)),
    ],
)
def test_every_flag_says_one_thing(flags: int, seen: tuple[bool, int | None, bool]) -> None:
    message = resealed(wire.encode(SMALLEST._replace(echo=9), TAG), 9, flags)
    assert isinstance(message, wire.InputMessage)
    assert (message.complete, message.echo, message.resuming) == seen


@pytest.mark.parametrize("flags", [8, 16, 32, 64, 128, 15])
def test_a_flag_that_says_nothing_is_refused(flags: int) -> None:
    assert resealed(wire.encode(SMALLEST, TAG), 9, flags) is None


@pytest.mark.parametrize(("position", "value"), [(0, 0x46), (0, 0x48), (1, 0), (1, 3), (1, 2)])
def test_what_is_no_message_of_the_netcode_is_refused(position: int, value: int) -> None:
    assert resealed(wire.encode(SMALLEST, TAG), position, value) is None


@pytest.mark.parametrize("size", range(44))
def test_an_input_message_has_at_least_its_header(size: int) -> None:
    body = wire.encode(SMALLEST, TAG)[:size]
    assert wire.decode(body + zlib.crc32(body).to_bytes(4, "big"), TAG) is None


def test_a_relay_without_inputs_is_the_smallest_datagram() -> None:
    empty = RELAY._replace(inputs=b"")
    datagram = wire.encode(empty, TAG)
    assert len(datagram) == 21
    assert wire.decode(datagram, TAG) == empty


@pytest.mark.parametrize(("position", "value"), [(44, 1), (44, 3), (45, 0), (45, 2), (44, 0)])
def test_the_numbers_of_seats_and_inputs_must_be_what_follows(position: int, value: int) -> None:
    datagram = wire.encode(SMALLEST._replace(counts=(5, 6), inputs=b"\x01"), TAG)
    assert resealed(datagram, position, value) is None


@given(st.binary(max_size=400))
def test_random_bytes_are_refused(datagram: bytes) -> None:
    assert wire.decode(datagram, TAG) is None


@given(st.integers(0, 3), st.binary(max_size=300))
def test_random_bytes_behind_a_right_beginning_are_refused(kind: int, rest: bytes) -> None:
    assert wire.decode(bytes([0x47, kind]) + TAG.to_bytes(4, "big") + rest, TAG) is None


@given(st.integers(0, 3), st.binary(max_size=300))
def test_sealed_bytes_decode_to_what_encodes_to_the_same_or_to_nothing(
    kind: int, rest: bytes
) -> None:
    body = bytes([0x47, kind]) + TAG.to_bytes(4, "big") + rest
    datagram = body + zlib.crc32(body).to_bytes(4, "big")
    message = wire.decode(datagram, TAG)
    if message is not None and getattr(message, "echo", 0) is not None:
        assert wire.encode(message, TAG) == datagram


@given(messages, st.data())
def test_a_shortened_datagram_is_refused(message: wire.Message, data: st.DataObject) -> None:
    datagram = wire.encode(message, TAG)
    size = data.draw(st.integers(0, len(datagram) - 1))
    assert wire.decode(datagram[:size], TAG) is None


@given(messages, st.binary(min_size=1, max_size=20))
def test_a_lengthened_datagram_is_refused(message: wire.Message, more: bytes) -> None:
    assert wire.decode(wire.encode(message, TAG) + more, TAG) is None


@given(messages, st.data())
def test_a_datagram_with_changed_bytes_is_refused(
    message: wire.Message, data: st.DataObject
) -> None:
    datagram = bytearray(wire.encode(message, TAG))
    position = data.draw(st.integers(0, len(datagram) - 4))
    for offset, change in enumerate(
        data.draw(st.lists(st.integers(1, 255), min_size=1, max_size=4))
    ):
        datagram[position + offset] ^= change
    assert wire.decode(bytes(datagram), TAG) is None


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (1e9, 32767 / 256),
        (-1e9, -128.0),
        (32767 / 256, 32767 / 256),
        (-128.0, -128.0),
        (0.3, 77 / 256),
        (-0.3, -77 / 256),
    ],
)
def test_a_lead_is_said_in_256ths_of_a_frame_and_cut_to_what_fits(lead: float, said: float) -> None:
    decoded = wire.decode(wire.encode(SMALLEST._replace(lead=lead), TAG), TAG)
    assert isinstance(decoded, wire.InputMessage)
    assert decoded.lead == said


def test_time_is_measured_across_the_wrap_of_the_clock() -> None:
    before = wire.clock_stamp(2**32 / 10 - 5)
    after = wire.clock_stamp(2**32 / 10 + 7)
    assert wire.elapsed_ms(before, after) == 12
    assert wire.elapsed_ms(after, before) == -12


def test_a_stamp_counts_tenths_of_a_millisecond_up_to_32_bits() -> None:
    assert wire.clock_stamp(0) == 0
    assert wire.clock_stamp(12.39) == 123
    assert wire.clock_stamp((2**32 - 1) / 10) == 2**32 - 1
    assert wire.clock_stamp(2**32 / 10) == 0


def test_half_a_round_of_the_clock_tells_earlier_from_later() -> None:
    half = 2**31
    assert wire.elapsed_ms(0, half - 1) == (half - 1) / 10
    assert wire.elapsed_ms(0, half) == -half / 10
    assert wire.elapsed_ms(half, 0) == -half / 10
    assert wire.elapsed_ms(5, 5) == 0
