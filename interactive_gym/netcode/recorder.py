"""Turns confirmed frames into the rows of ``frames.csv`` and a running digest of them.

Equal games give equal bytes on every machine. ``game_loop`` hands the rows on. The server checks
uploaded rows by the limits that are defined here, so what the recorder makes is never refused.
"""

import csv
import hashlib
from collections.abc import Sequence
from typing import Any

from interactive_gym.netcode.cells import FLAGS, cell, is_number, quoted
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, HIDDEN, VACANT
from interactive_gym.netcode.simulation import FrameResult

BASE_COLUMNS = (
    "frame",
    "episode",
    "step",
    "agent",
    "action",
    "hidden",
    "reward",
    "terminated",
    "truncated",
)
"""The columns of every game; columns of the environment's own, ``info_…``, may follow."""

DELAY_COLUMN = "input_delay"
"""Follows these in a game whose input delay changes: the delay of what is sampled in the frame."""

MAX_COLUMNS = 100
"""Most columns of a game."""

MAX_ROW_CHARS = 4096
"""Most characters in one row."""


class Recorder:
    """The canonical table of one game.

    Its digest is the SHA-256 of the table as a file: the header line, then a line per agent and
    frame in the order of the config, each ended by a line feed. ``hidden`` is true or false where a
    participant plays the agent, and empty where none does.

    Args:
        config: The game.
        info_keys: The keys of the agents' infos that become columns.

    Raises:
        ValueError: There are more columns than a game can have.
    """

    def __init__(self, config: GameConfig, info_keys: Sequence[str]) -> None:
        columns = [*BASE_COLUMNS, *([DELAY_COLUMN] if config.adapts_input_delay else [])]
        if len(columns) + len(info_keys) > MAX_COLUMNS:
            raise ValueError(
                f"The infos of the first reset have {len(info_keys)} keys, but a game can record "
                f"{MAX_COLUMNS - len(columns)}: leave out what need not be recorded."
            )
        self.columns = [*columns, *(f"info_{key}" for key in info_keys)]
        self._adapts_input_delay = config.adapts_input_delay
        self._agents = [cell(agent) for agent in config.agents]
        self._seats = config.seat_of_agent
        self._actions = [cell(action) for action in config.actions]
        self._no_infos = "," * len(info_keys)
        self._frames = 0
        self._hash = hashlib.sha256((",".join(map(quoted, self.columns)) + "\n").encode())

    @property
    def frames(self) -> int:
        """How many frames are recorded."""
        return self._frames

    @property
    def digest(self) -> str:
        """The digest after the last recorded row, in hexadecimal."""
        return self._hash.hexdigest()

    @property
    def checksum(self) -> int:
        """The first 32 bits of the digest."""
        return int.from_bytes(self._hash.digest()[:4], "big")

    def record(self, result: FrameResult, input_delay: int = 0) -> list[str]:
        """Add the next frame and return its lines, without line ends.

        Args:
            result: What the frame adds.
            input_delay: The input delay of what is sampled in it, where it changes.

        Raises:
            ValueError: A line would be too long to be stored, or a reward is no number.
        """
        prefix = f"{self._frames},{result.episode},{result.step}"
        lines = []
        delay = f",{input_delay}" if self._adapts_input_delay else ""
        for agent, seat, action, outcome in zip(
            self._agents, self._seats, result.actions, result.outcomes, strict=True
        ):
            value = VACANT if seat is None else result.inputs[seat]
            played = f"{cell(action)}," if value == VACANT else self._input_cells(value)
            ended, infos = ",,", self._no_infos
            if outcome is not None:
                ended, infos = self._outcome_cells(agent, outcome)
            line = f"{prefix},{agent},{played},{ended}{delay}{infos}"
            if len(line) > MAX_ROW_CHARS:
                raise ValueError(self._too_long(line))
            lines.append(line)
        self._hash.update(("\n".join(lines) + "\n").encode())
        self._frames += 1
        return lines

    def _outcome_cells(self, agent: str, outcome: tuple[Any, ...]) -> tuple[str, str]:
        """The cells of what a step gave an agent, and those of its infos, each after a comma."""
        reward, terminated, truncated, *infos = outcome
        text = cell(reward)
        if not (text == "" or is_number(text) or text in FLAGS):
            raise ValueError(
                f"Frame {self._frames} gives agent {agent} the reward {reward!r}: make it a number."
            )
        flags = ("true" if flag else "false" for flag in (terminated, truncated))
        return ",".join((text, *flags)), "".join(f",{cell(info)}" for info in infos)

    def _too_long(self, line: str) -> str:
        cells = next(csv.reader([line]))
        column, text = max(zip(self.columns, cells, strict=True), key=lambda named: len(named[1]))
        return (
            f"Frame {cells[0]} makes a row of {len(line)} characters for agent {cells[3]}, of "
            f"which {len(text)} are in {column}; a row can have {MAX_ROW_CHARS}: record less."
        )

    def _input_cells(self, value: int) -> str:
        """The cells of an input: action and hidden."""
        hidden = "true" if value & HIDDEN else "false"
        return f"{self._actions[value & ACTION_MASK]},{hidden}"
