from typing import Any

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


def test_a_replay_records_every_frame_up_to_the_end_of_the_game_and_no_more() -> None:
    class Endless(StubGame):
        def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
            results = super().step(actions)
            self.agents = list(self.possible_agents)
            return (*results[:2], dict.fromkeys(self.agents, False), *results[3:])

    config = game_config(num_episodes=2, max_steps=5)
    rows, digest = resimulate(Endless(), config, INPUTS)
    assert [row.split(",")[:4] for row in rows[::2]] == [
        [str(frame), str(frame // 5), str(frame % 5), "player_0"] for frame in range(10)
    ]
    assert resimulate(Endless(), config, INPUTS[:10]) == (rows, digest)
    fewer, other = resimulate(Endless(), config, INPUTS[:9])
    assert (fewer, other != digest) == (rows[:18], True)


def test_rows_tell_hidden_pages_vacant_seats_and_leave_policies_out() -> None:
    config = game_config(3, policies=[None, "random", None], on_cut="neutral", default_action=2)
    inputs = [b"\x01\x02", b"\x81\x82", b"\x00\xff", b"\xff\xff"]
    rows, _ = resimulate(StubGame(3), config, inputs)
    assert inputs_from_rows(rows, config) == inputs


def test_rows_of_a_frame_that_is_not_whole_are_an_error() -> None:
    rows, _ = resimulate(StubGame(), game_config(), INPUTS[:2])
    with pytest.raises(ValueError):
        inputs_from_rows(rows[:3], game_config())
    assert inputs_from_rows([], game_config()) == []
