"""The pictures of the kitchen, checked against section 6 of the protocol."""

from itertools import pairwise

import pytest

from interactive_gym.examples.kitchen.environment import (
    COOK_COLORS,
    COOK_FRAMES,
    DARK_STEEL,
    HEIGHT,
    INK,
    MOVE_FRAMES,
    ONION,
    READY,
    TILE,
    WALL,
    WIDTH,
    Action,
    Kitchen,
)
from interactive_gym.netcode import strict_json
from tests.support.draw_checks import assert_conforms, contrast
from tests.support.kitchen_players import Team, at_random, play

CREWS = [("galley", 3), ("divide", 4), ("hall", 4)]


def drawn(env: Kitchen, name: str) -> dict:
    return next(command for command in env.render() if command.get("id") == name)


def drawn_in_all(env: Kitchen, kind: str, **fields: object) -> list[dict]:
    return [
        command
        for command in env.render()
        if command["type"] == kind and fields.items() <= command.items()
    ]


def texts(env: Kitchen) -> list[str]:
    return [command["text"] for command in env.render() if command["type"] == "text"]


class TestRendering:
    @pytest.mark.parametrize(("layout", "cooks"), CREWS)
    def test_every_command_of_every_frame_conforms_to_the_protocol(self, layout, cooks):
        env = Kitchen(layout, cooks)
        for policy in (Team(layout), at_random(1)):
            for _ in play(env, policy, 900):
                commands = env.render()
                for command in commands:
                    assert_conforms(command)
                assert len(commands) <= 120
                assert len(strict_json.dumps(commands)) < 11_000

    def test_moving_things_keep_their_ids_and_no_id_is_used_twice(self):
        env = Kitchen("hall", 4)
        for _ in play(env, Team("hall"), 900):
            names = [command["id"] for command in env.render() if "id" in command]
            assert len(names) == len(set(names))
            assert set(COOK_COLORS) <= set(names)
            assert {f"{cook}_hat" for cook in COOK_COLORS} <= set(names)

    def test_drawing_changes_nothing_and_a_picture_is_not_shared_with_the_next(self):
        env = Kitchen("divide", 4)
        state = env.get_state()
        for command in env.render():
            command["color"] = "#000000"
        assert env.get_state() == state
        assert {command["color"] for command in env.render()} != {"#000000"}

    @pytest.mark.parametrize(("layout", "cooks"), CREWS)
    def test_everything_is_inside_the_picture(self, layout, cooks):
        env = Kitchen(layout, cooks)
        for _ in play(env, at_random(2), 900):
            for command in env.render():
                points = command.get("points", [[command.get("x"), command.get("y")]])
                assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)

    @pytest.mark.parametrize("direction", [Action.UP, Action.DOWN, Action.LEFT, Action.RIGHT])
    def test_a_cook_glides_from_cell_to_cell_in_equal_steps(self, direction):
        env = Kitchen("#####\n#..2#\n#.1.#\n#...#\n#####")
        at = [drawn(env, "blue")]
        for _ in range(MOVE_FRAMES + 1):
            action = direction if len(at) == 1 else Action.STAY
            env.step({"blue": action, "orange": Action.STAY})
            at.append(drawn(env, "blue"))
        steps = [
            abs(here["x"] - there["x"]) + abs(here["y"] - there["y"])
            for there, here in pairwise(at)
        ]
        assert steps == [TILE // MOVE_FRAMES] * MOVE_FRAMES + [0]
        assert TILE % MOVE_FRAMES == 0

    def test_a_cook_is_told_by_colour_and_initial(self):
        env = Kitchen("hall", 4)
        for cook, color in COOK_COLORS.items():
            assert drawn(env, cook)["color"] == drawn(env, f"{cook}_hat")["color"] == color
            assert drawn(env, f"{cook}_mark")["text"] == cook[0].upper()
        assert len(set(COOK_COLORS.values())) == len({cook[0] for cook in COOK_COLORS}) == 4

    def test_what_is_held_is_seen_in_the_hands(self):
        env = Kitchen("hall", 4)
        seen = set()
        for *_, infos in play(env, Team("hall"), 900):
            ids = {command.get("id") for command in env.render()}
            for cook, info in infos.items():
                shown = {item for item in ("onion", "dish", "soup") if f"{cook}_{item}" in ids}
                assert shown == ({info["holding"]} - {"nothing"})
                seen |= shown
        assert seen == {"onion", "dish", "soup"}

    def test_soups_and_the_time_left_are_shown_and_a_delivery_is_cheered(self):
        env = Kitchen("galley", max_steps=1800)
        assert texts(env)[:2] == ["0", "1:00"]
        cheered = 0
        for frame, (_, rewards, *_, infos) in enumerate(play(env, Team("galley")), 1):
            soups, time, *others = texts(env)
            assert soups == str(infos["blue"]["soups_delivered"])
            seconds = -(-(1800 - frame) // 30)
            assert time == f"{seconds // 60}:{seconds % 60:02}"
            if any(rewards.values()):
                assert "+1" in others
                cheered += 1
        assert cheered > 3
        assert time == "0:00"

    def test_a_pot_shows_its_onions_then_how_far_it_has_cooked_then_that_it_is_ready(self):
        env = Kitchen("#OPD#\nS1.2#\n#####")
        x = drawn_in_all(env, "rect", color=DARK_STEEL)[0]["x"]

        def onions() -> int:
            slots = drawn_in_all(env, "circle", color=ONION)
            return sum(x < slot["x"] < x + 42 for slot in slots)

        def progress() -> list[int]:
            return [bar["width"] for bar in drawn_in_all(env, "rect", id="pot_0_progress")]

        def blue(*actions: int) -> None:
            for action in actions:
                env.step({"blue": action, "orange": Action.STAY})
                for _ in range(MOVE_FRAMES):
                    env.step({"blue": Action.STAY, "orange": Action.STAY})

        up, left, right, take = Action.UP, Action.LEFT, Action.RIGHT, Action.INTERACT
        for number in range(3):
            assert onions() == number
            assert progress() == []
            blue(up, take, right, up, take, left)
        widths = progress()
        while progress():
            env.step({"blue": Action.STAY, "orange": Action.STAY})
            widths += progress()
        assert COOK_FRAMES - 40 < len(widths) < COOK_FRAMES
        assert widths == sorted(widths)
        assert widths[0] < 15
        assert widths[-1] > 35
        assert len(drawn_in_all(env, "rect", color=READY)) == 1

    def test_letters_and_words_stand_out_from_what_is_behind_them(self):
        for color in COOK_COLORS.values():
            assert contrast(color, "#ffffff") >= 4.5
        assert contrast(INK, WALL) >= 4.5
