"""The kitchen environment: its API, its determinism, its state, and that it can be played well."""

import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from pettingzoo import ParallelEnv
from pettingzoo.test import parallel_api_test

from interactive_gym.examples.kitchen import environment
from interactive_gym.examples.kitchen.environment import (
    COOK_COLORS,
    LAYOUTS,
    Action,
    Kitchen,
    make_env,
)
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.sync_test import sync_test
from tests.support.kitchen_players import Team, at_random, play

CREWS = [
    ("galley", 2),
    ("galley", 3),
    ("divide", 2),
    ("divide", 3),
    ("divide", 4),
    ("hall", 2),
    ("hall", 3),
    ("hall", 4),
]
INFO_KEYS = {
    "x",
    "y",
    "facing",
    "holding",
    "soups_delivered",
    "own_onions_potted",
    "own_soups_plated",
    "own_soups_delivered",
}

every_crew = pytest.mark.parametrize(("layout", "cooks"), CREWS)


def digest(env: Kitchen, seed: int, frames: int) -> str:
    """A digest of every state while episodes are played on and on, keys held for a while."""
    hasher = hashlib.sha256()
    rng = random.Random(seed)
    env.reset(seed=seed)
    actions = dict.fromkeys(env.possible_agents, 0)
    for _ in range(frames):
        if not env.agents:
            env.reset()
        actions[rng.choice(env.agents)] = rng.randrange(6)
        env.step(actions)
        hasher.update(repr(env.get_state()).encode())
    return hasher.hexdigest()


# The digest as another process computes it, from the file alone, run as Pyodide runs it.
FOREIGN_DIGEST = """
import hashlib, random, runpy, sys
env = runpy.run_path(sys.argv[1], run_name="__main__")["env"]
assert sys.argv[2] == "any" or "gymnasium" not in sys.modules
hasher = hashlib.sha256()
rng = random.Random(5)
env.reset(seed=5)
actions = dict.fromkeys(env.possible_agents, 0)
for _ in range(6000):
    if not env.agents:
        env.reset()
    actions[rng.choice(env.agents)] = rng.randrange(6)
    env.step(actions)
    hasher.update(repr(env.get_state()).encode())
print(hasher.hexdigest())
"""


class TestPettingZooApi:
    @every_crew
    def test_pettingzoos_own_api_test_passes_without_a_warning(self, layout, cooks):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parallel_api_test(Kitchen(layout, cooks, max_steps=200), num_cycles=500)

    def test_it_is_a_parallel_env_where_pettingzoo_is_installed(self):
        env = make_env()
        assert isinstance(env, ParallelEnv)
        assert env.unwrapped is env
        assert env.possible_agents == env.agents == ["blue", "orange"]
        assert env.render_mode in env.metadata["render_modes"]

    def test_the_agents_are_named_by_the_colours_that_are_drawn(self):
        assert Kitchen("hall", cooks=4).agents == ["blue", "orange", "green", "purple"]
        assert Kitchen("hall", cooks=3).agents == list(COOK_COLORS)[:3]

    @every_crew
    def test_observations_lie_in_their_space_and_actions_in_theirs(self, layout, cooks):
        env = Kitchen(layout, cooks)
        for observations, *_ in play(env, Team(layout), frames=900):
            for agent, seen in observations.items():
                assert all(type(number) is int for number in seen)
                assert env.observation_space(agent).contains(np.array(seen, np.float32))
        assert all(env.action_space("blue").contains(int(action)) for action in Action)

    def test_an_observation_begins_with_the_agent_itself(self):
        env = Kitchen("hall", cooks=3)
        for observations, *_, infos in play(env, at_random(1), frames=300):
            everybody = [observations[agent][:4] for agent in env.possible_agents]
            for seat, agent in enumerate(env.possible_agents):
                seen, info = observations[agent], infos[agent]
                assert seen[:2] == (info["x"], info["y"])
                assert Action(seen[2]).name.lower() == info["facing"]
                assert environment.Item(seen[3]).name.lower() == info["holding"]
                assert [seen[4:8], seen[8:12]] == [*everybody[seat + 1 :], *everybody[:seat]]

    def test_infos_are_the_same_scalar_columns_for_all_agents_from_the_reset_on(self):
        env = Kitchen("divide", cooks=4)
        _, first = env.reset(seed=2)
        for infos in [first, *(result[4] for result in play(env, Team("divide"), 1200))]:
            assert list(infos) == env.possible_agents
            for info in infos.values():
                assert info.keys() == INFO_KEYS
                assert all(type(value) in (int, str) for value in info.values())

    def test_max_steps_truncates_and_a_finished_episode_stays_as_it_is(self):
        env = Kitchen("galley", max_steps=40)
        results = list(play(env, at_random(1)))
        assert len(results) == 40
        assert [result[3]["blue"] for result in results] == [False] * 39 + [True]
        assert results[-1][3] == {"blue": True, "orange": True}
        assert not any(result[2]["blue"] or result[2]["orange"] for result in results)
        assert env.agents == []
        state = env.get_state()
        assert env.step({}) == ({}, {}, {}, {}, {})
        assert env.get_state() == state

    def test_an_episode_lasts_a_minute_at_30_frames_a_second_by_default(self):
        assert make_env().max_steps == 60 * make_env().metadata["render_fps"]

    @pytest.mark.parametrize("action", [-1, 6, None, "up", [1]])
    def test_an_unknown_action_is_refused_and_nothing_has_happened(self, action):
        env = make_env()
        state = env.get_state()
        with pytest.raises(ValueError, match="is not an action: give one of 0 to 5"):
            env.step({"blue": Action.RIGHT, "orange": action})
        assert env.get_state() == state


class TestOptions:
    @pytest.mark.parametrize("value", [0, -1, 2.5, True, None])
    def test_a_max_steps_that_is_not_a_positive_integer_is_refused(self, value):
        with pytest.raises(ValueError, match=f"max_steps is {value!r}: give a positive integer"):
            Kitchen(max_steps=value)

    @pytest.mark.parametrize(("layout", "cooks"), [("galley", 4), ("hall", 1), ("hall", 5)])
    def test_a_layout_takes_two_cooks_up_to_its_places(self, layout, cooks):
        with pytest.raises(ValueError, match=f"cooks is {cooks}: give 2 to [34], the places"):
            Kitchen(layout, cooks)

    @pytest.mark.parametrize("cooks", [True, 2.0, "2", None])
    def test_a_number_of_cooks_that_is_none_is_refused(self, cooks):
        with pytest.raises(ValueError, match="cooks is"):
            Kitchen(cooks=cooks)

    @pytest.mark.parametrize(
        "layout",
        [
            "kitchenette",
            "",
            None,
            7,
            "####\n#12#",
            "#####\n#12##\n####",
            "####\n#12.\n####",
            "#.##\n#12#\n####",
            "####\n#12?\n####",
            "####\n#11#\n####",
            "###########\n#1.......2#\n###########",
            "####\n#12#\n#..#\n#..#\n#..#\n#..#\n####",
        ],
    )
    def test_a_layout_that_is_no_kitchen_is_refused_with_the_names_of_those_there_are(self, layout):
        with pytest.raises(ValueError, match="give one of galley, divide, hall, or a map"):
            Kitchen(layout)

    def test_a_map_of_ones_own_is_played(self):
        env = Kitchen("#OP#\n#12#\n#DS#")
        infos = env.step({"blue": Action.STAY, "orange": Action.UP})[4]
        assert (infos["blue"]["x"], infos["blue"]["y"]) == (1, 1)
        assert (infos["orange"]["x"], infos["orange"]["y"]) == (2, 1)


class TestSoups:
    @every_crew
    def test_a_team_delivers_soups_in_every_kitchen(self, layout, cooks):
        env = Kitchen(layout, cooks, max_steps=1800)
        results = list(play(env, Team(layout, seed=1)))
        soups = sum(result[1]["blue"] for result in results)
        assert soups >= 6
        for agent in env.possible_agents:
            assert [result[1][agent] for result in results] == [
                result[1]["blue"] for result in results
            ]
        infos = results[-1][4].values()
        assert {info["soups_delivered"] for info in infos} == {soups}
        assert sum(info["own_soups_delivered"] for info in infos) == soups
        assert sum(info["own_soups_plated"] for info in infos) >= soups
        assert sum(info["own_onions_potted"] for info in infos) >= 3 * soups

    def test_in_the_divide_nobody_can_do_it_alone(self):
        team = Team("divide")
        rooms = {team.room(cell): cell for cell in team.floor}
        can_do = [
            {kind for kind in team.places if team.reached(cell, kind)} for cell in rooms.values()
        ]
        assert sorted(can_do, key=len) in (
            [{"#", "O", "D"}, {"#", "P", "S"}],
            [{"#", "P", "S"}, {"#", "O", "D"}],
        )

    def test_in_every_other_kitchen_everybody_can_do_everything(self):
        for layout in LAYOUTS.keys() - {"divide"}:
            team = Team(layout)
            assert team.room(min(team.floor)) == team.floor
            assert all(team.places.values())


# Whole games, again and again: slow to trace, and the other tests run what they run, too.
@pytest.mark.no_cover
class TestDeterminism:
    def test_same_actions_give_the_same_states(self):
        assert digest(Kitchen(), 5, 3000) == digest(Kitchen(), 5, 3000)

    def test_a_reset_begins_the_same_episode_whatever_was_played_before(self):
        used = Kitchen("hall", cooks=4)
        digest(used, 8, 500)
        assert used.reset(seed=4) == Kitchen("hall", cooks=4).reset(seed=9)
        assert used.get_state() == Kitchen("hall", cooks=4).get_state()

    @pytest.mark.parametrize(("hash_seed", "without_packages"), [("0", False), ("77", True)])
    def test_another_process_computes_the_same_game_from_the_file_alone(
        self, tmp_path, hash_seed, without_packages
    ):
        script = tmp_path / "digest.py"
        script.write_text(FOREIGN_DIGEST)
        foreign = subprocess.run(
            [
                sys.executable,
                *(["-S"] if without_packages else []),
                str(script),
                str(Path(environment.__file__)),
                "none" if without_packages else "any",
            ],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert foreign.stdout.strip() == digest(Kitchen(), 5, 6000), foreign.stderr

    def test_importing_the_file_makes_no_environment(self):
        assert not hasattr(environment, "env")

    @every_crew
    def test_a_whole_game_of_soups_can_be_rolled_back_anywhere(self, layout, cooks):
        env, team, inputs = Kitchen(layout, cooks, max_steps=700), Team(layout), []

        def noted(observations):
            actions = team(observations)
            inputs.append(bytes(actions.values()))
            return actions

        *_, last = play(env, noted)
        assert last[4]["blue"]["soups_delivered"] > 0
        config = GameConfig.from_json(
            json.dumps(
                {
                    "agents": env.possible_agents,
                    "seat": 0,
                    "seed": 1,
                    "session_tag": 1,
                    "num_episodes": 2,
                    "max_steps": None,
                    "actions": list(range(6)),
                    "default_action": 0,
                    "fps": 30,
                    "input_delay": 2,
                    "max_prediction": 8,
                }
            )
        )
        env = Kitchen(layout, cooks, max_steps=700)
        assert sync_test(env, config, [*inputs, *inputs[:60]]) is None


class TestState:
    @pytest.mark.parametrize(
        "copied",
        [
            lambda state: state,
            lambda state: pickle.loads(pickle.dumps(state)),
            lambda state: json.loads(json.dumps(state)),
        ],
        ids=["kept", "pickled", "json"],
    )
    @pytest.mark.parametrize(
        "make_policy", [lambda: Team("hall"), lambda: at_random(2)], ids=["team", "random"]
    )
    def test_play_goes_on_alike_from_a_state_taken_at_any_moment(self, copied, make_policy):
        env, policy = Kitchen("hall", 4, max_steps=700), make_policy()
        actions, states, results, pictures = [], [env.get_state()], [], [env.render()]

        def noted(observations):
            actions.append(policy(observations))
            return actions[-1]

        for result in play(env, noted):
            results.append(result)
            states.append(copied(env.get_state()))
            pictures.append(env.render())
        other = Kitchen("hall", 4, max_steps=700)
        for taken_at in range(0, 700, 13):
            other.step(dict.fromkeys(other.agents, Action.STAY))
            other.set_state(states[taken_at])
            assert other.render() == pictures[taken_at]
            for frame in range(taken_at, min(taken_at + 30, 700)):
                assert other.step(actions[frame]) == results[frame]
            assert list(other.get_state()) == list(states[min(taken_at + 30, 700)])

    def test_a_state_kept_is_never_changed_by_later_steps(self):
        env = Kitchen("divide", 3)
        kept = [env.get_state()]
        written = [repr(kept[0])]
        for _ in play(env, Team("divide"), 900):
            kept.append(env.get_state())
            written.append(repr(kept[-1]))
        env.set_state(kept[10])
        env.step(dict.fromkeys(env.agents, Action.UP))
        assert [repr(state) for state in kept] == written
        assert all(type(number) is int for state in kept for number in state)

    def test_a_state_from_before_the_end_brings_the_agents_back(self):
        env = Kitchen("galley", max_steps=20)
        states = [env.get_state()]
        for _ in play(env, at_random(3)):
            states.append(env.get_state())
        assert env.agents == []
        env.set_state(states[-2])
        assert env.agents == ["blue", "orange"]
        assert env.step({"blue": 0, "orange": 0})[3] == {"blue": True, "orange": True}
        env.set_state(states[-2])
        env.set_state(states[-1])
        assert env.agents == []
