"""Actions that are lists or dicts, in games over bad networks and in their rows."""

import json
from typing import Any

import pytest

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import Resimulation, inputs_from_rows
from interactive_gym.server.data.frame_rows import FIRST_PLACE, RowRules
from tests.support.simulated_network import (
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

ACTIONS: list[Any] = [[0, 0], [1, -1], {"move": "left", "force": [1, 2.5]}, 'up, and "on"']


class Compound(StubGame):
    """Counts the characters of actions, and changes those that it is given."""

    def step(self, actions: dict[str, Any]) -> Any:
        numbers = {agent: len(json.dumps(action)) for agent, action in actions.items()}
        for action in actions.values():
            if isinstance(action, list):
                action.append(7)
            elif isinstance(action, dict):
                action.clear()
        return super().step(numbers)


def played(seed: int) -> tuple[GameConfig, SimulatedGame]:
    config = game_config(seed=seed, actions=ACTIONS)
    network, draws = bad_network(seed)
    machines = bad_machines(config.num_seats, draws)
    return config, SimulatedGame(Compound, config, seed, network, machines).run()


@pytest.mark.parametrize("seed", [3, 4])
def test_games_with_compound_actions_agree_over_bad_networks(seed: int) -> None:
    config, game = played(seed)
    game.verify()
    rows = game.players[0].rows
    assert config.actions == tuple(ACTIONS)
    inputs = inputs_from_rows(rows, config)
    assert {value & 3 for frame in inputs for value in frame} == {0, 1, 2, 3}
    again = Resimulation(Compound(), config)
    again.play(inputs)
    assert again.rows == rows


def test_their_rows_are_taken_by_the_server_and_such_without_quotes_are_not() -> None:
    config, game = played(3)
    rows = game.players[0].rows
    match = {
        "agents": list(config.agents),
        "group": [{"agent": agent} for agent in config.agents],
        **{name: getattr(config, name) for name in ("actions", "num_episodes", "max_steps")},
    }
    rules, width = RowRules(match), len(Resimulation(Compound(), config).columns)
    rules.check(rows, 0, FIRST_PLACE, width)
    number = next(n for n, row in enumerate(rows) if '"[0,0]"' in row)
    rows[number] = rows[number].replace('"[0,0]"', "[0,0]")
    with pytest.raises(ValueError, match=r"cells|columns|row"):
        rules.check(rows, 0, FIRST_PLACE, width)
