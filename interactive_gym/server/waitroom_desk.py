"""Speaks with those who wait: how many wait, for how long, and when waiting ends in vain.

It knows the scene's waiting rules and turns the Waitroom into events and candidates; it never
changes the Waitroom or decides who plays. Used by the GameManager inside its `deciding()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from interactive_gym.server.effects import Effects
from interactive_gym.server.interfaces import GameScene
from interactive_gym.server.matchmaker import MatchCandidate
from interactive_gym.server.waitroom import Waitroom

UPDATE_INTERVAL_S = 5.0
"""How often waiting participants are told that they still wait, in seconds."""

WAIT_ENDED_MESSAGE = "We could not find a partner for you in time. Thank you for waiting."
"""What somebody is told whose wait ended without a game, unless the scene says otherwise."""


class WaitroomDesk:
    """The waitroom as participants and matchmakers see it.

    Args:
        scene: the game scene.
        waitroom: who waits.
        effects: the manager's, to emit with.
        server_rtt_ms: looks up a participant's server RTT in milliseconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        scene: GameScene,
        waitroom: Waitroom,
        effects: Effects,
        *,
        server_rtt_ms: Callable[[str], float | None],
        clock: Callable[[], float],
    ) -> None:
        self._scene = scene
        self._waitroom = waitroom
        self._effects = effects
        self._server_rtt_ms = server_rtt_ms
        self._clock = clock
        self._told_count = 0
        self._next_update_s = 0.0

    def candidate(self, subject_id: str) -> MatchCandidate:
        """A waiting or arriving participant as a matchmaker sees them."""
        since_s = self._waitroom.since_s(subject_id)
        return MatchCandidate(
            subject_id=subject_id,
            rtt_ms=self._server_rtt_ms(subject_id),
            waiting_since_s=self._clock() if since_s is None else since_s,
        )

    def candidates(self) -> list[MatchCandidate]:
        """Everybody who may be proposed: available, and not out of time; longest waiting first."""
        return [
            self.candidate(subject_id)
            for subject_id in self._waitroom.available()
            if not self.is_out_of_time(subject_id)
        ]

    def tell(self, subject_ids: Iterable[str]) -> None:
        """Tell participants how they wait; reserved ones hear from their probe instead."""
        for subject_id in subject_ids:
            since_s = self._waitroom.since_s(subject_id)
            if since_s is None or self._waitroom.is_reserved(subject_id):
                continue
            self._effects.emit(
                "waitroom_update",
                subject_id,
                {
                    "waiting": None if self._scene.hide_lobby_count else len(self._waitroom),
                    "group_size": len(self._scene.human_agents),
                    "waited_ms": round((self._clock() - since_s) * 1000),
                    "timeout_ms": self._scene.waitroom_timeout_ms,
                },
            )

    def update(self, now_s: float) -> None:
        """Tell everybody when the count has changed, and otherwise now and then."""
        count = len(self._waitroom)
        if count != self._told_count or now_s >= self._next_update_s:
            self._told_count = count
            self._next_update_s = now_s + UPDATE_INTERVAL_S
            self.tell(self._waitroom.available())

    def is_out_of_time(self, subject_id: str) -> bool:
        """Whether a participant has waited as long as the scene lets anybody wait."""
        timeout_ms, since_s = self._scene.waitroom_timeout_ms, self._waitroom.since_s(subject_id)
        if timeout_ms is None or since_s is None:
            return False
        return (self._clock() - since_s) * 1000 >= timeout_ms

    def say_wait_ended(self, subject_id: str) -> None:
        """Tell a participant that their wait is over without a game."""
        self._effects.emit(
            "waitroom_ended",
            subject_id,
            {
                "reason": "waitroom_timeout",
                "message": self._scene.waitroom_timeout_message or WAIT_ENDED_MESSAGE,
                "redirect_url": self._scene.waitroom_timeout_redirect_url,
            },
        )
