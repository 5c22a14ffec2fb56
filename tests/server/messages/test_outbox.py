import threading

from interactive_gym.server.messages.outbox import Outbox
from tests.support.matching_fakes import RecordingSio


def outbox() -> Outbox:
    return Outbox(RecordingSio())


def test_effects_are_carried_out_in_order_after_the_outermost_decision():
    some, done = outbox(), []
    with some.transaction():
        some.add(lambda: done.append(1))
        with some.transaction():
            some.add(lambda: done.append(2))
        assert done == []
    assert done == [1, 2]


def test_an_effect_that_decides_again_puts_its_effects_behind_those_waiting():
    some, done = outbox(), []

    def decide_again():
        with some.transaction():
            some.add(lambda: done.append("later"))
        done.append("first")

    with some.transaction():
        some.add(decide_again)
        some.add(lambda: done.append("second"))
    assert done == ["first", "second", "later"]


def test_an_effect_that_raises_harms_no_other(caplog):
    some, done = outbox(), []
    with some.transaction():
        some.add(lambda: 1 / 0)
        some.add(lambda: done.append(1))
    assert done == [1]
    assert "ZeroDivisionError" in caplog.text


def test_what_was_decided_before_an_error_is_still_carried_out():
    some, done = outbox(), []
    try:
        with some.transaction():
            some.add(lambda: done.append(1))
            raise KeyError
    except KeyError:
        pass
    assert done == [1]


def test_no_lock_is_held_while_an_effect_runs():
    some, entered = outbox(), threading.Event()

    def other_thread_decides():
        with some.transaction():
            entered.set()

    def wait_for_the_other():
        thread = threading.Thread(target=other_thread_decides)
        thread.start()
        assert entered.wait(60.0)
        thread.join(60.0)

    with some.transaction():
        some.add(wait_for_the_other)
    assert entered.is_set()


def test_an_effect_stopped_from_outside_does_not_stop_all_that_follow():
    some, done = outbox(), []

    def stop():
        raise SystemExit

    try:
        with some.transaction():
            some.add(stop)
            some.add(lambda: done.append("left over"))
    except SystemExit:
        pass
    with some.transaction():
        some.add(lambda: done.append("next"))
    assert done == ["left over", "next"]


def test_emits_go_to_the_room_of_the_participant():
    sio = RecordingSio()
    some = Outbox(sio)
    with some.transaction():
        some.emit("scene", "a", {"index": 0})
        assert sio.emitted == []
    assert sio.emitted == [("a", "scene", {"index": 0})]
