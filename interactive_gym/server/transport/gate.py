"""Stands between Engine.IO and Socket.IO: decides which packets of a session go through.

A session signs in once. Before that nothing else is taken; after it, the events that have a
handler, and acknowledgements. Nothing that a client sends makes a library raise.
"""

from __future__ import annotations

from typing import Any

import socketio
from socketio.packet import CONNECT, DISCONNECT, EVENT

from interactive_gym.server.transport.packets import CheckedPacket, MalformedPacketError
from interactive_gym.server.transport.sessions import Session, Sessions


class Gate:
    """Checks the packets of all sessions of a Socket.IO server.

    Args:
        server: must have been made with `CheckedPacket` as its `serializer`.
        sessions: is told of every session that begins and ends.
    """

    def __init__(self, server: socketio.Server, sessions: Sessions) -> None:
        self._server = server
        self._sessions = sessions
        self._handlers = dict(server.eio.handlers)
        server.eio.on("connect", self._connect)
        server.eio.on("message", self._message)
        server.eio.on("disconnect", self._disconnect)

    def sweep(self) -> None:
        """End the sessions that stand for nobody for too long, or no more."""
        for session in self._sessions.overdue():
            self._end(session, "no sign-in")
        for session in self._sessions.signed_in():
            if self._server.manager.sid_from_eio_sid(session.session_id, "/") is None:
                self._end(session, "replaced")
        for session in self._sessions.ended():
            self._end(session, session.end_reason or "")

    def _connect(self, session_id: str, environ: dict[str, Any]) -> Any:
        self._sessions.open(session_id)
        return self._handlers["connect"](session_id, environ)

    def _disconnect(self, session_id: str, reason: str) -> None:
        try:
            self._handlers["disconnect"](session_id, reason)
        finally:
            self._sessions.close(session_id)

    def _message(self, session_id: str, data: Any) -> None:
        session = self._sessions.get(session_id)
        if session is None or session.is_over:
            return
        try:
            packet = CheckedPacket()
            packet.decode(data)
            kind, fault = self._fault_of(packet, session)
        except MalformedPacketError as error:
            kind, fault = "a malformed packet", str(error)
        if fault is not None:
            self._sessions.note_malformed(session, kind, fault)
        else:
            self._handlers["message"](session_id, packet)
            if packet.packet_type == DISCONNECT:
                self._end(session, "signed out")
            elif packet.packet_type == CONNECT and session.subject_id is None:
                self._end(session, "the sign-in was refused")
        if session.end_reason is not None:
            self._end(session, session.end_reason)

    def _fault_of(self, packet: CheckedPacket, session: Session) -> tuple[str, str | None]:
        """The kind of a well-formed packet, and why it is dropped nevertheless."""
        if packet.packet_type == CONNECT:
            return "a sign-in", "there was one" if session.subject_id is not None else None
        if session.subject_id is None:
            return "a packet", "there was no sign-in"
        if packet.packet_type == EVENT:
            return "an event", self._event_fault(packet.data[0])
        return "a packet", None

    def _event_fault(self, name: str) -> str | None:
        if name in self._server.reserved_events:
            return f"the name {name} is reserved"
        return None if name in self._server.handlers["/"] else f"{name!r} has no handler"

    def _end(self, session: Session, reason: str) -> None:
        """End a session, after what has been sent to it."""
        session.farewell = session.farewell or reason
        self._server.start_background_task(self._server.eio.disconnect, session.session_id)
