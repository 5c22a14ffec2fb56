import zlib

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
    first_input=UINT32,
    inputs=st.binary(max_size=1000),
)
messages = input_messages | relay_messages


@given(messages)
def test_a_message_comes_out_as_it_went_in(message: wire.Message) -> None:
    assert wire.decode(wire.encode(message, TAG), TAG) == message


@given(messages, UINT32.filter(lambda tag: tag != TAG))
def test_a_datagram_of_another_game_is_refused(message: wire.Message, tag: int) -> None:
    assert wire.decode(wire.encode(message, tag), TAG) is None


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


def test_a_lead_beyond_the_range_is_cut() -> None:
    message = wire.InputMessage(
        *(0, 0, 0, False, False, 1, 1e9, 2, None, 0, 0), Checksums(0, 0), (0, 0), 0, b""
    )
    decoded = wire.decode(wire.encode(message, TAG), TAG)
    assert decoded is not None
    assert 127 < decoded.lead < 128


def test_time_is_measured_across_the_wrap_of_the_clock() -> None:
    before = wire.clock_stamp(2**32 / 10 - 5)
    after = wire.clock_stamp(2**32 / 10 + 7)
    assert wire.elapsed_ms(before, after) == 12
    assert wire.elapsed_ms(after, before) == -12
