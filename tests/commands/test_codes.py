import json
import textwrap

import pytest

from interactive_gym import cli
from tests.support.researchers_scripts import SCRIPT_HEAD

BODY = """
from interactive_gym.scenes.outcomes import Ending, ScreenOutPayment
from interactive_gym.scenes.static_scene import CompletionCodeScene
end = CompletionCodeScene().scene(scene_id="end").completion(code="DONE")
config = ExperimentConfig().experiment(
    stager=Stager(scenes=[StartScene().scene(scene_id="start"), end]), experiment_id="mine"
)
"""
TABLE = """
paid = ScreenOutPayment(amount=0.29, slots=20)
config.outcomes(
    {
        "no_partner": Ending(code="ALONE", action=paid),
        "consent_refused": Ending(code="NO"),
        "idle": Ending(scenes=["start"]),
    },
    currency="£",
)
"""


@pytest.fixture
def codes(tmp_path, capsys):
    """Runs the command on a script; returns its status and what it prints."""

    def run(body, *options):
        path = tmp_path / "my_study.py"
        path.write_text(SCRIPT_HEAD + textwrap.dedent(body) + "\nrun(config)\n")
        status = cli.main(["codes", str(path), *options])
        return status, capsys.readouterr()

    return run


def test_the_platform_is_told_every_common_code_once_with_what_it_does(codes):
    status, printed = codes(BODY + TABLE, "--json")
    assert status == 0
    by_participant = {"actor": "participant"}
    paid = {"action": "FIXED_SCREEN_OUT_PAYMENT", "fixed_screen_out_reward": 29, "slots": 20}
    assert json.loads(printed.out) == [
        {"code": "DONE", "code_type": "COMPLETED", **by_participant}
        | {"actions": [{"action": "AUTOMATICALLY_APPROVE"}]},
        {"code": "ALONE", "code_type": "OTHER", **by_participant, "actions": [paid]},
        {"code": "NO", "code_type": "NO_CONSENT", **by_participant}
        | {"actions": [{"action": "REQUEST_RETURN"}]},
    ]


def test_the_table_has_a_line_for_every_outcome(codes):
    status, printed = codes(BODY + TABLE)
    lines = dict(line.split(maxsplit=1) for line in printed.out.splitlines())
    assert status == 0 and len(lines) == 11
    assert lines["completed"].split() == ["DONE", "approve", "full", "all"]
    assert lines["no_partner"].split("  ")[0] == "ALONE"
    assert "pay £0.29 to at most 20" in lines["no_partner"]
    assert lines["idle"].split() == ["(their", "own)", "review", "none", "start"]
    assert lines["failed_quiz"].startswith("(none)")


def test_a_study_without_a_table_or_with_one_that_cannot_hold_is_refused(codes):
    status, printed = codes(BODY)
    assert status == 2 and "call .outcomes()" in printed.err
    status, printed = codes(BODY + 'config.outcomes({"idle": Ending(code="DONE")})')
    assert status == 2 and "has too: give each outcome its own code" in printed.err


def test_the_platform_pays_a_fixed_amount_for_one_code_only(codes):
    paid = "Ending(code={!r}, action=ScreenOutPayment(amount=1, slots=2))"
    table = f'config.outcomes({{"idle": {paid.format("A")}, "left": {paid.format("B")}}})'
    status, printed = codes(BODY + table)
    assert status == 2 and "action of the outcome 'left' is a ScreenOutPayment" in printed.err
