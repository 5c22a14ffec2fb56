from interactive_gym.netcode.game_config import MAX_ACTIONS
from interactive_gym.netcode.input_queue import (
    ACTION_MASK,
    HIDDEN,
    LOWER,
    RAISE,
    VACANT,
    InputQueue,
)


def queue_of(*inputs: int) -> InputQueue:
    queue = InputQueue(default_input=9)
    for value in inputs:
        queue.append(value)
    return queue


def test_an_unknown_input_is_predicted_to_be_the_last_known_one() -> None:
    assert queue_of()[4] == 9
    assert queue_of(1, 2)[4] == 2
    assert queue_of(1, 2, 3)[4] == 3
    assert queue_of(1, 2)[0] == 1


def test_inputs_that_leave_a_gap_are_not_accepted() -> None:
    assert queue_of(1, 2).accepts(2, b"\x03")
    assert not queue_of(1, 2).accepts(3, b"\x03")
    assert not queue_of(1, 2).accepts(3, b"")


def test_inputs_that_contradict_known_ones_are_not_accepted() -> None:
    assert queue_of(1, 2, 3).accepts(1, b"\x02\x03\x04")
    assert not queue_of(1, 2, 3).accepts(1, b"\x02\x04\x04")


def test_known_inputs_repeated_are_accepted_and_add_nothing() -> None:
    queue = queue_of(1, 2, 3)
    assert queue.accepts(0, b"\x01\x02")
    queue.extend(0, b"\x01\x02")
    assert queue.count == 3


def test_only_the_new_inputs_are_added() -> None:
    queue = queue_of(1, 2, 3)
    queue.extend(1, b"\x02\x03\x04\x05")
    assert queue.since(0, 9) == b"\x01\x02\x03\x04\x05"
    assert queue.since(3, 9) == b"\x04\x05"
    assert queue.since(5, 9) == b""


def test_an_input_is_seven_bits_of_action_and_one_of_hidden_and_all_ones_is_vacant() -> None:
    assert (HIDDEN, ACTION_MASK, VACANT) == (128, 127, 255)


def test_nothing_is_known_beyond_what_was_made() -> None:
    assert (queue_of().count, queue_of().known) == (0, 0)
    queue = queue_of(1, 2)
    assert (queue.count, queue.known, queue.is_closed) == (2, 2, False)
    assert (queue[1], queue[2]) == (2, 2)


def test_a_closed_queue_knows_that_every_further_input_is_vacant() -> None:
    queue = queue_of(1, 2)
    queue.close()
    assert queue.is_closed
    assert queue.count == 2
    assert queue.known > 10**9
    assert [queue[frame] for frame in (0, 1, 2, 10**9)] == [1, 2, VACANT, VACANT]
    assert queue.prediction == VACANT
    assert queue.since(0, 9) == b"\x01\x02"


def test_a_closed_queue_accepts_nothing_not_even_what_it_holds() -> None:
    queue = queue_of(1, 2)
    queue.close()
    for first_frame, inputs in ((2, b"\x03"), (0, b"\x01"), (2, b"")):
        assert not queue.accepts(first_frame, inputs)


def test_no_more_inputs_are_given_than_asked_for() -> None:
    queue = queue_of(1, 2, 3, 4)
    assert queue.since(1, 2) == b"\x02\x03"
    assert queue.since(1, 0) == b""


def test_inputs_that_end_before_the_last_known_one_add_nothing() -> None:
    queue = queue_of(1, 2, 3)
    queue.extend(3, b"\x04")
    queue.extend(0, b"\x01")
    assert queue.since(0, 9) == b"\x01\x02\x03\x04"


def test_a_wish_is_sent_as_it_is_and_played_as_the_input_before_it() -> None:
    queue = queue_of(RAISE, 1, 2)
    queue.extend(3, bytes([RAISE, LOWER, 4, LOWER]))
    assert [queue[frame] for frame in range(9)] == [9, 1, 2, 2, 2, 4, 4, 4, 4]
    assert queue.since(0, 9) == bytes([RAISE, 1, 2, RAISE, LOWER, 4, LOWER])
    assert [queue.made(frame) for frame in (0, 2, 3, 4)] == [RAISE, 2, RAISE, LOWER]
    assert queue.prediction == 4
    assert queue.accepts(3, bytes([RAISE, LOWER]))
    assert not queue.accepts(3, b"\x02\x02")
    queue.close()
    assert (queue.made(7), queue[7], queue[6]) == (VACANT, VACANT, 4)


def test_no_wish_is_an_action_be_the_page_hidden_or_not() -> None:
    assert {value & ACTION_MASK for value in (RAISE, LOWER)} == {MAX_ACTIONS, MAX_ACTIONS + 1}
    assert VACANT & ACTION_MASK >= MAX_ACTIONS
