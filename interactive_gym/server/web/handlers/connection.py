"""Handlers of coming and going: the only place that reads a token."""

import logging
from typing import Any

from flask_socketio import ConnectionRefusedError, SocketIO

from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.transport.addresses import NewcomerLimit, address_of
from interactive_gym.server.transport.sessions import Sessions

logger = logging.getLogger(__name__)


def register(
    sio: SocketIO,
    experiment: RunningExperiment,
    participants: ParticipantRegistry,
    sessions: Sessions,
    newcomers: NewcomerLimit,
) -> None:
    """Register ``connect`` and ``disconnect``."""
    server = sio.server

    def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        is_newcomer = participants.is_newcomer(given.get("token"))
        if is_newcomer and not newcomers.admits(address_of(environ)):
            raise ConnectionRefusedError("too_many_newcomers")
        try:
            refusal = experiment.connect(
                given.get("token"),
                given.get("page_id"),
                sid,
                takes_over=given.get("takes_over") is True,
            )
            participant = participants.of_socket(sid)
            if participant is not None:
                session_id = server.manager.eio_sid_from_sid(sid, "/")
                delay_s = sessions.sign_in(session_id, participant.subject_id)
                if delay_s > 0:
                    sio.sleep(delay_s)
        except Exception as error:
            logger.exception("Handling a connection failed.")
            raise ConnectionRefusedError("server_error") from error
        if refusal is not None:
            raise ConnectionRefusedError(refusal)

    def disconnect(sid: str, *_: Any) -> None:
        try:
            session = sessions.get(server.manager.eio_sid_from_sid(sid, "/"))
            experiment.disconnect(sid, None if session is None else session.end_reason)
        except Exception:
            logger.exception("Handling a disconnection failed.")

    server.on("connect", connect)
    server.on("disconnect", disconnect)
