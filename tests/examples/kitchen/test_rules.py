"""The kitchen's rules: how cooks move and get in each other's way, and how soup is made."""

import itertools
import random
from typing import Any

import pytest

from interactive_gym.examples.kitchen.environment import (
    COOK_FRAMES,
    MOVE_FRAMES,
    Action,
    Kitchen,
)
from tests.support.kitchen_players import DIRECTIONS, STEPS

STAY, UP, DOWN, LEFT, RIGHT, INTERACT = Action

SMALL = """
    #OPD#
    S1..#
    #..2#
    #####
"""
HALF_WAY = """
    ######
    #1..2#
    ######
"""

Cell = tuple[int, int]


def step(env: Kitchen, **actions: int) -> dict[str, Any]:
    """A frame in which whoever is not named does nothing; the infos."""
    return env.step({**dict.fromkeys(env.possible_agents, STAY), **actions})[4]


def rest(env: Kitchen) -> dict[str, Any]:
    """Let everybody arrive."""
    for _ in range(MOVE_FRAMES):
        infos = step(env)
    return infos


def tap(env: Kitchen, *actions: Action, agent: str = "blue") -> dict[str, Any]:
    """Press and release keys one after the other; the agent's info."""
    for action in actions:
        step(env, **{agent: action})
        infos = rest(env)
    return infos[agent]


def cells(infos: dict[str, Any]) -> list[Cell]:
    return [(info["x"], info["y"]) for info in infos.values()]


def crowd(starts: list[Cell], columns: int, rows: int) -> Kitchen:
    """An empty room with a cook in each of some cells."""
    floor = {cell: str(seat + 1) for seat, cell in enumerate(starts)}
    inner = [
        "#" + "".join(floor.get((x, y), ".") for x in range(1, columns + 1)) + "#"
        for y in range(1, rows + 1)
    ]
    edge = "#" * (columns + 2)
    return Kitchen("\n".join([edge, *inner, edge]), cooks=len(starts))


def moved(starts: list[Cell], actions: list[Action], columns: int = 3, rows: int = 3) -> list[Cell]:
    env = crowd(starts, columns, rows)
    return cells(step(env, **dict(zip(env.possible_agents, actions, strict=True))))


def largest_legal(starts: list[Cell], actions: list[Action], columns: int, rows: int) -> list[Cell]:
    """Where cooks come to by the rules' plain words: as many moves as can be made.

    A move ends on floor that nobody else wants and that nobody stays on or comes from there.
    """
    wanted = [
        (x + STEPS[action][0], y + STEPS[action][1]) if action in STEPS else (x, y)
        for (x, y), action in zip(starts, actions, strict=True)
    ]

    def legal(movers: tuple[int, ...]) -> bool:
        return all(
            1 <= wanted[one][0] <= columns
            and 1 <= wanted[one][1] <= rows
            and not any(
                wanted[other] == wanted[one]
                or (starts[other] == wanted[one] and other not in movers)
                or (starts[other] == wanted[one] and wanted[other] == starts[one])
                for other in range(len(starts))
                if other != one
            )
            for one in movers
        )

    willing = [seat for seat, action in enumerate(actions) if action in STEPS]
    for size in range(len(willing), -1, -1):
        found = [movers for movers in itertools.combinations(willing, size) if legal(movers)]
        if found:
            assert len(found) == 1
            return [
                wanted[seat] if seat in found[0] else start for seat, start in enumerate(starts)
            ]
    raise AssertionError("nobody moving is always legal")


class TestMoving:
    @pytest.mark.parametrize("direction", DIRECTIONS)
    def test_a_key_pressed_for_a_frame_moves_one_cell_that_way(self, direction):
        env = crowd([(2, 2), (1, 1)], 3, 3)
        info = tap(env, direction)
        dx, dy = STEPS[direction]
        assert (info["x"], info["y"]) == (2 + dx, 2 + dy)
        assert info["facing"] == direction.name.lower()

    def test_a_key_held_goes_on_moving_a_cell_every_so_many_frames(self):
        env = crowd([(1, 1), (1, 2)], 8, 2)
        columns = [step(env, blue=RIGHT)["blue"]["x"] for _ in range(3 * MOVE_FRAMES)]
        assert columns == [1 + n for n in (1, 2, 3) for _ in range(MOVE_FRAMES)]

    def test_towards_a_counter_a_cook_only_turns(self):
        env = Kitchen(SMALL)
        info = tap(env, LEFT)
        assert (info["x"], info["y"], info["facing"]) == (1, 1, "left")

    def test_a_cook_turns_on_the_way_but_moves_on_only_after_arriving(self):
        env = crowd([(1, 1), (3, 3)], 3, 3)
        step(env, blue=RIGHT)
        for _ in range(MOVE_FRAMES - 1):
            info = step(env, blue=DOWN)["blue"]
            assert (info["x"], info["y"], info["facing"]) == (2, 1, "down")
        info = step(env, blue=DOWN)["blue"]
        assert (info["x"], info["y"]) == (2, 2)

    def test_nobody_is_moved_by_a_cook_who_stands_in_the_way(self):
        env = crowd([(1, 1), (2, 1)], 3, 1)
        for _ in range(3 * MOVE_FRAMES):
            infos = step(env, blue=RIGHT)
        assert cells(infos) == [(1, 1), (2, 1)]
        assert infos["blue"]["facing"] == "right"


class TestCollisions:
    def test_two_who_want_the_same_cell_both_stay(self):
        assert moved([(1, 1), (3, 1)], [RIGHT, LEFT]) == [(1, 1), (3, 1)]
        env = Kitchen(HALF_WAY)
        for _ in range(4 * MOVE_FRAMES):
            infos = step(env, blue=RIGHT, orange=LEFT)
        assert cells(infos) == [(2, 1), (3, 1)]

    def test_two_do_not_change_places(self):
        assert moved([(1, 1), (2, 1)], [RIGHT, LEFT]) == [(1, 1), (2, 1)]

    def test_who_follows_moves_with_the_one_ahead_and_stays_with_the_one_ahead(self):
        row = [(1, 1), (2, 1)]
        assert moved(row, [RIGHT, RIGHT]) == [(2, 1), (3, 1)]
        assert moved(row, [RIGHT, RIGHT], columns=2) == row

    def test_a_refusal_reaches_everybody_who_follows(self):
        starts = [(1, 1), (2, 1), (4, 1)]
        assert moved(starts, [RIGHT, RIGHT, LEFT], columns=4) == starts

    def test_four_cooks_turn_in_a_circle(self):
        starts = [(1, 1), (2, 1), (2, 2), (1, 2)]
        assert moved(starts, [RIGHT, DOWN, LEFT, UP]) == [*starts[1:], starts[0]]

    @pytest.mark.parametrize(("cooks", "columns", "rows"), [(2, 3, 1), (3, 3, 2), (4, 3, 3)])
    def test_every_cook_moves_whom_the_rules_let_whatever_the_seats(self, cooks, columns, rows):
        rng = random.Random(cooks)
        room = list(itertools.product(range(1, columns + 1), range(1, rows + 1)))
        refusals = 0
        for _ in range(250):
            starts = rng.sample(room, cooks)
            actions = [rng.choice([STAY, *DIRECTIONS, *DIRECTIONS]) for _ in starts]
            expected = largest_legal(starts, actions, columns, rows)
            refusals += any(
                action in STEPS and start == end
                for start, end, action in zip(starts, expected, actions, strict=True)
            )
            order = list(range(cooks))
            for _ in range(3):
                ends = moved(
                    [starts[seat] for seat in order],
                    [actions[seat] for seat in order],
                    columns,
                    rows,
                )
                assert ends == [expected[seat] for seat in order]
                rng.shuffle(order)
        assert refusals > 50

    def test_cooks_never_share_a_cell_and_never_pass_through_each_other(self):
        env = crowd([(1, 1), (3, 1), (1, 3), (3, 3)], 3, 3)
        rng = random.Random(1)
        before = cells(env.reset()[1])
        actions = dict.fromkeys(env.possible_agents, STAY)
        for _ in range(3000):
            actions[rng.choice(env.possible_agents)] = rng.choice(DIRECTIONS)
            after = cells(step(env, **actions))
            assert len(set(after)) == 4
            for one, other in itertools.combinations(range(4), 2):
                assert (after[one], after[other]) != (before[other], before[one])
            before = after
            if not env.agents:
                env.reset()


class TestInteracting:
    def test_onions_and_dishes_are_taken_with_empty_hands_only(self):
        env = Kitchen(SMALL)
        assert tap(env, UP, INTERACT)["holding"] == "onion"
        assert tap(env, RIGHT, RIGHT, UP, INTERACT)["holding"] == "onion"

    def test_a_key_held_interacts_once(self):
        env = Kitchen(SMALL)
        tap(env, DOWN, LEFT)
        tap(env, UP, UP, INTERACT, DOWN, LEFT)
        held = [step(env, blue=INTERACT)["blue"]["holding"] for _ in range(40)]
        assert held == ["nothing"] * 40
        step(env)
        assert step(env, blue=INTERACT)["blue"]["holding"] == "onion"

    def test_a_press_on_the_way_counts_on_arrival_in_the_direction_then_faced(self):
        env = Kitchen(SMALL)
        tap(env, RIGHT)
        step(env, blue=LEFT)
        step(env, blue=UP)
        step(env, blue=INTERACT)
        for _ in range(MOVE_FRAMES - 3):
            infos = step(env, blue=DOWN)
            assert infos["blue"]["holding"] == "nothing"
        infos = step(env, blue=DOWN)
        assert (infos["blue"]["holding"], infos["blue"]["facing"]) == ("onion", "up")
        assert (infos["blue"]["x"], infos["blue"]["y"]) == (1, 1)
        infos = step(env, blue=DOWN)
        assert (infos["blue"]["x"], infos["blue"]["y"]) == (1, 2)

    def test_a_counter_holds_one_thing_for_anybody(self):
        env = Kitchen("#OD##\n#1.2#\n#####")
        assert tap(env, DOWN, INTERACT)["holding"] == "nothing"
        assert tap(env, UP, INTERACT, DOWN, INTERACT)["holding"] == "nothing"
        assert tap(env, RIGHT, UP, INTERACT, LEFT, DOWN, INTERACT)["holding"] == "dish"
        tap(env, LEFT, INTERACT)
        assert tap(env, DOWN, INTERACT)["holding"] == "onion"
        assert tap(env, INTERACT)["holding"] == "nothing"
        env = Kitchen("#O###\n#1#2#\n#####")
        tap(env, UP, INTERACT, RIGHT, INTERACT)
        assert tap(env, LEFT, INTERACT, agent="orange")["holding"] == "onion"

    def test_of_two_who_reach_for_the_same_thing_the_first_seat_has_it(self):
        env = Kitchen("#O###\n#1#2#\n#####")
        tap(env, UP, INTERACT, RIGHT, INTERACT)
        tap(env, LEFT, agent="orange")
        tap(env, RIGHT)
        infos = step(env, blue=INTERACT, orange=INTERACT)
        assert [info["holding"] for info in infos.values()] == ["onion", "nothing"]

    def test_nothing_comes_from_the_floor_or_from_another_cook(self):
        env = Kitchen(SMALL)
        tap(env, UP, INTERACT)
        tap(env, DOWN, LEFT, DOWN)
        assert tap(env, RIGHT, INTERACT)["holding"] == "onion"
        assert tap(env, LEFT, agent="orange")["holding"] == "nothing"
        assert tap(env, INTERACT, agent="orange")["holding"] == "nothing"


def add_onion(env: Kitchen) -> dict[str, Any]:
    """Blue, at home, brings an onion into the pot and is back home."""
    return tap(env, UP, INTERACT, RIGHT, UP, INTERACT, LEFT)


class TestSoup:
    def test_three_onions_cook_and_a_dish_takes_the_soup_to_the_window(self):
        env = Kitchen(SMALL)
        counts = [add_onion(env)["own_onions_potted"] for _ in range(3)]
        assert counts == [1, 2, 3]
        tap(env, RIGHT, RIGHT, UP, INTERACT, LEFT, UP)
        for _ in range(COOK_FRAMES):
            step(env)
        info = tap(env, INTERACT)
        assert (info["holding"], info["own_soups_plated"]) == ("soup", 1)
        tap(env, LEFT, LEFT)
        rewards = env.step({"blue": INTERACT, "orange": STAY})[1]
        assert rewards == {"blue": 1.0, "orange": 1.0}
        infos = step(env)
        assert {info["soups_delivered"] for info in infos.values()} == {1}
        assert [info["own_soups_delivered"] for info in infos.values()] == [1, 0]
        assert infos["blue"]["holding"] == "nothing"

    def test_soup_is_ready_exactly_after_its_time(self):
        def holding_after(frames: int) -> str:
            env = Kitchen(SMALL)
            for _ in range(2):
                add_onion(env)
            tap(env, UP, INTERACT)
            tap(env, RIGHT, UP, agent="orange")
            tap(env, UP, UP, INTERACT, LEFT, DOWN, agent="orange")
            tap(env, RIGHT, UP)
            step(env, blue=INTERACT)
            for frame in range(frames - 1):
                step(env, blue=LEFT if frame == 0 else STAY, orange=UP if frame == 20 else STAY)
            return str(step(env, orange=INTERACT)["orange"]["holding"])

        assert holding_after(COOK_FRAMES - 1) == "dish"
        assert holding_after(COOK_FRAMES) == "soup"

    def test_a_full_pot_takes_no_onion_and_an_unfinished_one_fills_no_dish(self):
        env = Kitchen(SMALL)
        for _ in range(2):
            add_onion(env)
        tap(env, RIGHT, RIGHT, UP)
        assert tap(env, INTERACT, LEFT, UP, INTERACT)["holding"] == "dish"
        tap(env, DOWN, DOWN)
        assert tap(env, INTERACT)["holding"] == "nothing"
        tap(env, UP, LEFT)
        add_onion(env)
        info = add_onion(env)
        assert (info["holding"], info["own_onions_potted"]) == ("onion", 3)

    def test_only_soup_is_delivered(self):
        env = Kitchen(SMALL)
        info = tap(env, UP, INTERACT, LEFT, INTERACT)
        assert (info["holding"], info["soups_delivered"]) == ("onion", 0)

    def test_a_pot_cooks_on_with_nobody_near_and_never_burns(self):
        env = Kitchen(SMALL)
        for _ in range(3):
            add_onion(env)
        tap(env, RIGHT, RIGHT, UP, INTERACT, LEFT, UP)
        for _ in range(3 * COOK_FRAMES):
            step(env)
        assert tap(env, INTERACT)["holding"] == "soup"
