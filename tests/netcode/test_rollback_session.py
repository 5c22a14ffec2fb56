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
