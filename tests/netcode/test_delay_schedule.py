import pytest

from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY
from interactive_gym.netcode.input_queue import LOWER, RAISE, VACANT

LEAD = 8


def schedule(
    input_delay: int = 2, wishes: dict[int, tuple[int, ...]] | None = None, end: int = 50
) -> DelaySchedule:
    """A game for two, or as many as wish, in which these wishes were made."""
    made = DelaySchedule(input_delay, LEAD, wish_frames=20)
    for frame in range(end):
        made.take((wishes or {}).get(frame, (0, 0)))
    return made


def changes(made: DelaySchedule) -> list[tuple[int, int]]:
    """From which frame on there is which delay."""
    delays = [made.delay_at(frame) for frame in range(made.frames + LEAD)]
    return [
        (frame, delay)
        for frame, delay in enumerate(delays)
        if frame == 0 or delay != delays[frame - 1]
    ]


def test_without_wishes_the_delay_stays() -> None:
    assert changes(schedule(5)) == [(0, 5)]


def test_one_wish_to_raise_is_enough_and_begins_when_all_must_know_of_it() -> None:
    assert changes(schedule(wishes={10: (0, RAISE)})) == [(0, 2), (18, 3)]
    assert changes(schedule(wishes={10: (RAISE, RAISE)})) == [(0, 2), (18, 3)]


def test_to_lower_takes_a_wish_of_all() -> None:
    assert changes(schedule(wishes={10: (LOWER, 0)})) == [(0, 2)]
    assert changes(schedule(wishes={10: (LOWER, 0), 20: (LOWER, 0)})) == [(0, 2)]
    assert changes(schedule(wishes={10: (LOWER, 0), 29: (0, LOWER)})) == [(0, 2), (37, 1)]
    assert changes(schedule(wishes={10: (LOWER, 0), 30: (0, LOWER)})) == [(0, 2)]
    assert changes(schedule(wishes={10: (LOWER, LOWER)})) == [(0, 2), (18, 1)]


def test_who_is_gone_has_no_wishes() -> None:
    assert changes(schedule(wishes={10: (LOWER, 0, VACANT)})) == [(0, 2)]
    assert changes(schedule(wishes={10: (LOWER, LOWER, VACANT)})) == [(0, 2), (18, 1)]


def test_a_wish_to_raise_takes_back_all_wishes_to_lower() -> None:
    wishes = {10: (LOWER, 0), 12: (0, RAISE), 22: (0, LOWER)}
    assert changes(schedule(wishes=wishes)) == [(0, 2), (20, 3)]
    wishes[25] = (LOWER, 0)
    assert changes(schedule(wishes=wishes)) == [(0, 2), (20, 3), (33, 2)]
    assert changes(schedule(wishes={10: (LOWER, RAISE)})) == [(0, 2), (18, 3)]


def test_until_a_change_has_begun_no_other_wish_counts() -> None:
    assert changes(schedule(wishes={10: (RAISE, 0), 17: (0, RAISE)})) == [(0, 2), (18, 3)]
    assert changes(schedule(wishes={10: (RAISE, 0), 18: (0, RAISE)})) == [(0, 2), (18, 3), (26, 4)]


def test_there_is_a_shortest_and_a_longest_delay() -> None:
    assert changes(schedule(1, {10: (LOWER, LOWER)})) == [(0, 1)]
    assert changes(schedule(MAX_INPUT_DELAY, {10: (RAISE, 0)})) == [(0, MAX_INPUT_DELAY)]
    assert changes(schedule(0, {10: (LOWER, LOWER)})) == [(0, 0)]
    assert changes(schedule(0, {10: (RAISE, 0)})) == [(0, 0), (18, 1)]


@pytest.mark.parametrize("frame", range(12, 40))
def test_the_delay_of_a_frame_is_final_once_all_is_known_but_what_may_be_predicted(
    frame: int,
) -> None:
    wishes = {4: (RAISE, 0), 13: (0, RAISE), 22: (LOWER, LOWER), 31: (RAISE, 0)}
    whole, part = schedule(wishes=wishes, end=60), schedule(wishes=wishes, end=frame - LEAD + 1)
    assert part.delay_at(frame) == whole.delay_at(frame)
