"""The waitroom of a game, as browsers get it, and the limit of waiting there.

`.matchmaking(patience_s=…)` sets the limit. `.user_experience(waitroom_timeout=…)` is the name that
earlier scripts use. Two different limits are refused.
"""

from typing import Any

from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.scene import ParticipantIds


class PatienceOptions(GameOptions):
    """The limit of waiting, and what the waitroom shows."""

    def __init__(self) -> None:
        super().__init__()
        self.waitroom_timeout_ms = 120_000
        """How long a participant waits for a group at most (their patience)."""
        self.leave_after_ms: int | None = None
        """After how long a participant may stop waiting by a button; None for never."""
        self.hide_lobby_count = False
        """Whether the waitroom hides how many are waiting."""
        self._patience_ms: dict[str, int] = {}

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its waitroom."""
        waitroom = {
            "timeout_ms": self.waitroom_timeout_ms,
            "hide_lobby_count": self.hide_lobby_count,
        }
        return {**super().to_client(participant), "waitroom": waitroom}

    def check(self) -> None:
        """Raise ValueError unless the button to leave comes before the wait is over."""
        super().check()
        leave_ms, timeout_ms = self.leave_after_ms, self.waitroom_timeout_ms
        if leave_ms is not None and timeout_ms is not None and leave_ms >= timeout_ms:
            raise ValueError(
                f"leave_after_s is {leave_ms / 1000:g} in the scene {self.scene_id!r}, where "
                f"nobody waits longer than {timeout_ms / 1000:g} s: give less, or leave it out."
            )

    def _set_patience(self, option: str, timeout_ms: int) -> None:
        for other, other_ms in self._patience_ms.items():
            if other != option and other_ms != timeout_ms:
                raise ValueError(
                    f"{option} gives {timeout_ms} ms of waiting in the scene {self.scene_id!r}, "
                    f"but {other} gives {other_ms} ms: set one of the two only."
                )
        self._patience_ms[option] = self.waitroom_timeout_ms = timeout_ms
