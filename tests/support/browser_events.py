"""What browsers send: every event the app registers a handler for, and ways to send it."""

from typing import Any

import msgspec

from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.web.handlers import flow, play, probing
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar


class _Listing:
    """A registrar that only remembers what each event is converted to."""

    def __init__(self) -> None:
        self.message_types: dict[str, type[msgspec.Struct]] = {}

    def on(self, event: str, message_type: type[msgspec.Struct]):
        self.message_types[event] = message_type
        return lambda handler: handler


def _message_types() -> dict[str, type[msgspec.Struct]]:
    listing = _Listing()
    for handlers in (flow, probing, play):
        handlers.register(listing, None)
    return listing.message_types


MESSAGE_TYPES = _message_types()
"""By event, the Struct that its payload is converted to."""


OFFER = {"type": "offer", "sdp": "v=0"}

SOUND: dict[str, dict[str, Any]] = {
    "advance_scene": {
        "scene_id": "game",
        "answers": [{"item": "age", "values": ["30"], "age_ms": 5.0}],
        "age_ms": 10,
        "attempt": 1,
        "declines": False,
        "device": {
            "user_agent": "Firefox/121.0",
            "window_width": 1200,
            "window_height": 800,
            "screen_width": 1920,
            "screen_height": 1080,
            "keyboard": True,
            "pointer": "mouse",
            "missing": [],
            "webrtc": "works",
            "turn": None,
            "frame_ms": 3.5,
            "frame_p95_ms": 7.0,
        },
    },
    "join_game": {"scene_id": "game"},
    "leave_waitroom": {"scene_id": "game", "reason": "idle"},
    "probe_ready": {"probe_session_id": "probe"},
    "probe_signal": {"probe_session_id": "probe", "signal": OFFER},
    "probe_result": {
        "probe_session_id": "probe",
        "samples_ms": [41.5, 40],
        "lost": 0,
        "hidden": False,
        "stats_rtt_ms": None,
        "local_candidate_type": "host",
        "remote_candidate_type": "srflx",
        "reason": None,
    },
    "game_signal": {"game_id": "game", "to_seat": 1, "signal": OFFER},
    "game_ready": {"game_id": "game"},
    "game_resumed": {"game_id": "game", "frame": 5},
    "game_returning": {"game_id": "game", "fraction": 0.5},
    "game_peer_lost": {"game_id": "game", "seat": 1},
    "game_quit": {"game_id": "game", "reason": "idle"},
    "game_frames": {
        "game_id": "game",
        "token": None,
        "incarnation": 0,
        "columns": ["frame"],
        "first_frame": 0,
        "rows": ["0", "0"],
        "digest": "ok",
    },
    "game_events": {
        "game_id": "game",
        "token": None,
        "incarnation": 0,
        "first": 0,
        "events": [{"kind": "hidden", "age_ms": 0, "frame": 12, "detail": None}],
    },
    "game_network": {
        "game_id": "game",
        "token": None,
        "incarnation": 0,
        "first": 0,
        "rows": [{"age_ms": 12.5, "frame": 30, "rtt_ms": 41.5}],
    },
    "game_finished": {
        "game_id": "game",
        "token": None,
        "incarnation": 0,
        "reason": "completed",
        "frames": 1,
        "digest": "ok",
    },
}
"""A payload of each event, with every field."""


def events(*told: dict[str, Any], first: int = 0) -> dict[str, Any]:
    """What `game_events` says of things that have just happened, but for the game."""
    return {"incarnation": 0, "first": first, "events": [{"age_ms": 0, **event} for event in told]}


def network(*rows: dict[str, Any], first: int = 0) -> dict[str, Any]:
    """What `game_network` says of seconds that have just ended, but for the game."""
    return {"incarnation": 0, "first": first, "rows": [{"age_ms": 0, **row} for row in rows]}


def message(event: str, payload: Any) -> Any:
    """A payload as the handler gets it.

    Raises:
        ValueError: if it is dropped.
    """
    return msgspec.convert(payload, MESSAGE_TYPES[event], strict=True)


def is_dropped(event: str, payload: Any) -> bool:
    """Whether no handler gets this payload."""
    try:
        message(event, payload)
    except ValueError:
        return True
    return False


class FakeSocketIO:
    """Calls registered handlers as a Socket.IO server does."""

    def __init__(self) -> None:
        self._handlers: dict[str, Any] = {}
        self.server = self

    def on(self, event: str, handler: Any) -> None:
        self._handlers[event] = handler

    def receive(self, sid: str, event: str, *payloads: Any) -> Any:
        return self._handlers[event](sid, *payloads)


class Everybody:
    """Participants for a registrar: whoever's socket is named like them."""

    def of_socket(self, sid: str) -> Participant:
        return Participant(sid, None, "CODE")


class _OneManager:
    """An experiment with one game scene, in which everybody is."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def take_game_message(self, participant: Participant, message: Any) -> Any:
        return self._manager.handle_game_message(participant.subject_id, message)


def served(manager: Any) -> FakeSocketIO:
    """The real handlers of games in front of a manager."""
    sio = FakeSocketIO()
    play.register(HandlerRegistrar(sio, Everybody()), _OneManager(manager))
    return sio
