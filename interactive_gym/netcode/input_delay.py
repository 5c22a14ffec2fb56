"""Chooses how many frames an input is held back before it is applied, from a measured P2P RTT.

It never measures and never changes a running game: the server asks once, before it creates a game,
and the answer is part of the game's config and so of its record.
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

    An input that travels for half the RTT and then waits for its receiver's next tick comes in time
    if it is applied so many frames after its sampling. As far as that stays comfortable, such a
    delay spares every rollback. On a slower connection the comfortable delay is kept and the rest
    is predicted, unless that is more than may be predicted: then only a longer delay keeps the game
    from stalling all the time.

    Args:
        rtt_ms: The largest P2P RTT between any two of the group, in milliseconds.
        fps: Frames per second of the game.
        max_prediction: How many frames may be predicted.

    Returns:
        A number of frames, the same for everybody in the group, so that nobody has an advantage.

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
