import pytest

from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.input_queue import LOWER, RAISE
from interactive_gym.netcode.rollback_session import (
    AdvanceFrame,
    LoadState,
    RollbackSession,
    SaveState,
)


def session(num_seats: int = 2, input_delay: int = 0, max_prediction: int = 3) -> RollbackSession:
    return RollbackSession(num_seats, 0, 9, input_delay, max_prediction)


def test_every_frame_is_saved_before_it_is_simulated() -> None:
    assert session().advance(1) == [SaveState(0), AdvanceFrame(0, b"\x01\x09")]


def test_an_input_applies_after_the_delay_and_the_default_one_until_then() -> None:
    delayed = session(input_delay=2)
    inputs = [delayed.advance(value)[1].inputs[0] for value in (1, 2, 3)]  # type: ignore[union-attr]
    assert inputs == [9, 9, 1]
    assert delayed.local_queue.since(0, 9) == bytes([9, 9, 1, 2, 3])


def test_it_stalls_at_the_prediction_limit_and_goes_on_when_inputs_come() -> None:
    stalling = session(max_prediction=3)
    for _ in range(3):
        assert stalling.may_advance
        stalling.advance(1)
    assert not stalling.may_advance
    stalling.add_inputs(1, 0, b"\x09")
    assert stalling.may_advance


def test_a_right_prediction_needs_no_correction() -> None:
    right = session()
    right.advance(1)
    right.advance(1)
    assert right.add_inputs(1, 0, b"\x09\x09")
    assert right.correct() == []
    assert right.confirmed == 2


def test_the_first_wrong_prediction_of_all_seats_is_where_it_begins_again() -> None:
    wrong = session(num_seats=3)
    for _ in range(3):
        wrong.advance(1)
    assert wrong.add_inputs(1, 0, b"\x09\x09\x05")
    assert wrong.add_inputs(2, 0, b"\x09\x04")
    assert wrong.correct() == [
        LoadState(1),
        SaveState(1),
        AdvanceFrame(1, b"\x01\x09\x04"),
        SaveState(2),
        AdvanceFrame(2, b"\x01\x05\x04"),
    ]
    assert wrong.correct() == []
    assert wrong.confirmed == 2


def test_a_corrected_prediction_that_is_wrong_again_is_corrected_again() -> None:
    wrong = session()
    for _ in range(3):
        wrong.advance(1)
    wrong.add_inputs(1, 0, b"\x05")
    assert wrong.correct()[-1] == AdvanceFrame(2, b"\x01\x05")
    wrong.add_inputs(1, 1, b"\x05\x09")
    assert wrong.correct() == [LoadState(2), SaveState(2), AdvanceFrame(2, b"\x01\x09")]


def test_confirmed_waits_for_the_slowest_seat() -> None:
    three = session(num_seats=3)
    for _ in range(3):
        three.advance(1)
    three.add_inputs(1, 0, b"\x09\x09\x09\x09")
    three.add_inputs(2, 0, b"\x09")
    assert three.confirmed == 1


def test_inputs_for_the_local_seat_are_refused() -> None:
    assert not session().add_inputs(0, 0, b"\x01")


def test_inputs_that_leave_a_gap_are_refused_whole() -> None:
    gap = session()
    assert not gap.add_inputs(1, 1, b"\x01")
    assert gap.queues[1].count == 0


def test_before_anything_is_played_nothing_is_confirmed_or_behind() -> None:
    new = session(num_seats=3, input_delay=2)
    assert (new.frame, new.known, new.confirmed) == (0, 0, 0)
    assert [queue.count for queue in new.queues] == [2, 0, 0]
    assert (new.recalls, new.is_behind, new.may_rebuild, new.may_advance) == (
        *(False, False, False),
        True,
    )


@pytest.mark.parametrize("max_prediction", [1, 2, 8])
def test_so_many_frames_are_predicted_and_no_more(max_prediction: int) -> None:
    stalling = session(max_prediction=max_prediction)
    frames = 0
    while stalling.may_advance:
        stalling.advance(1)
        frames += 1
    assert frames == max_prediction
    stalling.add_inputs(1, 0, b"\x09\x09")
    frames = 0
    while stalling.may_advance:
        stalling.advance(1)
        frames += 1
    assert frames == min(2, max_prediction + 1)


def test_the_local_seat_may_be_any() -> None:
    last = RollbackSession(3, 2, 9, 1, 8)
    assert last.advance(4)[1] == AdvanceFrame(0, b"\x09\x09\x09")
    assert last.advance(5)[1] == AdvanceFrame(1, b"\x09\x09\x04")
    assert not last.add_inputs(2, 0, b"\x09")
    assert last.add_inputs(0, 0, b"\x09")


def test_a_right_prediction_before_a_wrong_one_is_not_simulated_again() -> None:
    wrong = session()
    for _ in range(3):
        wrong.advance(1)
    wrong.add_inputs(1, 0, b"\x09\x05\x05\x05\x05")
    assert wrong.correct()[0] == LoadState(1)
    assert wrong.known == 3
    wrong.advance(1)
    assert wrong.correct() == []


def test_of_two_wrong_predictions_the_earlier_one_counts_whichever_came_first() -> None:
    for seats in ((1, 2), (2, 1)):
        wrong = session(num_seats=3)
        for _ in range(3):
            wrong.advance(1)
        for seat in seats:
            wrong.add_inputs(seat, 0, b"\x05" if seat == 1 else b"\x09\x05")
        assert wrong.correct()[0] == LoadState(0)


def test_inputs_of_frames_that_are_still_to_come_need_no_correction() -> None:
    early = session()
    early.add_inputs(1, 0, b"\x05\x06")
    assert early.correct() == []
    assert early.advance(1)[1] == AdvanceFrame(0, b"\x01\x05")
    assert early.confirmed == 1


def test_inputs_that_contradict_known_ones_are_refused_whole() -> None:
    told = session()
    assert told.add_inputs(1, 0, b"\x01\x02")
    assert not told.add_inputs(1, 0, b"\x01\x03\x04")
    assert told.queues[1].since(0, 9) == b"\x01\x02"


def test_a_seat_that_is_closed_is_vacant_from_its_first_unknown_frame_on() -> None:
    left = session(num_seats=3, max_prediction=8)
    for _ in range(4):
        left.advance(1)
    left.add_inputs(1, 0, b"\x09\x09")
    left.add_inputs(2, 0, b"\x09\x09\x09\x09")
    left.correct()
    left.close(1)
    assert left.known == 4
    assert left.correct() == [
        LoadState(2),
        SaveState(2),
        AdvanceFrame(2, b"\x01\xff\x09"),
        SaveState(3),
        AdvanceFrame(3, b"\x01\xff\x09"),
    ]
    assert not left.add_inputs(1, 2, b"\x09")


def test_what_was_used_is_forgotten_before_the_frame_named_and_not_from_it_on() -> None:
    old = session(max_prediction=8)
    for _ in range(5):
        old.advance(1)
    old.add_inputs(1, 0, b"\x09\x09\x09")
    old.forget_before(3)
    assert sorted(old._used) == [3, 4]
    old.add_inputs(1, 3, b"\x05")
    assert old.correct()[0] == LoadState(3)


def recalling(input_delay: int = 2) -> RollbackSession:
    return RollbackSession(2, 0, 9, input_delay, 8, recalls=True)


def test_who_recalls_makes_no_inputs_but_takes_those_made_earlier() -> None:
    back = recalling()
    assert back.recalls
    assert back.local_queue.count == 0
    assert not back.may_advance
    assert back.add_inputs(0, 0, b"\x09\x09\x01\x02\x03")
    assert (back.is_behind, back.may_rebuild) == (True, False)
    assert back.add_inputs(1, 0, b"\x07\x07")
    assert back.may_rebuild


def test_frames_long_known_are_replayed_without_a_saved_state() -> None:
    back = recalling()
    back.add_inputs(0, 0, b"\x09\x09\x01\x02\x03")
    back.add_inputs(1, 0, b"\x07\x08")
    assert back.rebuild() == [AdvanceFrame(0, b"\x09\x07")]
    assert back.rebuild() == [AdvanceFrame(1, b"\x09\x08")]
    assert not back.may_rebuild
    back.add_inputs(1, 2, b"\x08\x08")
    assert back.rebuild() == [AdvanceFrame(2, b"\x01\x08")]
    # The input of the next frame is to be made now, as far ahead as the delay.
    assert not back.is_behind
    assert (back.may_rebuild, back.may_advance) == (False, False)
    back.end_recall()
    assert back.may_advance
    assert back.advance(4) == [SaveState(3), AdvanceFrame(3, b"\x02\x08")]
    assert not back.add_inputs(0, 0, b"\x09")


@pytest.mark.parametrize("held", [0, 1, 2, 3])
def test_a_recall_that_ends_early_fills_the_delay_with_default_inputs(held: int) -> None:
    back = recalling(input_delay=2)
    back.add_inputs(0, 0, bytes([1] * held))
    back.end_recall()
    assert back.local_queue.since(0, 9) == bytes([1] * held + [9] * max(0, 2 - held))
    assert not back.recalls


def test_while_inputs_made_earlier_are_left_no_new_ones_are_made() -> None:
    back = recalling(input_delay=1)
    back.add_inputs(0, 0, b"\x01\x01\x01")
    back.end_recall()
    assert not back.may_advance
    back.add_inputs(1, 0, b"\x01\x01")
    back.rebuild()
    assert not back.may_advance
    back.rebuild()
    assert back.may_advance


def adaptive() -> RollbackSession:
    """A session whose partner has made the default input of all frames."""
    delays = DelaySchedule(2, 3, wish_frames=20)
    alone = RollbackSession(2, 0, 9, 2, 3, delays=delays)
    alone.add_inputs(1, 0, b"\x09" * 99)
    return alone


def play(session: RollbackSession, pressed: dict[int, int], wishes: dict[int, int]) -> list[int]:
    """The inputs that frames are simulated with, by what is pressed and wished in each tick."""
    for tick in range(30):
        session.advance(pressed.get(tick, 9), wishes.get(tick))
        assert session.may_advance
    return [session.queues[0][frame] for frame in range(session.local_queue.count)]


def test_a_longer_delay_makes_an_input_twice_from_the_agreed_frame_on() -> None:
    session = adaptive()
    inputs = play(session, {tick: tick for tick in range(30)}, {5: RAISE})
    # The wish takes the place of the input of frame 7, and begins with frame 10.
    assert session.local_queue.since(5, 5) == bytes([3, 4, RAISE, 6, 7])
    assert inputs[5:16] == [3, 4, 4, 6, 7, 8, 9, 10, 10, 11, 12]
    assert [session.input_delay_at(frame) for frame in (9, 10)] == [2, 3]
    assert session.local_queue.count == 33


def test_a_shorter_delay_leaves_one_input_out() -> None:
    session = adaptive()
    session.queues[1]._inputs[4] = LOWER
    inputs = play(session, {tick: tick for tick in range(30)}, {5: LOWER})
    assert inputs[5:16] == [3, 4, 4, 6, 7, 8, 9, 11, 12, 13, 14]
    assert [session.input_delay_at(frame) for frame in (9, 10)] == [2, 1]
    assert session.local_queue.count == 31


@pytest.mark.parametrize("tick", [5, 10])
def test_a_key_that_was_down_for_a_tick_whose_input_is_not_made_comes_one_tick_later(
    tick: int,
) -> None:
    session = adaptive()
    session.queues[1]._inputs[4] = LOWER
    assert play(session, {tick: 4}, {5: LOWER}).count(4) == 1


def test_the_delay_is_known_in_every_frame_that_may_be_simulated() -> None:
    for known in range(5, 30):
        session = RollbackSession(2, 0, 9, 2, 3, delays=DelaySchedule(2, 3, wish_frames=20))
        session.add_inputs(1, 0, b"\x09" * 5 + bytes([RAISE]) + b"\x09" * 60)
        session.queues[1]._inputs = session.queues[1]._inputs[:known]
        while session.may_advance:
            session.advance(9)
        assert session.frame == known + 3
        assert session.input_delay_at(known + 2) == (3 if known + 2 >= 8 else 2)
