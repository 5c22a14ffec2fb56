"""The inputs of a game's first frames as text: what pages go on from that all lost the game.

The server makes it of the rows that it has stored, so what it holds was confirmed by the
participants. It knows nothing of the inputs that were made after these frames: they are made anew.
"""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable

from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, VACANT


def history_text(frames: Iterable[bytes]) -> str:
    """The text of the inputs of frame 0, 1, …, each as `Resimulation.play` takes them."""
    return b64encode(zlib.compress(b"".join(frames))).decode()


def history_frames(config: GameConfig) -> list[bytes]:
    """The inputs of frame 0, 1, …, that a config holds; empty if it holds none.

    Raises:
        ValueError: They cannot be read, or are not of such a game.
    """
    if config.history is None:
        return []
    seats = config.num_seats
    width = seats + config.adapts_input_delay
    try:
        content = zlib.decompress(b64decode(config.history, validate=True))
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"The history cannot be read ({error}).") from None
    if len(content) % width:
        raise ValueError(f"The history has {len(content)} bytes, not {width} a frame.")
    frames = [content[start : start + width] for start in range(0, len(content), width)]
    num_actions = len(config.actions)
    for number, frame in enumerate(frames):
        inputs, delay = frame[:seats], frame[seats:]
        if not all(value == VACANT or value & ACTION_MASK < num_actions for value in inputs):
            raise ValueError(f"The history has no inputs of this game in frame {number}.")
        if any(value > MAX_INPUT_DELAY for value in delay):
            raise ValueError(f"The history has no input delay in frame {number}.")
    return frames
