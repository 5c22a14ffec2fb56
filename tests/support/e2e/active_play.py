"""Participants who keep changing keys, as people in the heat of a game do.

Drives the pages' keyboards through the browser, seeded; knows nothing of the game being played.
"""

import random
import time
from collections.abc import Callable, Sequence

from tests.support.e2e.browser import Participant
from tests.support.e2e.patience import PATIENCE_S

KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", " ")
CHANGES_PER_S = 6
"""How often each participant presses or releases a key."""


class ActiveHands:
    """One participant's hands on the keyboard."""

    def __init__(self, person: Participant, seed: int) -> None:
        self._keyboard = person.page.keyboard
        self._random = random.Random(seed)
        self._down: set[str] = set()

    def change(self) -> None:
        """Press a key that is up, or release one that is down."""
        key = self._random.choice(KEYS)
        if key in self._down:
            self._keyboard.up(key)
        else:
            self._keyboard.down(key)
        self._down ^= {key}

    def rest(self) -> None:
        """Let go of every key."""
        for key in self._down:
            self._keyboard.up(key)
        self._down.clear()


def play_actively(people: Sequence[Participant], until: Callable[[], bool], seed: int = 0) -> None:
    """Have everybody change keys until *until* is true, which is asked between two changes."""
    hands = [ActiveHands(person, seed + number) for number, person in enumerate(people)]
    deadline = time.monotonic() + PATIENCE_S
    step_s = 1 / CHANGES_PER_S / len(hands)
    while not until():
        assert time.monotonic() < deadline, "\n".join(
            [f"Still playing after {PATIENCE_S} s.", *(person.describe() for person in people)]
        )
        for hand in hands:
            hand.change()
            # The participant's pace, not a wait for something to happen.
            people[0].page.wait_for_timeout(step_s * 1000)
    for hand in hands:
        hand.rest()
