"""Which Socket.IO packets are taken from browsers.

Only text packets of the default namespace, of a form that no handler or callback can trip over.
The protocol is that of Socket.IO, revision 5.
"""

from __future__ import annotations

import json
import re
from typing import Any

from socketio.packet import ACK, DISCONNECT, EVENT, Packet

MAX_CONTAINERS = 10_000
"""Most objects and lists in one packet. Many small ones would take long to read, as each is
tracked by the garbage collector."""


_FRAME = re.compile(r"4[0-3]|(?:1|2|3|2probe|5|6)\Z")
"""How an Engine.IO packet of ours begins: a message with a Socket.IO packet in it, or one of those
that keep or end the connection."""


def is_frame(text: str) -> bool:
    """Whether a text may be passed on to Engine.IO, which trips over others."""
    return _FRAME.match(text) is not None


class MalformedPacketError(ValueError):
    """A packet is none that a page of ours sends."""


class CheckedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that refuses to be decoded unless it is well formed."""

    # Engine.IO's own calls a function for each integer, which takes five times as long.
    json = json
    uses_binary_events = False

    def decode(self, encoded_packet: Any) -> int:
        """Decode a packet; returns 0, the number of binary attachments that follow.

        A packet that is decoded already is taken over as it is.

        Raises:
            MalformedPacketError: if it is not one that is taken.
        """
        if isinstance(encoded_packet, CheckedPacket):
            self.__dict__.update(encoded_packet.__dict__)
            return 0
        if not isinstance(encoded_packet, str):
            raise MalformedPacketError("it is no text")
        if encoded_packet[:1] not in ("0", "1", "2", "3"):
            raise MalformedPacketError("its type is not taken")
        if encoded_packet.count("[") + encoded_packet.count("{") > MAX_CONTAINERS:
            raise MalformedPacketError("it has too many parts")
        try:
            super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise MalformedPacketError("it is no JSON") from error
        if self.namespace not in (None, "/"):
            raise MalformedPacketError("its namespace is not the default one")
        fault = _fault_of(self.packet_type, self.id, self.data)
        if fault is not None:
            raise MalformedPacketError(fault)
        return 0


def _fault_of(packet_type: int, number: int | None, data: Any) -> str | None:
    """What is wrong with the data of a packet."""
    if packet_type == EVENT and not (isinstance(data, list) and data and isinstance(data[0], str)):
        return "an event must be a list that begins with its name"
    if packet_type == ACK and not (isinstance(data, list) and number):
        return "an acknowledgement must be a list, with a number from 1"
    if packet_type == DISCONNECT and data is not None:
        return "nothing comes with a sign-out"
    return None
