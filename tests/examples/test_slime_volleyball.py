"""The slime volleyball environment: its rules, its determinism, its physics and its pictures."""

import hashlib
import json
import os
import pickle
import random
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pettingzoo import ParallelEnv
from pettingzoo.test import parallel_api_test

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import (
    BALL_RADIUS,
    HEIGHT,
    HOME_X,
    NET_HALF_WIDTH,
    NET_HEIGHT,
    POINT_FRAMES,
    SERVE_FRAMES,
    SLIME_RADIUS,
    WIDTH,
    Action,
    SlimeVolleyball,
    make_env,
)

FIELDS = ("x", "y", "vx", "vy")
INFO_KEYS = {
    *FIELDS,
    *(f"ball_{field}" for field in FIELDS),
    "own_score",
    "opponent_score",
    "rally_touches",
    "ball_in_play",
}
Actions = dict[str, int]
Policy = Callable[[dict[str, dict[str, Any]]], Actions]


def started(seed: int = 1, **options: Any) -> SlimeVolleyball:
    env = SlimeVolleyball(**options)
    env.reset(seed=seed)
    return env


def idle(_infos: dict[str, dict[str, Any]]) -> Actions:
    return {"left": Action.STAY, "right": Action.STAY}


def at_random(seed: int) -> Policy:
    rng = random.Random(seed)
    return lambda _infos: {"left": rng.randrange(6), "right": rng.randrange(6)}


def landing(ball: dict[str, float], height: float = 60.0) -> tuple[float, int]:
    """Where and in how many frames the ball comes down to a height."""
    x, y, vx, vy = (ball[f"ball_{field}"] for field in FIELDS)
    limit = WIDTH / 2 - BALL_RADIUS
    for frames in range(150):
        vy -= environment.BALL_GRAVITY
        x += vx
        y += vy
        if abs(x) > limit:
            x = limit if x > 0 else -limit
            vx *= -environment.WALL_RESTITUTION
        if vy < 0 and y < height:
            return x, frames
    return x, 150


def heuristic(seed: int, error: float) -> Policy:
    """Both run to where the ball comes down, ``error`` pixels off, and hit it towards the net."""
    rng = random.Random(seed)

    def act(info: dict[str, Any], side: int) -> int:
        x, frames = landing(info)
        own_half = x * side > 0
        target = x + side * 12 + rng.uniform(-error, error) if own_half else HOME_X * side
        distance = target - info["x"]
        move = 0 if abs(distance) < 4 else 1 if distance < 0 else 2
        jump = own_half and frames < 7 and abs(distance) < 30 and rng.random() < 0.5
        return move + 3 * jump

    return lambda infos: {"left": act(infos["left"], -1), "right": act(infos["right"], 1)}


def play(
    env: SlimeVolleyball, policy: Policy, seed: int, frames: int = 100_000
) -> Iterator[tuple[Any, ...]]:
    """What each step of a match returns, until its end."""
    _, infos = env.reset(seed=seed)
    for _ in range(frames):
        if not env.agents:
            return
        result = env.step(policy(infos))
        infos = result[4]
        yield result


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
    def test_the_ball_on_the_floor_is_a_point_for_the_other_side_and_its_serve(self):
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
            timeout=60,
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


def mirrored(state: tuple[float, ...]) -> tuple[float, ...]:
    def turned(body: tuple[float, ...]) -> tuple[float, ...]:
        x, y, vx, vy = body
        return (-x, y, -vx, vy)

    left_score, right_score, steps, pause, serving, touched_by, *rest = state[12:]
    return (
        *turned(state[4:8]),
        *turned(state[:4]),
        *turned(state[8:12]),
        *(right_score, left_score, steps, pause, -serving, -touched_by, *rest),
    )


MIRRORED_ACTION = {0: 0, 1: 2, 2: 1, 3: 3, 4: 5, 5: 4}


class TestMirrorSymmetry:
    def test_each_agent_sees_itself_on_the_left(self):
        observations, _ = started(3).reset(seed=3)
        assert observations["left"][:8] == observations["right"][:8]
        assert observations["left"][0] < 0 < observations["left"][4]
        assert observations["left"][8] == -observations["right"][8] != 0

    def test_the_mirrored_rally_is_seen_alike_from_the_other_side(self):
        compared = 0
        for seed in range(12):
            env, mirror = started(seed), SlimeVolleyball()
            rng = random.Random(seed)
            for _ in range(SERVE_FRAMES):
                env.step({"left": rng.randrange(6), "right": rng.randrange(6)})
            mirror.set_state(mirrored(env.get_state()))
            rewards = {"left": 0.0}
            while not any(rewards.values()):
                left, right = rng.randrange(6), rng.randrange(6)
                seen, rewards, *_ = env.step({"left": left, "right": right})
                other, other_rewards, *_ = mirror.step(
                    {"left": MIRRORED_ACTION[right], "right": MIRRORED_ACTION[left]}
                )
                assert (seen["left"], seen["right"]) == (other["right"], other["left"])
                assert rewards["left"] == other_rewards["right"]
                compared += 1
        assert compared > 500


def net_overlap(info: dict[str, Any]) -> float:
    x, above = info["ball_x"], max(0.0, info["ball_y"] - NET_HEIGHT)
    return NET_HALF_WIDTH + BALL_RADIUS - (x * x + above * above) ** 0.5


def assert_ball_in_bounds(info: dict[str, Any]) -> None:
    assert abs(info["ball_x"]) <= WIDTH / 2 - BALL_RADIUS
    assert BALL_RADIUS <= info["ball_y"] < 2 * HEIGHT
    assert net_overlap(info) < 1e-6
    speed = (info["ball_vx"] ** 2 + info["ball_vy"] ** 2) ** 0.5
    assert speed < environment.BALL_MAX_SPEED + 1e-9


class TestPhysics:
    def test_the_ball_stays_in_bounds_for_hundreds_of_random_matches(self):
        env = SlimeVolleyball()
        for seed in range(300):
            for result in play(env, at_random(seed), seed):
                assert_ball_in_bounds(result[4]["left"])

    def test_no_ball_passes_through_net_slime_wall_or_floor_at_any_speed(self):
        env = started()
        template = env.get_state()
        rng = random.Random(11)
        limit = WIDTH / 2 - BALL_RADIUS
        for _ in range(4000):
            ball = (
                rng.uniform(-limit, limit),
                rng.uniform(NET_HEIGHT + 80, 380),
                rng.uniform(-16, 16),
                rng.uniform(-16, 16),
            )
            left = (rng.uniform(-260, -45), rng.choice([0.0, rng.uniform(0, 70)]), 0.0, 0.0)
            right = (rng.uniform(45, 260), rng.choice([0.0, rng.uniform(0, 70)]), 0.0, 0.0)
            env.set_state((*left, *right, *ball, 0, 0, 0, 0, 1, 0, 0, 0, template[-1]))
            before = ball[0], ball[1]
            for _ in range(60):
                infos = env.step({"left": rng.randrange(6), "right": rng.randrange(6)})[4]
                info = infos["left"]
                assert_ball_in_bounds(info)
                x, y = info["ball_x"], info["ball_y"]
                crossed = (before[0] > 0) != (x > 0)
                assert not (crossed and max(before[1], y) < NET_HEIGHT)
                for slime in infos.values():
                    dx, dy = x - slime["x"], y - slime["y"]
                    assert dy < 0 or (dx * dx + dy * dy) ** 0.5 > SLIME_RADIUS
                before = x, y
                if not info["ball_in_play"]:
                    break

    def test_a_ball_dropped_dead_centre_on_the_net_rolls_off(self):
        env = started()
        for touched_by in (-1, 1):
            rest = (0, 0, 0, 0, 1, touched_by, 1, 1, 0)
            env.set_state((-HOME_X, 0, 0, 0, HOME_X, 0, 0, 0, 0.0, 200.0, 0.0, 0.0, *rest))
            rewards = {"left": 0.0}
            for _ in range(300):
                _, rewards, *_ = env.step(idle({}))
                if any(rewards.values()):
                    break
            assert any(rewards.values())

    def test_a_ball_laid_on_a_slime_is_thrown_up(self):
        env = started()
        reach = SLIME_RADIUS + BALL_RADIUS
        rest = (0, 0, 0, 0, 1, 0, 0, 0, 0)
        env.set_state((-HOME_X, 0, 0, 0, HOME_X, 0, 0, 0, -HOME_X, reach, 0.0, 0.0, *rest))
        heights = [env.step(idle({}))[4]["left"]["ball_y"] for _ in range(30)]
        assert 50 < max(heights) - reach < 90

    def test_under_a_jumping_slime_only_its_flat_base_meets_the_ball(self):
        env = started()
        rest = (0, 0, 0, 0, 1, 0, 0, 0, 0)
        for gap, hit in ((BALL_RADIUS + 4, False), (BALL_RADIUS - 4, True)):
            left = (-HOME_X, 80.0, 0, 0)
            env.set_state((*left, HOME_X, 0, 0, 0, -HOME_X - 20, 80.0 - gap, 0.0, 0.0, *rest))
            info = env.step(idle({}))[4]["left"]
            assert bool(info["rally_touches"]) == hit
            assert info["ball_x"] == -HOME_X - 20
            assert (info["ball_vy"] < -environment.MIN_REBOUND) == hit

    @pytest.mark.parametrize("left", list(Action))
    @pytest.mark.parametrize("right", list(Action))
    def test_no_pair_of_held_keys_keeps_the_ball_up_for_ever(self, left, right):
        env = SlimeVolleyball()
        for seed in range(8):
            results = list(play(env, lambda _: {"left": left, "right": right}, seed, 3000))
            assert results[-1][2] == {"left": True, "right": True}

    def test_every_idle_and_every_random_match_ends(self):
        env = SlimeVolleyball()
        for seed in range(200):
            for policy in (idle, at_random(seed)):
                results = list(play(env, policy, seed, 3000))
                assert results[-1][2] == {"left": True, "right": True}

    def test_one_side_cannot_juggle_a_ball_that_only_its_still_slime_meets(self):
        env = started()
        rest = (0, 0, 0, 0, -1, 0, 0, 0, 0)
        env.set_state((-HOME_X, 0, 0, 0, 260, 0, 0, 0, -HOME_X, 200.0, 0.0, 0.0, *rest))
        touches = 0
        for _ in range(2000):
            _, rewards, _, _, infos = env.step(idle({}))
            touches = infos["left"]["rally_touches"]
            if any(rewards.values()):
                break
        assert any(rewards.values())
        assert environment.FREE_TOUCHES < touches < 20


class TestPlay:
    def test_players_of_middling_skill_have_rallies_and_both_score(self):
        env = SlimeVolleyball(max_steps=3000)
        rallies = []
        points = {"left": 0, "right": 0}
        crossings = 0
        for seed in range(12):
            before = 0.0
            for _, rewards, _, _, infos in play(env, heuristic(seed, error=110), seed):
                info = infos["left"]
                crossings += info["ball_in_play"] and before * info["ball_x"] < 0
                before = info["ball_x"]
                for agent, reward in rewards.items():
                    if reward > 0:
                        points[agent] += 1
                        rallies.append(info["rally_touches"])
        assert min(points.values()) >= 10
        assert sum(touches >= 4 for touches in rallies) > len(rallies) / 2
        assert crossings > 2 * len(rallies)

    def test_a_better_player_wins(self):
        def unequal(seed: int) -> Policy:
            good, bad = heuristic(seed, error=10), at_random(seed)
            return lambda infos: {"left": good(infos)["left"], "right": bad(infos)["right"]}

        env = SlimeVolleyball(max_steps=3000)
        score = {"left": 0, "right": 0}
        for seed in range(6):
            *_, (_, _, _, _, infos) = play(env, unequal(seed), seed)
            score["left"] += infos["left"]["own_score"]
            score["right"] += infos["right"]["own_score"]
        assert score["left"] > 2 * score["right"]


NUMBER = (int, float)
POINTS = "points"
COMMAND_FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "rect": ({"x": NUMBER, "y": NUMBER, "width": NUMBER, "height": NUMBER}, {"radius": NUMBER}),
    "circle": ({"x": NUMBER, "y": NUMBER, "radius": NUMBER}, {}),
    "ellipse": ({"x": NUMBER, "y": NUMBER, "radius_x": NUMBER, "radius_y": NUMBER}, {}),
    "arc": ({"x": NUMBER, "y": NUMBER, "radius": NUMBER, "start": NUMBER, "end": NUMBER}, {}),
    "line": ({POINTS: list, "width": NUMBER}, {}),
    "polygon": ({POINTS: list}, {}),
    "text": (
        {"x": NUMBER, "y": NUMBER, "text": str, "size": NUMBER},
        {"align": str, "weight": str},
    ),
}
FILLED = {"rect", "circle", "ellipse", "arc", "polygon"}
COLOR = re.compile(r"#[0-9a-f]{6}")


def assert_conforms(command: dict[str, Any]) -> None:
    """Check one draw command against section 6 of the protocol."""
    kind = command["type"]
    required, optional = COMMAND_FIELDS[kind]
    required = {**required, "type": str, "color": str}
    optional = {**optional, "id": str, "alpha": NUMBER}
    if kind in FILLED:
        optional |= {"stroke": str, "stroke_width": NUMBER}
    assert required.keys() <= command.keys() <= required.keys() | optional.keys()
    for field, value in command.items():
        assert isinstance(value, (required | optional)[field]), (kind, field, value)
        if isinstance(value, float) and field not in ("start", "end"):
            assert round(value, 2) == value
    assert 0 <= command.get("alpha", 1) <= 1
    assert all(COLOR.fullmatch(command[name]) for name in ("color", "stroke") if name in command)
    assert command.get("align", "left") in ("left", "center", "right")
    for point in command.get(POINTS, []):
        assert len(point) == 2
        assert all(isinstance(number, NUMBER) and round(number, 2) == number for number in point)


def texts(env: SlimeVolleyball) -> list[str]:
    return [command["text"] for command in env.render() if command["type"] == "text"]


def ids(env: SlimeVolleyball) -> list[str]:
    return [command["id"] for command in env.render() if "id" in command]


class TestRendering:
    def test_every_command_of_every_frame_conforms_to_the_protocol(self):
        env = SlimeVolleyball()
        for policy in (at_random(1), heuristic(1, error=40)):
            for _ in play(env, policy, 1, 1500):
                commands = env.render()
                for command in commands:
                    assert_conforms(command)
                assert len(commands) <= 25
                assert len(json.dumps(commands)) < 3000

    def test_moving_things_keep_their_ids_and_no_id_is_used_twice(self):
        env = SlimeVolleyball()
        for _ in play(env, at_random(4), 4):
            names = ids(env)
            assert len(names) == len(set(names))
            assert {"left", "right", "ball", "shadow"} <= set(names)

    def test_the_picture_is_of_the_state_and_drawing_it_changes_nothing(self):
        env = started(3)
        state = env.get_state()
        first = env.render()
        first[0]["color"] = "#000000"
        assert env.get_state() == state
        assert env.render()[0]["color"] != "#000000"
        ball = next(command for command in env.render() if command.get("id") == "ball")
        assert ball["x"] == round(WIDTH / 2 + state[8], 2)
        assert ball["y"] == environment.FLOOR_Y - environment.SERVE_HEIGHT

    def test_a_marker_shows_where_the_ball_is_above_the_picture(self):
        env = started()
        before, after = env.get_state()[:8], (0, 0, 0, 0, 1, 1, 1, 1, 0)
        env.set_state((*before, 50.0, 360.0, 0.0, 0.0, *after))
        marker = next(command for command in env.render() if command.get("id") == "marker")
        assert marker["points"][0][0] == WIDTH / 2 + 50
        env.set_state((*before, 50.0, 330.0, 0.0, 0.0, *after))
        assert "marker" not in ids(env)

    def test_the_scores_and_the_cues_of_serve_point_and_match_are_shown(self):
        env = started(2, points_to_win=2)
        assert texts(env) == ["0", "0", "serve"]
        cues = []
        for _, rewards, _, _, infos in play(env, idle, 2):
            left, right, *cue = texts(env)
            info = infos["left"]
            assert (left, right) == (str(info["own_score"]), str(info["opponent_score"]))
            assert bool(cue) == (not info["ball_in_play"])
            if any(rewards.values()):
                cues += cue
        assert set(cues[:-1]) == {"point"}
        assert cues[-1] == "match"
