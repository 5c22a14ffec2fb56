"""Plays a game again from its inputs, without a network and without predictions.

It checks stored frames against the environment that made them, and tests compare networked games
with it. Rows are equal to a browser's only if floats are: in Pyodide, or for games without
transcendental functions.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from interactive_gym.netcode.cells import cell
from interactive_gym.netcode.draw_commands import wrong_with
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import HIDDEN, VACANT
from interactive_gym.netcode.recorder import BASE_COLUMNS, Recorder
from interactive_gym.netcode.simulation import Simulation


class Resimulation:
    """A game that is played again from its start.

    Args:
        env: A fresh environment of the same kind.
        config: The game; ``seat`` does not matter.
        namespace: The variables of the environment's code, if a policy is named.

    Raises:
        ValueError: The environment does not fit the config, or a policy does not exist.
        TypeError: The object is not an environment.
    """

    def __init__(
        self, env: Any, config: GameConfig, namespace: Mapping[str, Any] | None = None
    ) -> None:
        self._config = config
        self._simulation = Simulation(adapt(env, config.agents), config, namespace or {})
        self._recorder = Recorder(config, self._simulation.info_keys)
        self.rows: list[str] = []
        """The rows so far, as CSV lines."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self._recorder.columns

    @property
    def digest(self) -> str:
        """The digest after the last row."""
        return self._recorder.digest

    @property
    def is_over(self) -> bool:
        """Whether the game has come to its end."""
        return self._simulation.is_over

    def play(self, inputs: Iterable[bytes]) -> None:
        """Play the next frames; those after the end are not used.

        Args:
            inputs: For every frame one input per seat, and in a game whose input delay changes the
                input delay after them.
        """
        seats = self._config.num_seats
        for frame_inputs in inputs:
            result = self._simulation.step(frame_inputs[:seats])
            if result is None:
                break
            input_delay = frame_inputs[seats] if self._config.adapts_input_delay else 0
            self.rows += self._recorder.record(result, input_delay)

    def rehearse(self, inputs: Iterable[bytes]) -> None:
        """Play the next frames as a browser does: each drawn, saved and loaded again.

        Raises:
            ValueError: A picture is none.
            Exception: Whatever the environment raises.
        """
        self._show()
        for frame_inputs in inputs:
            self.play([frame_inputs])
            self._show()

    def _show(self) -> None:
        wrong = wrong_with(self._simulation.render())
        if wrong is not None:
            raise ValueError(wrong)
        saved = self._simulation.save()
        self._simulation.digest(saved)
        self._simulation.load(saved)


def resimulate(
    env: Any,
    config: GameConfig,
    inputs: Iterable[bytes],
    namespace: Mapping[str, Any] | None = None,
) -> tuple[list[str], str]:
    """Play from the start with one bytes object of inputs per frame.

    Args:
        env: A fresh environment of the same kind.
        config: The game; ``seat`` does not matter.
        inputs: The inputs of frame 0, 1, …, as `Resimulation.play` takes them.
        namespace: The variables of the environment's code, if a policy is named.

    Returns:
        The rows as CSV lines, and the digest after the last.
    """
    game = Resimulation(env, config, namespace)
    game.play(inputs)
    return game.rows, game.digest


def inputs_from_rows(rows: Sequence[str], config: GameConfig) -> list[bytes]:
    """The inputs in rows of ``frames.csv`` (without the header), as `Resimulation.play` takes them.

    Raises:
        ValueError: A row's action is not in the config's table, or an input delay is none.
    """
    index = {cell(action): number for number, action in enumerate(config.actions)}
    action_column = BASE_COLUMNS.index("action")
    hidden_column = BASE_COLUMNS.index("hidden")
    inputs = []
    table = list(csv.reader(rows))
    for start in range(0, len(table), len(config.agents)):
        values = bytearray()
        frame_rows = table[start : start + len(config.agents)]
        for seat, row in zip(config.seat_of_agent, frame_rows, strict=True):
            action = cell(row[action_column])
            if seat is None:
                continue
            if row[hidden_column] == "":
                values.append(VACANT)
            elif action not in index:
                raise ValueError(f"The action {row[action_column]!r} is not in the table.")
            else:
                values.append(index[action] | (HIDDEN if row[hidden_column] == "true" else 0))
        if config.adapts_input_delay:
            values.append(_input_delay(frame_rows[0][len(BASE_COLUMNS)]))
        inputs.append(bytes(values))
    return inputs


def _input_delay(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_INPUT_DELAY:
        raise ValueError(f"The input delay {text!r} is none.")
    return int(text)
