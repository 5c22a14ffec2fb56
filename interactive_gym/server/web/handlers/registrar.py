"""How a Socket.IO handler is registered: with who is asking, and what they say as a typed message.

The participant comes from the socket, never from the payload. Whatever goes wrong in one handler
is logged and harms nobody else.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.participants.registry import Participant, ParticipantRegistry

logger = logging.getLogger(__name__)

Message = TypeVar("Message", bound=msgspec.Struct)
Handler = Callable[[Participant, Message], Any]


class HandlerRegistrar:
    """Registers handlers with a Socket.IO server."""

    def __init__(self, sio: Any, participants: ParticipantRegistry) -> None:
        """Register with *sio*; look up who is asking among the *participants*."""
        self._sio = sio
        self._participants = participants
        self._rejected_input = RejectedInput()

    def on(
        self, event: str, message_type: type[Message]
    ) -> Callable[[Handler[Message]], Handler[Message]]:
        """Register the decorated function for *event*.

        Args:
            event: the event's name.
            message_type: what its payload is converted to. One that cannot be is dropped.
        """

        def register(handler: Handler[Message]) -> Handler[Message]:
            def handle(sid: str, *payloads: Any) -> Any:
                participant = self._participants.of_socket(sid)
                if participant is None:
                    return None
                try:
                    (payload,) = payloads
                    message = msgspec.convert(payload, message_type, strict=True)
                except ValueError as error:
                    self._rejected_input.note(participant.subject_id, event, str(error))
                    return None
                return self._call(event, handler, participant, message)

            # Not through Flask, whose request context would cost more than most handlers.
            self._sio.server.on(event, handle)
            return handler

        return register

    def _call(
        self, event: str, handler: Handler[Message], participant: Participant, message: Message
    ) -> Any:
        try:
            return handler(participant, message)
        except Exception:
            logger.exception("Handling %s of %s failed.", event, participant.subject_id)
            return None
