"""The datagram that two participants of a game exchange every tick, and its bytes.

Encoding and decoding only: whether a message makes sense at this point of the game is judged by
``game_loop``. Nothing here raises for what came from outside.

Every datagram repeats all inputs that its receiver has not acknowledged, so a lost one is made good
by the next. Layout, big endian:

======  ====  =======================================================================
offset  type  field
======  ====  =======================================================================
0       u8    0x47, which tells the netcode's datagrams from a probe's
1       u8    0x01, the kind of message
2       u32   session tag of the game
6       u8    sender's seat
7       u8    flags: 0x01 complete, 0x02 the echo is valid
8       u32   frames simulated by the sender
12      i16   frames by which the sender believes to lead the receiver, in 1/256 frame
14      u32   sender's clock, in 0.1 ms, modulo 2**32
18      u32   echo: the newest such stamp of the receiver, plus the time since it came
22      u32   acknowledged: how many of the receiver's inputs the sender holds
26      u32   checkpoint: how many confirmed frames the checksums cover (0: none yet)
30      u32   checksum of the rows of those frames
34      u32   checksum of the states of those frames
38      u32   frame of the first input
42      u8    number of inputs
43      ...   the inputs, one byte each: bit 7 page hidden, bits 0 to 6 action index
end     u32   CRC-32 of all that precedes
======  ====  =======================================================================
"""

import struct
import zlib
from typing import NamedTuple

from interactive_gym.netcode.checkpoints import Checksums

MAGIC = 0x47
KIND_INPUTS = 0x01
COMPLETE = 0x01
ECHO_VALID = 0x02

CLOCK_UNITS_PER_MS = 10
CLOCK_MODULUS = 2**32

_HEADER = struct.Struct("!BBIBBIhIIIIIIIB")
_TRAILER = struct.Struct("!I")
_LEAD_UNITS_PER_FRAME = 256


class InputMessage(NamedTuple):
    """One datagram, decoded."""

    seat: int
    """The sender's seat."""

    complete: bool
    """Whether the sender has confirmed the whole game and is owed nothing."""

    frame: int
    """How many frames the sender has simulated."""

    lead: float
    """By how many frames the sender believes to lead the receiver."""

    sent_at: int
    """The sender's clock in units of 0.1 ms, modulo 2**32."""

    echo: int | None
    """The receiver's own newest stamp, advanced by the time that the sender held it."""

    acknowledged: int
    """How many of the receiver's inputs the sender holds."""

    checkpoint: int
    """How many confirmed frames ``checksums`` cover; 0 means none yet."""

    checksums: Checksums
    """The checksums of those frames."""

    first_input: int
    """The frame of the first of ``inputs``."""

    inputs: bytes
    """The sender's inputs, one byte a frame."""


def encode(message: InputMessage, session_tag: int) -> bytes:
    """The datagram that says *message*; a lead beyond 127 frames is cut to that."""
    flags = COMPLETE if message.complete else 0
    if message.echo is not None:
        flags |= ECHO_VALID
    lead = max(-32768, min(32767, round(message.lead * _LEAD_UNITS_PER_FRAME)))
    header = _HEADER.pack(
        MAGIC,
        KIND_INPUTS,
        session_tag,
        message.seat,
        flags,
        message.frame,
        lead,
        message.sent_at,
        message.echo or 0,
        message.acknowledged,
        message.checkpoint,
        *message.checksums,
        message.first_input,
        len(message.inputs),
    )
    body = header + message.inputs
    return body + _TRAILER.pack(zlib.crc32(body))


def decode(datagram: bytes, session_tag: int) -> InputMessage | None:
    """The message in *datagram*; None if it is malformed, damaged or of another game."""
    size = len(datagram) - _TRAILER.size
    if size < _HEADER.size:
        return None
    (
        magic,
        kind,
        tag,
        seat,
        flags,
        frame,
        lead,
        sent_at,
        echo,
        acknowledged,
        checkpoint,
        rows_checksum,
        state_checksum,
        first_input,
        count,
    ) = _HEADER.unpack_from(datagram)
    if magic != MAGIC or kind != KIND_INPUTS or tag != session_tag:
        return None
    if size != _HEADER.size + count or flags & ~(COMPLETE | ECHO_VALID):
        return None
    if _TRAILER.unpack_from(datagram, size)[0] != zlib.crc32(datagram[:size]):
        return None
    return InputMessage(
        seat=seat,
        complete=bool(flags & COMPLETE),
        frame=frame,
        lead=lead / _LEAD_UNITS_PER_FRAME,
        sent_at=sent_at,
        echo=echo if flags & ECHO_VALID else None,
        acknowledged=acknowledged,
        checkpoint=checkpoint,
        checksums=Checksums(rows_checksum, state_checksum),
        first_input=first_input,
        inputs=datagram[_HEADER.size : size],
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
