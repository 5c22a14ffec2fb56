"""Handlers of coming and going: the only place that reads a token."""

import logging
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from interactive_gym.server.experiment import RunningExperiment

logger = logging.getLogger(__name__)


def register(sio: SocketIO, experiment: RunningExperiment) -> None:
    """Register ``connect`` and ``disconnect``."""

    def connect(auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        sid = request.sid  # type: ignore[attr-defined]
        try:
            refusal = experiment.connect(
                given.get("token"),
                given.get("page_id"),
                sid,
                takes_over=given.get("takes_over") is True,
            )
        except Exception as error:
            logger.exception("Handling a connection failed.")
            raise ConnectionRefusedError("server_error") from error
        if refusal is not None:
            raise ConnectionRefusedError(refusal)

    def disconnect(*_: Any) -> None:
        try:
            experiment.disconnect(request.sid)  # type: ignore[attr-defined]
        except Exception:
            logger.exception("Handling a disconnection failed.")

    sio.on_event("connect", connect)
    sio.on_event("disconnect", disconnect)
