"""The physics of slime volleyball: symmetry, bounds, progress, and play worth watching."""

import random
from typing import Any

import pytest

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import (
    BALL_RADIUS,
    HEIGHT,
    HOME_X,
    NET_HALF_WIDTH,
    NET_HEIGHT,
    SERVE_FRAMES,
    SLIME_RADIUS,
    WIDTH,
    Action,
    SlimeVolleyball,
)
from tests.support.slime_volleyball_players import Policy, at_random, heuristic, idle, play, started

# Slow to trace, and what they run other tests run, too.
pytestmark = pytest.mark.no_cover


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
