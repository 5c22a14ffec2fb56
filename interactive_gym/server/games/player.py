"""A participant in a game: their seat, their presence, and the state of their page.

RemoteGame decides by it when a seat is cut.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Seat:
    """A participant's place in a game."""

    seat: int
    """The seat's index among the agents that participants control."""

    agent: str
    """The agent's id in the environment."""

    subject_id: str
    """The participant who controls it."""

    waiting_since_s: float
    """When the participant joined the waitroom, in seconds of the manager's clock."""


@dataclass
class Player:
    """The state of the participant on one seat."""

    seat: Seat
    """The seat."""

    is_ready: bool = False
    """Whether their page has its links and its engine; false after a reload."""

    is_connected: bool = True
    """Whether their socket is connected."""

    knows_game: bool = True
    """Whether their page was sent `game_created`."""

    has_asked: bool = False
    """Whether a page that was loaded during the game has asked to be brought back into it."""

    holds_game: bool = True
    """Whether their page has all frames so far; false between a reload and `game_resumed`."""

    absent_since_s: float | None = None
    """Since when their socket is gone, or their page not ready again after a reload; `None` if
    they are present."""

    away_since_s: float | None = None
    """Since when their socket is gone; `None` while it is not."""

    loading_since_s: float | None = None
    """Since when a page of theirs loads the game again; `None` if none has to. A page that is
    reloaded once more does not have longer for it."""

    resuming_since_s: float | None = None
    """Since when their page simulates the game again; `None` if it does not."""

    incarnation: int = 0
    """How often they were invited again after a reload."""

    finished_at_s: float | None = None
    """When they reported how the game ended for them; `None` if they have not."""

    says_completed: bool = False
    """Whether they reported that it was played to its end."""

    shows_completed: bool = False
    """Whether their frames show that end."""

    desync_at_s: float | None = None
    """When their page said that a partner's copy differs; `None` if it has not."""

    is_dismissed: bool = False
    """Whether the game is over for them, before it is for the others."""

    @property
    def has_finished(self) -> bool:
        """Whether they have reported how the game ended for them."""
        return self.finished_at_s is not None

    def has_waited_for_a_witness(self, now_s: float, within_s: float) -> bool:
        """Whether no other page has found the desync that theirs has, in so many seconds."""
        return self.desync_at_s is not None and now_s >= self.desync_at_s + within_s

    @property
    def is_returning(self) -> bool:
        """Whether a page of theirs is connected that is on its way back into the game."""
        return self.is_connected and self.loading_since_s is not None

    @property
    def awaits_invitation(self) -> bool:
        """Whether a page of theirs is there that has asked to be brought back."""
        return self.is_connected and self.has_asked

    def note_presence(self, now_s: float, *, started: bool) -> None:
        """Begin or end an absence. Before the start, a page that is not ready is no absence."""
        if self.is_connected:
            self.away_since_s = None
        elif self.away_since_s is None:
            self.away_since_s = now_s
        if self.is_ready:
            self.loading_since_s = None
        if self.is_connected and (self.is_ready or not started):
            self.absent_since_s = None
        elif self.absent_since_s is None:
            self.absent_since_s = now_s

    def lose_page(self, now_s: float) -> None:
        """Note that their page was reloaded and has lost its state."""
        self.is_connected = True
        if self.loading_since_s is None:
            self.loading_since_s = now_s
        self.has_asked = False
        self.forget_game()

    def forget_game(self) -> None:
        """Note that their page has to be invited anew."""
        self.is_ready = self.knows_game = self.holds_game = False
        self.resuming_since_s = None

    def is_resuming_too_long(self, now_s: float, timeout_s: float) -> bool:
        """Whether their page has simulated the game again for longer than allowed."""
        return self.resuming_since_s is not None and now_s > self.resuming_since_s + timeout_s
