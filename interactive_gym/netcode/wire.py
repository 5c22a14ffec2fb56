"""The datagrams that two participants of a game exchange, and their bytes.

Only encoding and decoding: ``mesh`` judges whether a message makes sense at this point of the game.
Nothing here raises for what came from outside.

An input message goes out every tick. It repeats all inputs that its receiver has not acknowledged,
so a lost one is made good by the next. Layout, big endian:

======  ====  =======================================================================
offset  type  field
======  ====  =======================================================================
0       u8    0x47, which tells the netcode's datagrams from a probe's
1       u8    0x01, the kind of message
2       u32   session tag of the game
6       u8    sender's seat
7       u8    sender's incarnation
8       u8    incarnation of the receiver, as far as the sender knows
9       u8    flags: 0x01 complete, 0x02 the echo is valid, 0x04 resuming
10      u32   frames simulated by the sender
14      i16   frames by which the sender believes to lead the receiver, in 1/256 frame
16      u32   sender's clock, in 0.1 ms, modulo 2**32
20      u32   echo: the newest such stamp of the receiver, plus the time since it came
24      u16   seats that the sender has cut: bit n for seat n
26      u16   seats whose inputs the receiver shall relay: bit n for seat n
28      u32   checkpoint: how many confirmed frames the checksums cover (0: none yet)
32      u32   checksum of the rows of those frames
36      u32   checksum of the states of those frames
40      u32   frame of the first input
44      u8    number of seats
45      u8    number of inputs
46      u32   for each seat: how many of its inputs the sender holds; of the
              receiver's own, how many of them the receiver itself has brought
...     u8    the inputs: bit 7 page hidden, bits 0 to 6 action index; or 0x7E or
              0x7F, a wish for a longer or shorter input delay, which repeats the
              input before it (``delay_schedule``)
end     u32   CRC-32 of all that precedes
======  ====  =======================================================================

A relay message carries inputs of any seat to a participant that lacks many of them, or gets them
late or not at all from where they were made:

======  ====  =======================================================================
0       u8    0x47
1       u8    0x02, the kind of message
2       u32   session tag of the game
6       u8    sender's seat
7       u8    sender's incarnation
8       u8    incarnation of the receiver, as far as the sender knows
9       u8    seat whose inputs they are
10      u8    that seat's incarnation, as far as the sender knows
11      u32   frame of the first input
15      u16   number of inputs
17      u8    the inputs
end     u32   CRC-32 of all that precedes
======  ====  =======================================================================
"""

import struct
import zlib
from typing import NamedTuple

from interactive_gym.netcode.checkpoints import Checksums

MAGIC = 0x47
KIND_INPUTS = 0x01
KIND_RELAY = 0x02
COMPLETE = 0x01
ECHO_VALID = 0x02
RESUMING = 0x04

MAX_INPUTS = 255
"""The most inputs in an input message."""
MAX_RELAYED = 1000
"""The most inputs in a relay message, which then fits into a packet of any network."""

CLOCK_UNITS_PER_MS = 10
CLOCK_MODULUS = 2**32

_HEADER = struct.Struct("!BBIBBBBIhIIHHIIIIBB")
_RELAY_HEADER = struct.Struct("!BBIBBBBBIH")
_TRAILER = struct.Struct("!I")
_LEAD_UNITS_PER_FRAME = 256


class InputMessage(NamedTuple):
    """What a participant says every tick."""

    seat: int
    """The sender's seat."""

    incarnation: int
    """How often the sender has reloaded the page."""

    receiver_incarnation: int
    """The receiver's incarnation that the sender has heard of."""

    complete: bool
    """Whether the sender has confirmed the whole game and is owed nothing."""

    resuming: bool
    """Whether the sender still lacks inputs that an earlier incarnation made."""

    frame: int
    """How many frames the sender has simulated."""

    lead: float
    """By how many frames the sender believes to lead the receiver."""

    sent_at: int
    """The sender's clock in units of 0.1 ms, modulo 2**32."""

    echo: int | None
    """The receiver's own newest stamp, advanced by the time that the sender held it."""

    cut_seats: int
    """The seats that the sender has cut, as a bit mask."""

    asked_for: int
    """The seats whose inputs the receiver shall relay to the sender, as a bit mask."""

    checkpoint: int
    """How many confirmed frames ``checksums`` cover; 0 means none yet."""

    checksums: Checksums
    """The checksums of those frames."""

    counts: tuple[int, ...]
    """How many inputs of each seat the sender holds."""

    first_input: int
    """The frame of the first of ``inputs``."""

    inputs: bytes
    """The sender's inputs, one byte a frame."""


class RelayMessage(NamedTuple):
    """Inputs of some seat for a participant that lacks them."""

    seat: int
    """The sender's seat."""

    incarnation: int
    """The sender's incarnation."""

    receiver_incarnation: int
    """The receiver's incarnation that the sender has heard of."""

    origin: int
    """The seat whose inputs they are."""

    origin_incarnation: int
    """That seat's incarnation, as far as the sender knows."""

    first_input: int
    """The frame of the first of ``inputs``."""

    inputs: bytes
    """The inputs, one byte a frame."""


Message = InputMessage | RelayMessage


def encode(message: Message, session_tag: int) -> bytes:
    """The datagram that says *message*; a lead beyond 127 frames is cut to that."""
    if isinstance(message, InputMessage):
        body = _encode_inputs(message, session_tag)
    else:
        body = _RELAY_HEADER.pack(MAGIC, KIND_RELAY, session_tag, *message[:6], len(message.inputs))
        body += message.inputs
    return body + _TRAILER.pack(zlib.crc32(body))


def decode(datagram: bytes, session_tag: int) -> Message | None:
    """The message in *datagram*; None if it is malformed, damaged or from another game."""
    size = len(datagram) - _TRAILER.size
    if size < _RELAY_HEADER.size or datagram[0] != MAGIC:
        return None
    if int.from_bytes(datagram[2:6], "big") != session_tag:
        return None
    if _TRAILER.unpack_from(datagram, size)[0] != zlib.crc32(datagram[:size]):
        return None
    if datagram[1] == KIND_INPUTS:
        return _decode_inputs(datagram[:size])
    if datagram[1] == KIND_RELAY:
        return _decode_relay(datagram[:size])
    return None


def _encode_inputs(message: InputMessage, session_tag: int) -> bytes:
    flags = (
        (COMPLETE if message.complete else 0)
        | (ECHO_VALID if message.echo is not None else 0)
        | (RESUMING if message.resuming else 0)
    )
    lead = max(-32768, min(32767, round(message.lead * _LEAD_UNITS_PER_FRAME)))
    header = _HEADER.pack(
        MAGIC,
        KIND_INPUTS,
        session_tag,
        message.seat,
        message.incarnation,
        message.receiver_incarnation,
        flags,
        message.frame,
        lead,
        message.sent_at,
        message.echo or 0,
        message.cut_seats,
        message.asked_for,
        message.checkpoint,
        *message.checksums,
        message.first_input,
        len(message.counts),
        len(message.inputs),
    )
    counts = struct.pack(f"!{len(message.counts)}I", *message.counts)
    return header + counts + message.inputs


def _decode_inputs(body: bytes) -> InputMessage | None:
    if len(body) < _HEADER.size:
        return None
    fields = _HEADER.unpack_from(body)
    seat, incarnation, receiver_incarnation, flags, frame, lead, sent_at, echo = fields[3:11]
    cut_seats, asked_for, checkpoint, rows_checksum, state_checksum = fields[11:16]
    first_input, num_seats, count = fields[16:]
    inputs_at = _HEADER.size + 4 * num_seats
    if len(body) != inputs_at + count or flags & ~(COMPLETE | ECHO_VALID | RESUMING):
        return None
    return InputMessage(
        seat=seat,
        incarnation=incarnation,
        receiver_incarnation=receiver_incarnation,
        complete=bool(flags & COMPLETE),
        resuming=bool(flags & RESUMING),
        frame=frame,
        lead=lead / _LEAD_UNITS_PER_FRAME,
        sent_at=sent_at,
        echo=echo if flags & ECHO_VALID else None,
        cut_seats=cut_seats,
        asked_for=asked_for,
        checkpoint=checkpoint,
        checksums=Checksums(rows_checksum, state_checksum),
        counts=struct.unpack_from(f"!{num_seats}I", body, _HEADER.size),
        first_input=first_input,
        inputs=body[inputs_at:],
    )


def _decode_relay(body: bytes) -> RelayMessage | None:
    fields = _RELAY_HEADER.unpack_from(body)
    seat, incarnation, receiver_incarnation, origin, origin_incarnation, first_input, count = (
        fields[3:]
    )
    inputs = body[_RELAY_HEADER.size :]
    if len(inputs) != count:
        return None
    return RelayMessage(
        seat, incarnation, receiver_incarnation, origin, origin_incarnation, first_input, inputs
    )


def clock_stamp(now_ms: float) -> int:
    """A time in milliseconds as it is written on the wire."""
    return int(now_ms * CLOCK_UNITS_PER_MS) % CLOCK_MODULUS


def elapsed_ms(earlier: int, later: int) -> float:
    """Milliseconds between two stamps; negative if *earlier* is the later one after all."""
    difference = (later - earlier) % CLOCK_MODULUS
    if difference >= CLOCK_MODULUS // 2:
        difference -= CLOCK_MODULUS
    return difference / CLOCK_UNITS_PER_MS
