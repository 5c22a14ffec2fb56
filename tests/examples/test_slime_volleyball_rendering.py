"""The pictures of slime volleyball, checked against section 6 of the protocol."""

import json
import re
from typing import Any

from slime_volleyball_players import at_random, heuristic, idle, play, started

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.environment import WIDTH, SlimeVolleyball

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


def contrast(color: str, other: str) -> float:
    """The contrast ratio of two opaque colours, as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(color), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


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
