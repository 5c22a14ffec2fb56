"""The slime volleyball environment: its API, its rules, its determinism and its state."""

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

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import (
    BALL_RADIUS,
    HOME_X,
    NET_HALF_WIDTH,
    POINT_FRAMES,
    SERVE_FRAMES,
    SLIME_RADIUS,
    WIDTH,
    Action,
    SlimeVolleyball,
    make_env,
)
from tests.support.slime_volleyball_players import FIELDS, at_random, idle, play, started

INFO_KEYS = {
    *FIELDS,
    *(f"ball_{field}" for field in FIELDS),
    "own_score",
    "opponent_score",
    "rally_touches",
    "ball_in_play",
}


def digest(env: SlimeVolleyball, seed: int, frames: int) -> str:
    """A digest of every state while matches are played on and on."""
    hasher = hashlib.sha256()
    rng = random.Random(seed)
    env.reset(seed=seed)
    for _ in range(frames):
        if not env.agents:
            env.reset()
        env.step({agent: rng.randrange(6) for agent in env.agents})
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
for _ in range(6000):
    if not env.agents:
        env.reset()
    env.step({agent: rng.randrange(6) for agent in env.agents})
    hasher.update(repr(env.get_state()).encode())
print(hasher.hexdigest())
"""


class TestPettingZooApi:
    @pytest.mark.parametrize("options", [{}, {"points_to_win": 1}, {"max_steps": 60}])
    def test_pettingzoos_own_api_test_passes_without_a_warning(self, options):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parallel_api_test(SlimeVolleyball(**options), num_cycles=1500)

    def test_it_is_a_parallel_env_where_pettingzoo_is_installed(self):
        env = make_env()
        assert isinstance(env, ParallelEnv)
        assert env.unwrapped is env
        assert env.possible_agents == env.agents == ["left", "right"]
        assert env.render_mode in env.metadata["render_modes"]

    def test_observations_lie_in_their_space_and_actions_in_theirs(self):
        env = SlimeVolleyball()
        for seed in range(20):
            for observations, *_ in play(env, at_random(seed), seed):
                for agent, seen in observations.items():
                    assert env.observation_space(agent).contains(np.array(seen, np.float32))
        assert all(env.action_space("left").contains(int(action)) for action in Action)

    def test_infos_are_the_same_scalar_columns_for_both_agents_from_the_reset_on(self):
        env = SlimeVolleyball()
        _, first = env.reset(seed=2)
        for infos in [first, *(result[4] for result in play(env, at_random(2), 2))]:
            assert infos["left"].keys() == infos["right"].keys() == INFO_KEYS
            for info in infos.values():
                assert all(type(value) in (int, float, bool) for value in info.values())

    def test_a_finished_match_stays_as_it_is(self):
        env = started(points_to_win=1)
        for _ in play(env, idle, 1):
            pass
        state = env.get_state()
        assert env.step({}) == ({}, {}, {}, {}, {})
        assert env.get_state() == state

    @pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
    @pytest.mark.parametrize("name", ["points_to_win", "max_steps"])
    def test_a_limit_that_is_not_a_positive_integer_is_refused_by_name(self, name, value):
        with pytest.raises(ValueError, match=f"{name} is {value!r}: give a positive integer"):
            SlimeVolleyball(**{name: value})

    @pytest.mark.parametrize("action", [-1, 6, None, "jump"])
    def test_an_unknown_action_is_refused(self, action):
        with pytest.raises(ValueError, match="is not an action"):
            started().step({"left": Action.STAY, "right": action})


class TestMovement:
    @pytest.mark.parametrize(
        ("action", "direction", "jumps"),
        [
            (Action.STAY, 0, False),
            (Action.LEFT, -1, False),
            (Action.RIGHT, 1, False),
            (Action.JUMP, 0, True),
            (Action.JUMP_LEFT, -1, True),
            (Action.JUMP_RIGHT, 1, True),
        ],
    )
    def test_an_action_does_what_its_name_says_to_its_agent_alone(self, action, direction, jumps):
        env = started()
        infos = env.step({"left": action, "right": Action.STAY})[4]
        assert infos["left"]["x"] == -HOME_X + direction * environment.SLIME_SPEED
        assert (infos["left"]["y"] > 0) == jumps
        assert (infos["right"]["x"], infos["right"]["y"]) == (HOME_X, 0)

    def test_a_slime_cannot_jump_in_the_air_and_comes_down_again(self):
        env = started()
        heights = []
        for _ in range(SERVE_FRAMES):
            infos = env.step({"left": Action.JUMP, "right": Action.STAY})[4]
            heights.append(infos["left"]["y"])
        assert 60 < max(heights) < 80
        top = heights.index(max(heights))
        landed = heights.index(0.0)
        assert heights[:landed] == sorted(heights[: top + 1]) + sorted(
            heights[top + 1 : landed], reverse=True
        )

    def test_slimes_stop_at_the_net_and_at_the_walls(self):
        env = started()
        for _ in range(60):
            infos = env.step({"left": Action.RIGHT, "right": Action.RIGHT})[4]
        assert infos["left"]["x"] == -(NET_HALF_WIDTH + SLIME_RADIUS)
        assert infos["right"]["x"] == WIDTH / 2 - SLIME_RADIUS
        assert infos["left"]["vx"] == infos["right"]["vx"] == 0


class TestScoring:
    def test_the_ball_on_the_floor_is_a_point_for_the_other_side_and_is_served_where_it_fell(self):
        env = SlimeVolleyball()
        scored = set()
        for seed in range(20):
            before = (0, 0)
            for _, rewards, _, _, infos in play(env, at_random(seed), seed):
                left = infos["left"]
                score = (left["own_score"], left["opponent_score"])
                assert rewards["left"] == -rewards["right"]
                assert rewards["left"] == (score[0] - before[0]) - (score[1] - before[1])
                if score != before:
                    scored.add(rewards["left"])
                    assert left["ball_y"] == BALL_RADIUS
                    assert (left["ball_x"] > 0) == (rewards["left"] > 0)
                    fell_at = left["ball_x"]
                before = score
                if (
                    not left["ball_in_play"]
                    and left["ball_y"] == environment.SERVE_HEIGHT
                    and any(score)
                ):
                    assert left["ball_x"] * fell_at > 0
        assert scored == {1, -1}

    def test_after_a_point_the_ball_lies_then_hangs_then_falls(self):
        env = SlimeVolleyball()
        match = play(env, idle, 3)
        next(result for result in match if any(result[1].values()))
        pause = POINT_FRAMES + SERVE_FRAMES
        balls = [next(match)[4]["left"] for _ in range(pause + 1)]
        heights = [ball["ball_y"] for ball in balls]
        assert heights[: POINT_FRAMES - 1] == [BALL_RADIUS] * (POINT_FRAMES - 1)
        serve = environment.SERVE_HEIGHT
        assert heights[POINT_FRAMES - 1 : pause] == [serve] * (SERVE_FRAMES + 1)
        assert heights[pause] < serve
        assert [ball["ball_in_play"] for ball in balls] == [False] * (pause - 1) + [True] * 2

    def test_the_match_ends_with_the_winning_point(self):
        for points in (1, 2, 5):
            env = SlimeVolleyball(points_to_win=points)
            *earlier, last = play(env, at_random(points), points)
            assert not any(result[2]["left"] or result[2]["right"] for result in earlier)
            assert last[2] == {"left": True, "right": True}
            assert last[3] == {"left": False, "right": False}
            left = last[4]["left"]
            assert max(left["own_score"], left["opponent_score"]) == points
            assert env.agents == []

    def test_max_steps_truncates(self):
        env = SlimeVolleyball(max_steps=40)
        results = list(play(env, idle, 1))
        assert len(results) == 40
        assert results[-1][2] == {"left": False, "right": False}
        assert results[-1][3] == {"left": True, "right": True}
        assert not any(result[3]["left"] for result in results[:-1])

    def test_both_sides_get_the_first_serve_of_some_match(self):
        sides = {started(seed).get_state()[8] > 0 for seed in range(20)}
        assert sides == {True, False}


class TestDeterminism:
    def test_same_seed_and_actions_give_the_same_states(self):
        assert digest(SlimeVolleyball(), 5, 6000) == digest(SlimeVolleyball(), 5, 6000)

    def test_different_seeds_differ(self):
        serves = {started(seed).get_state()[8] for seed in range(200)}
        assert len(serves) == 200

    def test_a_seed_begins_the_same_match_whatever_was_played_before(self):
        used = SlimeVolleyball()
        digest(used, 8, 500)
        assert used.reset(seed=4) == SlimeVolleyball().reset(seed=4)
        assert used.get_state() == started(4).get_state()

    def test_without_a_seed_the_next_match_is_another_one(self):
        env = started(4)
        first = env.get_state()
        env.reset()
        assert env.get_state() != first

    @pytest.mark.parametrize(("hash_seed", "without_packages"), [("0", False), ("77", True)])
    def test_another_process_computes_the_same_match_from_the_file_alone(
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
        assert foreign.stdout.strip() == digest(SlimeVolleyball(), 5, 6000), foreign.stderr

    def test_importing_the_file_makes_no_environment(self):
        assert not hasattr(environment, "env")


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
    def test_play_goes_on_alike_from_a_state_taken_at_any_moment(self, copied):
        for taken_at in range(0, 700, 23):
            env = started(9, max_steps=900)
            rng = random.Random(taken_at)
            actions = [{"left": rng.randrange(6), "right": rng.randrange(6)} for _ in range(900)]
            for frame in range(taken_at):
                env.step(actions[frame])
            state = copied(env.get_state())
            going_on = [env.step(actions[frame]) for frame in range(taken_at, 900)]
            picture = env.render()

            other = started(1234, max_steps=900)
            other.step({"left": Action.JUMP, "right": Action.LEFT})
            other.set_state(state)
            assert [other.step(actions[frame]) for frame in range(taken_at, 900)] == going_on
            assert other.get_state() == env.get_state()
            assert other.render() == picture

    def test_a_state_kept_is_never_changed_by_later_steps(self):
        env = started(6)
        kept = [env.get_state()]
        written = [repr(kept[0])]
        for _ in play(env, at_random(6), 6):
            kept.append(env.get_state())
            written.append(repr(kept[-1]))
        env.set_state(kept[10])
        env.step(idle({}))
        assert [repr(state) for state in kept] == written
        assert all(type(number) in (int, float) for state in kept for number in state)

    def test_a_state_from_before_the_end_brings_the_agents_back(self):
        env = started(points_to_win=1)
        states = []
        for _ in play(env, idle, 1):
            states.append(env.get_state())
        assert env.agents == []
        env.set_state(states[-2])
        assert env.agents == ["left", "right"]
        assert env.step(idle({}))[2] == {"left": True, "right": True}
        env.set_state(states[-2])
        env.set_state(states[-1])
        assert env.agents == []

    def test_every_number_of_a_state_survives_a_json_reader_with_doubles_only(self):
        env = SlimeVolleyball()
        for _ in play(env, at_random(3), 3):
            assert all(float(number) == number for number in env.get_state())
