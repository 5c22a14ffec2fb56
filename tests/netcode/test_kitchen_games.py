"""Games of the kitchen with two, three and four players on bad networks, held against a replay."""

import pytest

from interactive_gym.examples.kitchen.environment import COOK_COLORS, Kitchen
from tests.support.simulated_network import SimulatedGame, bad_machines, bad_network, game_config

# Whole games by the hundred: slow to trace, and what they run the other tests run, too.
pytestmark = pytest.mark.no_cover


@pytest.mark.parametrize(("layout", "cooks"), [("galley", 2), ("divide", 3), ("hall", 4)])
def test_a_kitchen_is_recorded_as_played_on_any_network(layout: str, cooks: int) -> None:
    potted = 0
    for seed in range(5):
        config = game_config(
            agents=list(COOK_COLORS)[:cooks],
            actions=list(range(6)),
            num_episodes=2,
            max_steps=None,
            seed=seed,
        )
        network, draws = bad_network(seed)
        machines = bad_machines(cooks, draws)
        game = SimulatedGame(lambda: Kitchen(layout, cooks, 150), config, seed, network, machines)
        game.run().verify()
        assert len(game.players[0].rows) == 2 * 150 * cooks
        potted += any(",onion," in row for row in game.players[0].rows)
    assert potted > 1
