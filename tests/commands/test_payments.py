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
    stager=Stager(scenes=[StartScene().scene(scene_id="start"), end]), experiment_id="mine",
    data_dir=DATA,
)
config.outcomes(
    {
        "idle": Ending(pay=0.5),
        "left": Ending(code="LEFT", action=ScreenOutPayment(amount=0.25, slots=9)),
    },
    currency="£",
"""
PAY = "reward=3, hourly_rate=12)"


@pytest.fixture
def payments(tmp_path, capsys):
    """Runs the command on a study of these ways: recruitment id, minutes, outcome."""

    def run(ways, *options, pay=PAY):
        folder = tmp_path / "data" / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        lines, ids = [], []
        for number, (recruitment_id, minutes, outcome) in enumerate(ways):
            who = {"subject_id": f"s{number}"}
            lines.append(
                {"time": "2026-01-01T12:00:00.000Z", "event": "started", **who}
                | {"completion_code": "OWN"}
            )
            ids.append(who | {"recruitment_id": recruitment_id})
            last = {"event": "completed", "outcome": outcome} if outcome else {"event": "gone"}
            lines.append({"time": f"2026-01-01T12:{minutes:02}:00.000Z", **last, **who})
        for name, told in (("participants", lines), ("recruitment", ids)):
            text = "".join(json.dumps(it) + "\n" for it in told)
            (folder / f"{name}.jsonl").write_text(text)
        script = tmp_path / "my_study.py"
        body = f"DATA = {str(tmp_path / 'data')!r}\n" + textwrap.dedent(BODY) + pay
        script.write_text(SCRIPT_HEAD + body + "\nrun(config)\n")
        target = tmp_path / "payments.csv"
        status = cli.main(["payments", str(script), "--to", str(target), *options])
        return status, target.read_text() if target.exists() else None, capsys.readouterr()

    return run


WAYS = [
    ("FULL", 20, "completed"),
    ("WAITED", 5, "no_partner"),
    ("LONG", 40, "no_partner"),
    ("AWAY", 9, "idle"),
    ("GONE", 9, "left"),
    ("NO", 1, "consent_refused"),
    ("OPEN", 8, None),
]


def test_whom_the_platform_does_not_pay_by_a_code_is_proposed_by_the_table(payments):
    status, written, printed = payments(WAYS)
    assert status == 0
    assert written.splitlines() == ["WAITED,1.00", "LONG,3.00", "AWAY,0.50"]
    assert "3 of 7 participants are to be paid £4.50" in printed.out


def test_all_can_be_asked_for_and_nobody_is_paid_twice(payments):
    ways = [*WAYS, ("WAITED", 10, "no_partner"), (None, 5, "no_partner")]
    status, written, printed = payments(ways, "--all")
    assert status == 0
    assert written.splitlines() == [
        *("FULL,3.00", "WAITED,2.00", "LONG,3.00", "AWAY,0.50", "GONE,0.25"),
    ]
    assert "1 more came without a recruitment id" in printed.out


@pytest.mark.parametrize(
    ("pay", "why"), [("reward=3)", "hourly_rate is missing"), (")", "reward is missing")]
)
def test_what_cannot_be_computed_is_named_and_nothing_is_written(payments, pay, why):
    status, written, printed = payments(WAYS, pay=pay)
    assert (status, written) == (2, None)
    assert f"{why}, by which 'no_partner' is paid" in printed.err


def test_nothing_is_written_over(payments):
    payments(WAYS)
    status, _, printed = payments(WAYS)
    assert status == 2 and "exists already" in printed.err
