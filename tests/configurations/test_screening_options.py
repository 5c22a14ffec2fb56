import re

import pytest

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import DeviceCheck, EndScene, StartScene
from tests.support.game_scenes import SOMEBODY
from tests.support.game_scenes import game as game_for_two


def experiment(*scenes):
    start, end = StartScene().scene(scene_id="start"), EndScene().scene(scene_id="end")
    stager = Stager(scenes=[start, *scenes, end])
    return ExperimentConfig().experiment(stager=stager, experiment_id="pilot")


def device_check(scene_id="device"):
    return DeviceCheck().scene(scene_id=scene_id)


def test_limits_that_are_left_out_stay():
    config = ExperimentConfig().entry_screening(max_ping=200, pointer="mouse")
    config.entry_screening(min_window=[1000, 700], max_frame_share=0.5)
    rules = config.screening_rules
    assert (rules.max_server_rtt_ms, rules.pointer) == (200, "mouse")
    assert (rules.min_window, rules.max_frame_share) == ((1000, 700), 0.5)
    assert config.entry_screening(max_ping=None).screening_rules.max_server_rtt_ms is None


@pytest.mark.parametrize(
    "options",
    [
        *({"browser_requirements": value} for value in (["Chrome"], None)),
        *({"browser_blocklist": value} for value in ("Chrome", None)),
        *({"max_ping": value} for value in (0, -1, "200", True)),
        *({"min_ping_measurements": value} for value in (0, 6, None)),
        *({"pointer": value} for value in ("finger", True)),
        *({"min_window": value} for value in (1000, (1000,), (0, 5), ("a", 5), (1, 20_000))),
        *({"max_frame_share": value} for value in (0, 1.1, "1", True)),
        *({"exclusion_messages": value} for value in ("No", {"no_keyboard": ""}, None)),
        *({"entry_callback": value} for value in ("no", 1)),
    ],
)
def test_a_limit_that_cannot_be_is_refused_where_it_is_written(options):
    (option, value), *_ = options.items()
    with pytest.raises(ValueError, match=rf"^{option} is {re.escape(repr(value))}: give "):
        ExperimentConfig().entry_screening(**options)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"browser_requirements": {"chrome": 100}}, "names 'chrome': give one of Edge"),
        ({"browser_requirements": {"Chrome": "100"}}, "has '100' for Chrome: give the number"),
        ({"browser_blocklist": ["IE"]}, "names 'IE': give one of"),
        ({"exclusion_messages": {"phone": "x"}}, "names 'phone', which is no reason: give one of"),
    ],
)
def test_names_that_are_not_known_are_refused_with_those_that_are(options, why):
    with pytest.raises(ValueError, match=why):
        ExperimentConfig().entry_screening(**options)


def test_limits_without_a_page_that_looks_at_them_do_not_start():
    config = experiment(game_for_two()).entry_screening(max_ping=100)
    with pytest.raises(ValueError, match="no scene is a DeviceCheck"):
        config.check()
    experiment(device_check(), game_for_two()).entry_screening(max_ping=100).check()


def test_a_page_tries_the_game_that_comes_next_and_knows_the_limits():
    first, second = device_check("first"), device_check("second")
    config = experiment(first, game_for_two(), second).entry_screening(pointer="touch")
    config.check()
    assert first.needs_keyboard
    assert first.needs_partners
    assert not second.needs_keyboard
    assert second.to_client(SOMEBODY)["game"] is None
    assert first.to_client(SOMEBODY)["pointer"] == second.rules.pointer == "touch"
