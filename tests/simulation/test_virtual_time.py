import pytest

from interactive_gym.simulation.virtual_time import VirtualTime


def test_events_happen_in_order_of_time_and_then_of_scheduling():
    time, happened = VirtualTime(), []
    for name, time_s in (("c", 2.0), ("a", 1.0), ("d", 2.0), ("b", 1.5)):
        time.at(time_s, lambda name=name: happened.append((name, time())))
    time.run()
    assert happened == [("a", 1.0), ("b", 1.5), ("c", 2.0), ("d", 2.0)]


def test_an_event_can_schedule_another_for_the_same_moment():
    time, happened = VirtualTime(), []
    time.at(5.0, lambda: time.after(0.0, lambda: happened.append(time())))
    time.run()
    assert happened == [5.0]


def test_a_cancelled_event_does_not_happen():
    time, happened = VirtualTime(), []
    timer = time.after(1.0, lambda: happened.append("cancelled"))
    time.after(2.0, lambda: happened.append("kept"))
    timer.cancel()
    time.run()
    assert happened == ["kept"]


def test_nothing_can_be_scheduled_for_the_past():
    time = VirtualTime()
    time.at(2.0, lambda: time.at(1.0, lambda: None))
    with pytest.raises(ValueError, match=r"It is 2\.0 s already"):
        time.run()
