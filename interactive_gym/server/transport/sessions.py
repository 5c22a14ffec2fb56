"""The Engine.IO sessions that are open, what each may still send, and whom it stands for.

A session stands for one participant from its sign-in to its end. From then on it is the
participant's allowance that is charged, so nobody gains one by connecting again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interactive_gym.server.messages.rejections import RejectedInput
from interactive_gym.server.transport.allowance import (
    BEFORE_SIGN_IN,
    SIGNED_IN,
    Allowance,
    Limits,
)

SIGN_IN_S = 20.0
"""How long a session may stand for nobody, in seconds."""

MAX_MALFORMED = 100
"""So many malformed packets end a session."""

MALFORMED_COST = 5
"""A malformed packet is charged like so many messages."""

SIGN_IN_COST = 30
"""A sign-in is charged like so many messages, as the answer is long."""


@dataclass
class Session:
    """One Engine.IO session: a WebSocket, or a row of HTTP requests."""

    session_id: str
    """Engine.IO's id of it."""

    allowance: Allowance
    """What it may still send."""

    opened_at_s: float
    """When it began, in seconds of the clock."""

    subject_id: str | None = None
    """The participant it stands for; `None` before the sign-in."""

    malformed: int = 0
    """How many malformed packets came."""

    end_reason: str | None = None
    """Why nothing more is read from it; `None` as long as it may go on."""

    farewell: str | None = None
    """Why it ends as soon as everything is sent; `None` if it does not."""

    @property
    def is_over(self) -> bool:
        """Whether nothing that comes is taken any more."""
        return self.end_reason is not None or self.farewell is not None

    def is_signed_in(self) -> bool:
        """Whether it stands for a participant."""
        return self.subject_id is not None

    @property
    def limits(self) -> Limits:
        """What it may send."""
        return self.allowance.limits


class Sessions:
    """All open sessions.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._of_participants: dict[str, Allowance] = {}
        self._rejected = RejectedInput()

    def open(self, session_id: str) -> Session:
        """Begin a session that stands for nobody."""
        now_s = self._clock()
        session = Session(session_id, Allowance(BEFORE_SIGN_IN, now_s), now_s)
        self._sessions[session_id] = session
        return session

    def close(self, session_id: str) -> None:
        """Forget a session that has ended."""
        self._sessions.pop(session_id, None)

    def get(self, session_id: str) -> Session | None:
        """Return the open session with this id."""
        return self._sessions.get(session_id)

    def sign_in(self, session_id: str, subject_id: str) -> float:
        """Let a session stand for a participant; returns how many seconds it is to wait."""
        session = self._sessions[session_id]
        session.subject_id = subject_id
        now_s = self._clock()
        session.allowance = self._of_participants.setdefault(
            subject_id, Allowance(SIGNED_IN, now_s)
        )
        return session.allowance.charge(now_s, messages=SIGN_IN_COST)

    def charge(self, session: Session, *, messages: int, size: int) -> float:
        """Note what came over a session; returns for how many seconds nothing more may be read.

        A session that goes on and on although it is slowed gets an `end_reason`.
        """
        now_s = self._clock()
        delay_s = session.allowance.charge(now_s, messages=messages, size=size)
        if delay_s and session.allowance.is_spent(now_s):
            self.end(session, "too many messages")
        return delay_s

    def note_malformed(self, session: Session, kind: str, why: str) -> None:
        """Note a packet that was dropped."""
        self._rejected.note(session.subject_id, kind, why)
        session.malformed += 1
        session.allowance.charge(self._clock(), messages=MALFORMED_COST)
        if session.malformed >= MAX_MALFORMED:
            self.end(session, "malformed messages")

    def end(self, session: Session, reason: str) -> None:
        """End a session; whoever reads from it sees the `end_reason`."""
        if session.end_reason is None:
            session.end_reason = reason
            self._rejected.note(session.subject_id, "the connection", reason)

    def overdue(self) -> list[Session]:
        """Return the sessions that have stood for nobody for too long."""
        latest_s = self._clock() - SIGN_IN_S
        return [
            session
            for session in self._sessions.values()
            if not session.is_signed_in() and session.opened_at_s < latest_s
        ]

    def signed_in(self) -> list[Session]:
        """Return the sessions that stand for a participant."""
        return [each for each in self._sessions.values() if each.is_signed_in()]

    def ended(self) -> list[Session]:
        """Return the sessions from which nothing more is read."""
        return [each for each in self._sessions.values() if each.end_reason is not None]
