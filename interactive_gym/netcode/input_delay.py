"""Chooses how many frames an input is held back before it is applied.

From a measured P2P RTT, or from the delay that all participants are to play with. The server asks
once, before it creates a game. The answer is part of the game's config, and so of `match.json`;
``delay_advisor`` tells how it may change during the game.
"""

import math

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY

COMFORTABLE_DELAY_MS = 100
"""An input delay up to here is hardly felt; beyond it, rollback is the lesser evil. The order of
magnitude is that of Claypool and Claypool, "Latency and player actions in online games",
Communications of the ACM 49(11), 2006, for games that show the player's own avatar at close range.
"""

CLOCK_FRAMES = 1
"""By how many frames two participants may be apart: `time_sync` leaves a quarter alone, and knows
the lead to three quarters, as a datagram waits up to a frame for the tick that reads it."""

JITTER_MS = 20
"""How much later than half the RTT a datagram may come without being late."""


def input_delay_of_target(target_ms: float, fps: float) -> int:
    """The number of frames that comes closest to a delay; of two that are as close the longer."""
    return math.floor(target_ms * fps / 1000 + 0.5)


def largest_equal_rtt_ms(input_delay: int, fps: float) -> float:
    """The largest P2P RTT at which every input arrives before its frame is shown.

    An input is on its way for half the RTT and at most `JITTER_MS` more, and its receiver may be
    ahead by `CLOCK_FRAMES`. The rest of the input delay is waiting. Zero or less if the input delay
    is too short for any connection.
    """
    return 2 * ((input_delay - CLOCK_FRAMES) * 1000 / fps - JITTER_MS)


def input_delay_for(rtt_ms: float, fps: float, max_prediction: int = 8) -> int:
    """The input delay for a group whose slowest connection has this RTT.

    An input travels for half the RTT and then waits for its receiver's next tick. A delay of so
    many frames avoids every rollback, and is used while it is hardly felt. On a slower connection
    the delay stays at that limit and the rest is predicted. If that is more than may be predicted,
    the delay is longer, as the game would stall all the time.

    Args:
        rtt_ms: The largest P2P RTT between any two of the group, in milliseconds.
        fps: Frames per second of the game.
        max_prediction: How many frames may be predicted.

    Returns:
        A number of frames, the same for all of the group, so that no participant has an advantage.

    Raises:
        ValueError: An argument is not a positive number, or the RTT is negative.
    """
    if not (math.isfinite(rtt_ms) and rtt_ms >= 0 and fps > 0 and max_prediction > 0):
        raise ValueError(
            f"rtt_ms must be at least 0, fps and max_prediction positive, not {rtt_ms!r}, {fps!r} "
            f"and {max_prediction!r}."
        )
    frame_ms = 1000 / fps
    on_time = math.floor(rtt_ms / 2 / frame_ms) + 1
    comfortable = max(1, math.floor(COMFORTABLE_DELAY_MS / frame_ms))
    # Half of what may be predicted is left for jitter and lost datagrams.
    without_stalls = on_time - max_prediction // 2
    return min(max(min(on_time, comfortable), without_stalls), MAX_INPUT_DELAY)
