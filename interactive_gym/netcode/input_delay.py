"""Chooses how many frames an input is held back before it is applied, from a measured P2P RTT.

The server asks once, before it creates a game. The answer is part of the game's config, and so of
`match.json`.
"""

import math

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY

COMFORTABLE_DELAY_MS = 100
"""An input delay up to here is hardly felt; beyond it, rollback is the lesser evil. The order of
magnitude is that of Claypool and Claypool, "Latency and player actions in online games",
Communications of the ACM 49(11), 2006, for games that show the player's own avatar at close range.
"""


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
