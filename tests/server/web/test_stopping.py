import os
import signal

import pytest

from interactive_gym.server.web.stopping import LAST_FRAMES_S, Stopping


class FakeExperiment:
    """An experiment with so many games that go on."""

    def __init__(self, open_games):
        self.open_games = open_games
        self.calls = []

    def stop_admissions(self):
        self.calls.append("stop_admissions")

    def stop_games(self):
        self.calls.append("stop_games")

    def close_games(self):
        self.calls.append("close_games")


class World:
    def __init__(self, open_games=1, timeout_s=60.0):
        self.now_s = 100.0
        self.experiment = FakeExperiment(open_games)
        self.calls = self.experiment.calls
        self.stopping = Stopping(
            self.experiment,
            clock=lambda: self.now_s,
            timeout_s=timeout_s,
            leave=lambda: self.calls.append("leave"),
        )

    def after(self, seconds):
        self.now_s += seconds
        self.stopping.tick()
        return self.calls


def test_nothing_happens_before_it_is_asked_for():
    assert World(open_games=0).after(1000) == []


def test_a_server_without_games_is_left_at_once():
    world = World(open_games=0)
    world.stopping.ask()
    assert world.after(0) == ["stop_admissions", "close_games", "leave"]


def test_games_are_played_to_their_end():
    world = World()
    world.stopping.ask()
    assert world.after(0) == world.after(59.9) == ["stop_admissions"]
    world.experiment.open_games = 0
    assert world.after(0) == ["stop_admissions", "close_games", "leave"]


def test_games_that_take_too_long_are_ended_and_their_last_frames_awaited():
    world = World(timeout_s=10)
    world.stopping.ask()
    world.after(0)
    assert world.after(10) == world.after(LAST_FRAMES_S - 0.1) == ["stop_admissions", "stop_games"]
    assert world.after(0.1) == ["stop_admissions", "stop_games", "close_games", "leave"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_first_signal_asks_and_a_second_one_has_its_usual_effect(number):
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    world = World(open_games=0)
    try:
        world.stopping.listen()
        os.kill(os.getpid(), number)
        assert world.after(0)[-1] == "leave"
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
