from interactive_gym.netcode.input_queue import InputQueue


def queue_of(*inputs: int) -> InputQueue:
    queue = InputQueue(default_input=9)
    for value in inputs:
        queue.append(value)
    return queue


def test_an_unknown_input_is_predicted_to_be_the_last_known_one() -> None:
    assert queue_of()[4] == 9
    assert queue_of(1, 2)[4] == 2
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
