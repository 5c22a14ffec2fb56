import pickle
from typing import ClassVar

import pytest
from gymnasium.spaces import Discrete
from pettingzoo import AECEnv
from pettingzoo.utils import wrappers

from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.turns import TurnBased, is_turn_based
from tests.environment_checks.test_checker import check, wrong
from tests.support.broken_environments import Sound
from tests.support.noughts_and_crosses import Noughts
from tests.support.paths import ROOT
from tests.support.simulated_network import (
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)

NEUTRAL = -1


@pytest.fixture
def game() -> TurnBased:
    env = TurnBased(Noughts())
    env.reset(seed=0)
    return env


def play(game: TurnBased, *moves: int) -> tuple:
    """Both press for the same field; only one of them can mean it."""
    for move in moves:
        told = game.step(dict.fromkeys(game.agents, move))
    return told


def test_it_is_known_by_its_interface() -> None:
    assert is_turn_based(Noughts())
    assert not is_turn_based(Sound())
    assert not is_turn_based(TurnBased(Noughts()).possible_agents)


def test_only_the_agent_whose_turn_it_is_acts(game: TurnBased) -> None:
    game.step({"player_0": NEUTRAL, "player_1": 4})
    assert game.env.board == [0] * 9
    game.step({"player_0": 3, "player_1": 4})
    assert game.env.board[3:5] == [1, 0]
    game.step({"player_0": 5, "player_1": 4})
    assert game.env.board[3:6] == [1, 2, 0]


@pytest.mark.parametrize("action", [NEUTRAL, 9, None, "up", True, 0.5, [1]])
def test_an_illegal_action_is_neutral_and_raises_nothing(game: TurnBased, action: object) -> None:
    _, rewards, terminations, truncations, infos = game.step({"player_0": action})
    assert game.env.board == [0] * 9
    assert rewards == {"player_0": 0, "player_1": 0}
    assert not any([*terminations.values(), *truncations.values()])
    assert infos["player_0"]["is_turn"] and not infos["player_1"]["is_turn"]


def test_a_field_that_is_taken_is_no_move(game: TurnBased) -> None:
    play(game, 4)
    _, _, _, _, infos = play(game, 4)
    assert infos["player_1"] == {"is_turn": True, "legal_actions": "0 1 2 3 5 6 7 8"}
    assert infos["player_0"] == {"is_turn": False, "legal_actions": ""}


def test_the_end_is_told_to_both_and_nobody_is_left(game: TurnBased) -> None:
    _, rewards, terminations, _, infos = play(game, 0, 3, 1, 4, 2)
    assert rewards == {"player_0": 1.0, "player_1": -1.0}
    assert terminations == {"player_0": True, "player_1": True}
    assert game.agents == game.env.agents == []
    assert not infos["player_0"]["is_turn"] and not infos["player_1"]["is_turn"]


def test_the_state_is_the_environments(game: TurnBased) -> None:
    play(game, 4)
    copied = pickle.loads(pickle.dumps(game))
    assert copied.env.board == game.env.board
    assert not hasattr(game, "get_state")


def test_games_in_turns_agree_over_bad_networks_with_masks_in_their_frames() -> None:
    moves = list(range(9))
    config = game_config(seed=6, actions=[NEUTRAL, *moves], num_episodes=4, max_steps=200)
    network, draws = bad_network(6)
    machines = bad_machines(config.num_seats, draws)
    played = SimulatedGame(Noughts, config, 6, network, machines).run()
    played.verify()
    rows = played.players[0].rows
    assert any(",true," in row and "0 1 2 3 4 5 6 7 8" in row for row in rows)
    assert any(row.endswith(",false") or ",true,false," in row for row in rows)


def test_check_env_plays_it_without_an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = check(
        "tests.support.noughts_and_crosses:make_env", actions=(NEUTRAL, *range(9)), frames=100
    )
    assert not wrong(found)
    assert "AECEnv, played in turns" in found["interface"].text
    assert "is_turn, legal_actions" in found["infos"].text


def test_it_is_adapted_like_any_other() -> None:
    adapted = adapt(Noughts(), ["player_0", "player_1"])
    observations, infos = adapted.reset(1)
    assert observations[0]["action_mask"] == [0] * 9
    assert infos[1]["is_turn"]


def test_pettingzoos_own_wrappers_change_nothing() -> None:
    class Wrapped(Noughts, AECEnv):
        metadata: ClassVar = {"render_modes": ["human"], "name": "noughts"}

        def action_space(self, agent: str) -> Discrete:
            return Discrete(9)

        def observation_space(self, agent: str) -> Discrete:
            return Discrete(1)

    bare = TurnBased(Noughts())
    wrapped = TurnBased(
        wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(Wrapped()))
    )
    assert is_turn_based(wrapped.env)
    assert bare.reset(seed=0) == wrapped.reset(seed=0)
    for move in (0, 0, 3, NEUTRAL, 12, 1, 4, 2):
        assert bare.step(dict.fromkeys(bare.agents, move)) == wrapped.step(
            dict.fromkeys(wrapped.agents, move)
        )
    assert wrapped.agents == []
