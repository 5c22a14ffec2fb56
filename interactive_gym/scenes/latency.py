"""The latency that all participants of a game play with, and its manipulation.

Said with `.pyodide(latency=…)`. The delay counted is the one between a key and its effect on the
partner's screen; docs/latency.md defines it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY
from interactive_gym.netcode.input_delay import input_delay_of_target, largest_equal_rtt_ms
from interactive_gym.options.validation import number


class Manipulated:
    """Latency as an experimental condition: every game is assigned one of some levels.

    As many games get one level as another: levels are drawn in random order, and none again before
    each was drawn. The threshold on the P2P RTT is the same for all, so that who plays does not
    depend on the level.

    Args:
        levels_ms: What each level adds to ``target_ms``, in milliseconds: two numbers or more, of
            at least 0, that differ.

    Raises:
        ValueError: ``levels_ms`` is something else.
    """

    def __init__(self, levels_ms: Sequence[float]) -> None:
        fix = "give two numbers of milliseconds or more that differ, such as [0, 60, 120]."
        if isinstance(levels_ms, str) or not isinstance(levels_ms, Sequence):
            raise ValueError(f"levels_ms is {levels_ms!r}: {fix}")
        levels = tuple(number("levels_ms", level, "milliseconds", minimum=0) for level in levels_ms)
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise ValueError(f"levels_ms is {levels_ms!r}: {fix}")
        self.levels_ms = levels
        """The levels, in milliseconds."""


@dataclass(frozen=True)
class EqualLatency:
    """A delay between key and effect that is the same for every participant of every game.

    Args:
        target_ms: The delay, in milliseconds.
        fps: Frames per second of the game.
        levels_ms: What may be added to it, by the game; empty where latency is not manipulated.
        is_alone: Whether a game has one participant, who needs no connection.

    Raises:
        ValueError: The delay is too short for any connection or longer than a game can have, or two
            levels come to the same number of frames.
    """

    target_ms: float
    fps: int
    levels_ms: tuple[float, ...] = ()
    is_alone: bool = False

    def __post_init__(self) -> None:
        if self.max_rtt_ms is not None and self.max_rtt_ms <= 0:
            least = next(
                frames
                for frames in range(MAX_INPUT_DELAY)
                if largest_equal_rtt_ms(frames, self.fps) > 0
            )
            raise ValueError(
                f"target_ms is {self.target_ms:g}: give at least {round(least * self.frame_ms)} at "
                f"{self.fps} fps, or more fps, as no connection is fast enough for less."
            )
        longest_ms = self.target_ms + max(self.levels_ms, default=0)
        if input_delay_of_target(longest_ms, self.fps) > MAX_INPUT_DELAY:
            raise ValueError(
                f"target_ms is {self.target_ms:g}, with its highest level {longest_ms:g}: give at "
                f"most {int(MAX_INPUT_DELAY * self.frame_ms)} in all at {self.fps} fps."
            )
        frames = {level: self.input_delay(level) for level in self.levels_ms}
        if len(set(frames.values())) < len(frames):
            raise ValueError(
                f"levels_ms is {list(self.levels_ms)!r}: give levels that are at least "
                f"{self.frame_ms:.1f} ms apart, a frame at {self.fps} fps, as two of these come to "
                f"the same delay."
            )

    @property
    def frame_ms(self) -> float:
        """Milliseconds per frame."""
        return 1000 / self.fps

    @property
    def max_rtt_ms(self) -> float | None:
        """The largest P2P RTT with which a pair can play, the same for all levels; None alone."""
        if self.is_alone:
            return None
        shortest_ms = self.target_ms + min(self.levels_ms, default=0)
        return largest_equal_rtt_ms(input_delay_of_target(shortest_ms, self.fps), self.fps)

    def input_delay(self, level_ms: float | None = None) -> int:
        """The input delay of a game on a level, in frames."""
        return input_delay_of_target(self.target_ms + (level_ms or 0), self.fps)

    def record(self, level_ms: float | None = None) -> dict[str, Any]:
        """What `match.json` tells of it."""
        max_rtt_ms = self.max_rtt_ms
        return {
            "target_ms": self.target_ms,
            "levels_ms": list(self.levels_ms) or None,
            "level_ms": level_ms,
            "delay_ms": round(self.input_delay(level_ms) * self.frame_ms, 1),
            "max_rtt_ms": None if max_rtt_ms is None else round(max_rtt_ms, 1),
        }
