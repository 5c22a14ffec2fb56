import logging

import pytest

from interactive_gym.server.experiment import (
    RTT_INTERVAL_S,
    SWEEP_INTERVAL_S,
    RunningExperiment,
)
from interactive_gym.server.game_manager import LOOK_AT_CROWD_S
from interactive_gym.server.games.events import GameFrames, GameReady
from interactive_gym.server.verifying.rehearsals import Rehearsals

SLEEPS_A_SWEEP = round(SWEEP_INTERVAL_S / LOOK_AT_CROWD_S)


class Stop(BaseException):
    """Ends the endless sweeps."""


def sweeping(mocker, sweeps, **parts):
    """Run *sweeps* sweeps of an experiment made of mocks."""
    names = ("participants", "probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.MagicMock() for name in names} | {"managers": {}} | parts
    mocks["rehearsals"] = Rehearsals({})
    experiment = RunningExperiment(mocker.MagicMock(), mocker.MagicMock(), **mocks)
    sleep = mocker.Mock(side_effect=[None] * sweeps * SLEEPS_A_SWEEP + [Stop])
    with pytest.raises(Stop):
        experiment.run_sweeps(sleep)
    return mocks


def test_every_sweep_looks_at_the_deadlines_of_probes_and_games(mocker):
    managers = {name: mocker.MagicMock() for name in "ab"}
    mocks = sweeping(mocker, 3, managers=managers)
    assert mocks["probe_coordinator"].sweep.call_count == 3
    assert [manager.tick.call_count for manager in managers.values()] == [3, 3]


def test_between_two_sweeps_crowds_are_looked_at_and_nothing_else(mocker):
    managers = {name: mocker.MagicMock() for name in "ab"}
    sweeping(mocker, 2, managers=managers)
    for manager in managers.values():
        assert manager.look_at_crowd.call_count == 2 * (SLEEPS_A_SWEEP - 1)
        # A sweep itself calls tick and take_engine_failures.
        assert len(manager.method_calls) == 2 * (SLEEPS_A_SWEEP + 1)


def test_a_sweep_that_fails_in_one_game_scene_goes_on_in_the_others(mocker, caplog):
    failing, working = mocker.MagicMock(), mocker.MagicMock()
    failing.tick.side_effect = RuntimeError("broken matchmaker")
    with caplog.at_level(logging.ERROR):
        sweeping(mocker, 2, managers={"a": failing, "b": working})
    assert working.tick.call_count == 2
    assert "broken matchmaker" in caplog.text


def measuring(mocker, participants, sleeps):
    """Whom an experiment measures, and when, until it has slept so often."""
    names = ("probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.MagicMock() for name in names} | {"managers": {}}
    mocks["rehearsals"] = Rehearsals({})
    registry = mocker.Mock(**{"connected.return_value": participants})
    experiment = RunningExperiment(
        mocker.MagicMock(), mocker.MagicMock(), participants=registry, **mocks
    )
    slept = []
    asked = []
    mocks["server_rtt"].measure.side_effect = lambda who, sid: asked.append((who, sum(slept)))

    def sleep(seconds):
        if len(slept) == sleeps:
            raise Stop
        slept.append(seconds)

    with pytest.raises(Stop):
        experiment.measure_server_rtts(sleep)
    return asked


def test_the_server_rtts_of_everyone_are_measured_one_after_the_other(mocker):
    people = [mocker.Mock(subject_id=f"s{n}", sid=f"sid{n}") for n in range(4)]
    step_s = RTT_INTERVAL_S / 4
    assert measuring(mocker, people, sleeps=7) == [
        (f"s{n % 4}", pytest.approx(n * step_s)) for n in range(8)
    ]


def test_nobody_is_measured_who_is_not_there(mocker):
    assert measuring(mocker, [], sleeps=3) == []
    gone = mocker.Mock(subject_id="s1", sid=None)
    assert measuring(mocker, [gone], sleeps=3) == []


def test_a_lost_connection_ends_the_probes_of_its_participant(mocker):
    manager = mocker.Mock()
    names = ("participants", "probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.MagicMock() for name in names}
    mocks["rehearsals"] = Rehearsals({})
    mocks["participants"].disconnect.return_value = mocker.Mock(subject_id="s1", scene_index=0)
    stager = mocker.Mock(scenes=(mocker.Mock(scene_id="game"),))
    experiment = RunningExperiment(stager, mocker.Mock(), managers={"game": manager}, **mocks)
    experiment.disconnect("sid1")
    manager.handle_disconnect.assert_called_once_with("s1")
    mocks["probe_coordinator"].handle_disconnect.assert_called_once_with("s1")


def test_the_end_of_a_replaced_socket_touches_nobody(mocker):
    names = ("participants", "probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.MagicMock() for name in names}
    mocks["rehearsals"] = Rehearsals({})
    mocks["participants"].disconnect.return_value = None
    experiment = RunningExperiment(mocker.Mock(scenes=()), mocker.Mock(), managers={}, **mocks)
    experiment.disconnect("sid1")
    mocks["probe_coordinator"].handle_disconnect.assert_not_called()


@pytest.fixture
def games(mocker):
    """An experiment in whose scenes one game each goes on, and its parts."""
    managers = {name: mocker.Mock() for name in "ab"}
    for name, manager in managers.items():
        manager.has_game.side_effect = lambda game_id, name=name: game_id == f"game-{name}"
        manager.handle_game_message.return_value = {"next": name}
    names = ("participants", "probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.Mock() for name in names}
    mocks["rehearsals"] = Rehearsals({})
    mocks["late_games"].take.return_value = {"next": "late"}
    mocks["participants"].identity_of.side_effect = {"sound": mocker.Mock(subject_id="other")}.get
    experiment = RunningExperiment(
        mocker.Mock(scenes=()), mocker.Mock(), managers=managers, **mocks
    )
    return experiment, managers, mocks["late_games"]


def frames_of(game_id, token=None):
    return GameFrames(game_id, columns=[], first_frame=0, rows=[], digest="", token=token)


def test_what_is_said_of_a_game_finds_it_in_whatever_scene_it_is(mocker, games):
    experiment, managers, late = games
    participant = mocker.Mock(subject_id="s1")
    for name in "ab":
        for message in (frames_of(f"game-{name}"), GameReady(f"game-{name}")):
            assert experiment.take_game_message(participant, message) == {"next": name}
            managers[name].handle_game_message.assert_called_with("s1", message)
    late.take.assert_not_called()


def test_data_of_a_game_that_is_over_are_taken_and_nothing_else_is(mocker, games):
    experiment, managers, late = games
    participant, message = mocker.Mock(subject_id="s1"), frames_of("game-c")
    assert experiment.take_game_message(participant, message) == {"next": "late"}
    late.take.assert_called_once_with("s1", message)
    assert experiment.take_game_message(participant, GameReady("game-c")) is None
    late.take.assert_called_once()
    for manager in managers.values():
        manager.handle_game_message.assert_not_called()


@pytest.mark.parametrize("game_id", ["game-a", "game-c"])
def test_a_page_may_send_what_another_participant_has_kept_in_its_browser(mocker, games, game_id):
    experiment, managers, late = games
    participant = mocker.Mock(subject_id="s1")
    assert experiment.take_game_message(participant, frames_of(game_id, "forged")) is None
    take = managers["a"].handle_game_message if game_id == "game-a" else late.take
    take.assert_not_called()
    assert experiment.take_game_message(participant, frames_of(game_id, "sound")) is not None
    take.assert_called_once_with("other", frames_of(game_id, "sound"))


@pytest.mark.parametrize("ask", ["join", "leave_waitroom"])
def test_what_a_page_asks_of_another_scene_than_its_own_is_ignored(mocker, ask):
    manager = mocker.Mock()
    names = ("participants", "probe_coordinator", "data_store", "late_games", "server_rtt")
    mocks = {name: mocker.Mock() for name in names}
    mocks["rehearsals"] = Rehearsals({})
    stager = mocker.Mock(scenes=tuple(mocker.Mock(scene_id=scene_id) for scene_id in ("a", "b")))
    managers = {"a": mocker.Mock(), "b": manager}
    experiment = RunningExperiment(stager, mocker.Mock(), managers=managers, **mocks)
    participant = mocker.Mock(subject_id="s1", scene_index=1)
    getattr(experiment, ask)(participant, "a")
    assert manager.mock_calls == managers["a"].mock_calls == []
    getattr(experiment, ask)(participant, "b")
    getattr(manager, ask).assert_called_once_with("s1")
