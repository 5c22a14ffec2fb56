import msgspec
import pytest

from interactive_gym.options.screening_rules import MESSAGES, ScreeningRules
from interactive_gym.scenes.static_scene import DeviceCheck
from interactive_gym.server.messages.device import DeviceReport
from interactive_gym.server.participants.screening import screen
from tests.support.game_scenes import game as game_for_two

DEVICE = DeviceReport(
    user_agent="Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36",
    window_width=1200,
    window_height=800,
    screen_width=1920,
    screen_height=1080,
    keyboard=True,
    pointer="mouse",
    webrtc="works",
    frame_ms=10.0,
)


def seen(device=DEVICE, rtt_ms=40.0, *, game=True, force_relay=False, known=None, **rules):
    scene = DeviceCheck().scene(scene_id="device")
    scene.prepare(
        ScreeningRules(**rules),
        game_for_two() if game else None,
        ice_servers=[],
        force_relay=force_relay,
    )
    return screen(scene, device, rtt_ms, known or {})


def device(**fields):
    return msgspec.structs.replace(DEVICE, **fields)


def test_who_has_all_that_is_needed_may_take_part():
    found = seen()
    assert (found.reasons, found.message) == ((), None)
    assert found.figures["browser"] == "Chrome"
    assert found.figures["browser_version"] == 120
    assert found.figures["server_rtt_ms"] == 40.0
    assert found.figures["frame_ms"] == 10.0


@pytest.mark.parametrize(
    ("fields", "rules", "reason"),
    [
        ({"missing": ["WebAssembly"]}, {}, "browser_features"),
        ({}, {"browser_blocklist": ("Chrome",)}, "browser_blocked"),
        ({}, {"browser_requirements": {"Chrome": 121}}, "browser_outdated"),
        ({"webrtc": "missing"}, {}, "no_webrtc"),
        ({"webrtc": "failed"}, {}, "no_webrtc"),
        ({"webrtc": None}, {}, "no_webrtc"),
        ({"turn": "failed"}, {"force_relay": True}, "no_turn"),
        ({"keyboard": False}, {}, "no_keyboard"),
        ({"keyboard": None}, {}, "no_keyboard"),
        ({"pointer": "touch"}, {"pointer": "mouse"}, "no_pointer"),
        ({"pointer": None}, {"pointer": "mouse"}, "no_pointer"),
        ({"pointer": "pen"}, {"pointer": "touch"}, "no_touch"),
        ({"window_width": 999}, {"min_window": (1000, 700)}, "window_too_small"),
        ({"window_height": 699}, {"min_window": (1000, 700)}, "window_too_small"),
        ({}, {"max_server_rtt_ms": 39.0}, "server_rtt"),
        ({}, {"max_frame_share": 0.25}, "slow_device"),
    ],
)
def test_what_a_device_lacks_is_a_reason_with_its_message(fields, rules, reason):
    found = seen(device(**fields), **rules)
    assert found.reasons == (reason,)
    assert found.message == MESSAGES[reason]


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({"pointer": "pen"}, {"pointer": "mouse"}),
        ({"pointer": "touch"}, {"pointer": "touch"}),
        ({}, {"min_window": (1200, 800)}),
        ({}, {"max_server_rtt_ms": 40.0}),
        ({}, {"max_frame_share": 0.31}),
        ({"frame_ms": None}, {"max_frame_share": 0.01}),
        ({}, {"browser_requirements": {"Chrome": 120, "Firefox": 999}}),
        ({"user_agent": "?"}, {"browser_requirements": {"Chrome": 999}}),
        ({"turn": "failed"}, {}),
        ({"keyboard": None, "webrtc": None}, {"game": False}),
    ],
)
def test_a_limit_that_is_kept_excludes_nobody(fields, rules):
    assert seen(device(**fields), **rules).reasons == ()


def test_without_a_measurement_the_server_rtt_excludes_nobody():
    assert seen(rtt_ms=None, max_server_rtt_ms=1.0).reasons == ()


def test_all_reasons_are_kept_and_the_first_is_told():
    found = seen(device(keyboard=False, webrtc="missing"), messages={"no_webrtc": "Sorry."})
    assert found.reasons == ("no_webrtc", "no_keyboard")
    assert found.message == "Sorry."


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Not today.", "Not today."),
        ("", MESSAGES["entry_callback"]),
        ({"exclude": True, "message": "No."}, "No."),
        ({"exclude": True}, MESSAGES["entry_callback"]),
        ({"exclude": False, "message": "No."}, None),
        (None, None),
        (False, None),
        (True, None),
        (7, None),
    ],
)
def test_the_study_may_decide_itself(said, message):
    found = seen(entry_callback=lambda known: said)
    assert found.message == message
    assert found.reasons == (() if message is None else ("entry_callback",))


def test_the_study_is_told_the_figures_and_what_else_is_known():
    told = []
    seen(known={"parameters": {"wave": "2"}}, entry_callback=told.append)
    assert told[0]["window_width"] == 1200
    assert told[0]["parameters"] == {"wave": "2"}


def test_a_callback_that_fails_excludes_nobody_and_is_logged(caplog):
    assert seen(entry_callback=lambda known: known["nothing"]).reasons == ()
    assert "entry_callback of the study failed" in caplog.text


def test_the_study_is_not_asked_about_who_is_excluded_anyway():
    assert seen(device(keyboard=False), entry_callback=lambda known: "x").reasons == (
        "no_keyboard",
    )
