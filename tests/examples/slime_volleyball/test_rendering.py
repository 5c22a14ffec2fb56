"""The pictures of slime volleyball, checked against section 6 of the protocol."""

import json

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import WIDTH, SlimeVolleyball
from tests.support.draw_checks import assert_conforms, contrast
from tests.support.slime_volleyball_players import at_random, heuristic, idle, play, started


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
                assert len(commands) <= 30
                assert len(json.dumps(commands)) < 3500

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

    def test_the_scores_stand_out_from_their_boards_even_over_the_sky(self):
        board = next(c for c in started().render() if c.get("radius") == 10)
        assert (board["color"], board["alpha"]) == ("#ffffff", 0.75)
        # Over black, a board would be at its darkest; the sky is brighter than that.
        assert contrast(environment.INK, "#bfbfbf") >= 4.5

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
