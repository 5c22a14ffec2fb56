"""How a Socket.IO handler is registered: with who is asking, and a payload that was checked.

The participant comes from the socket, never from the payload. Whatever goes wrong in one handler
is logged and harms nobody else.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import request

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.participants.registry import Participant, ParticipantRegistry

logger = logging.getLogger(__name__)

Handler = Callable[[Participant, dict[str, Any]], Any]


class HandlerRegistrar:
    """Registers handlers with a Socket.IO server."""

    def __init__(self, sio: Any, participants: ParticipantRegistry) -> None:
        """Register with *sio*; look up who is asking among the *participants*."""
        self._sio = sio
        self._participants = participants
        self._rejected_input = RejectedInput()

    def on(self, event: str, *ids: str) -> Callable[[Handler], Handler]:
        """Register the decorated function for *event*.

        Args:
            event: the event's name.
            ids: fields of the payload that must be strings of a sensible length.
        """

        def register(handler: Handler) -> Handler:
            def handle(*payloads: Any) -> Any:
                participant = self._participants.of_socket(request.sid)  # type: ignore[attr-defined]
                if participant is None:
                    return None
                if not _has_form(payloads, ids):
                    self.reject(participant, event, "malformed payload")
                    return None
                return self._call(event, handler, participant, payloads[0])

            self._sio.on_event(event, handle)
            return handler

        return register

    def reject(self, participant: Participant, event: str, why: str) -> None:
        """Say once in the log that an event of a participant was dropped."""
        self._rejected_input.note(participant.subject_id, event, why)

    def _call(
        self, event: str, handler: Handler, participant: Participant, payload: dict[str, Any]
    ) -> Any:
        try:
            return handler(participant, payload)
        except Exception:
            logger.exception("Handling %s of %s failed.", event, participant.subject_id)
            return None


def _has_form(payloads: tuple[Any, ...], ids: tuple[str, ...]) -> bool:
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return False
    values = [payloads[0].get(name) for name in ids]
    return all(isinstance(value, str) and 0 < len(value) <= 100 for value in values)
