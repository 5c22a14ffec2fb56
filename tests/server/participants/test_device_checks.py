from interactive_gym.options.link_parameters import LinkParameters
from interactive_gym.options.screening_rules import ScreeningRules
from interactive_gym.scenes.static_scene import DeviceCheck
from interactive_gym.server.participants.device_checks import DeviceChecks
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.participants.server_rtt import ServerRttMeter
from tests.server.participants.test_screening import DEVICE, device
from tests.support.game_scenes import game as game_for_two


class Answering:
    """A Socket.IO server whose clients answer at once, or not at all."""

    def __init__(self, answers):
        self._answers = answers
        self.asked = 0

    def emit(self, event, payload, to, callback):
        self.asked += 1
        if self._answers:
            callback()


class World:
    def __init__(self, answers=True, **rules):
        self.lines = []
        self.sio = Answering(answers)
        rtt = ServerRttMeter(self.sio, clock=lambda: 0.0)
        self.checks = DeviceChecks(rtt, lambda *names, **fields: self.lines.append((names, fields)))
        self.scene = DeviceCheck().scene(scene_id="device")
        self.scene.prepare(
            ScreeningRules(**rules), game_for_two(), ice_servers=[], force_relay=False
        )
        link = LinkParameters("st", None, {"wave": "2"})
        self.participant = Participant("s1", "P", "CODE", sid="sid", link=link)

    def take(self, report=DEVICE):
        return self.checks.take(self.participant, self.scene, report)


def test_a_device_that_is_suitable_is_kept_with_its_figures():
    world = World()
    assert world.take() is None
    ((names, fields),) = world.lines
    assert names == ("device_checked", "s1")
    assert (fields["reason"], fields["reasons"], fields["message"]) == (None, (), None)
    assert fields["figures"]["window_width"] == 1200
    assert world.participant.exclusion_message is None


def test_who_is_excluded_is_told_why():
    world = World()
    assert world.take(device(keyboard=False)) is None
    assert world.lines[0][1]["reason"] == "no_keyboard"
    assert "keyboard" in world.participant.exclusion_message


def test_without_a_report_nothing_is_judged():
    world = World()
    assert "faults" in world.take(None)
    assert world.lines == []


def test_the_server_rtt_is_judged_after_as_many_measurements_as_wanted():
    world = World(max_server_rtt_ms=1.0, min_rtt_measurements=4)
    assert world.take() == {"measuring": True}
    assert world.sio.asked == 4
    assert world.take() is None
    assert world.lines[0][1]["figures"]["server_rtt_ms"] == 0.0


def test_a_page_that_is_never_measured_comes_no_further():
    world = World(answers=False, max_server_rtt_ms=1.0)
    assert {str(world.take()) for _ in range(20)} == {"{'measuring': True}"}
    assert world.lines == []


def test_the_studys_own_callback_knows_the_parameters_of_the_link_but_not_the_id():
    told = []
    World(entry_callback=told.append).take()
    assert told[0]["study_id"] == "st"
    assert told[0]["parameters"] == {"wave": "2"}
    assert "P" not in told[0].values()
