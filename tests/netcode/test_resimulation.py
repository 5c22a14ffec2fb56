import pytest

from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame

INPUTS = [bytes([frame % 4, 0x80 if frame % 7 == 0 else frame % 3]) for frame in range(200)]


def test_rows_tell_the_inputs_that_replay_to_the_same_rows() -> None:
    config = game_config(actions=["stay", 'go "left"', 5, [1, 2]])

    class Worded(StubGame):
        def step(self, actions: dict[str, object]) -> object:
            return super().step({agent: len(str(action)) for agent, action in actions.items()})

    rows, digest = resimulate(Worded(), config, INPUTS)
    inputs = inputs_from_rows(rows, config)
    assert inputs == INPUTS[: len(inputs)]
    assert resimulate(Worded(), config, inputs) == (rows, digest)


def test_a_replay_ends_with_the_game() -> None:
    rows, _ = resimulate(StubGame(), game_config(num_episodes=1, max_steps=5), INPUTS)
    assert len(rows) <= 10


def test_an_action_that_is_not_in_the_table_is_an_error() -> None:
    rows, _ = resimulate(StubGame(), game_config(), INPUTS)
    with pytest.raises(ValueError, match="not in the table"):
        inputs_from_rows(rows, game_config(actions=[7, 8]))
