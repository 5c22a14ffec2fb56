import shutil

from interactive_gym.reporting.plans import plans_of
from tests.support.paths import ROOT


def test_the_plan_of_a_recorded_ledger(tmp_path) -> None:
    (tmp_path / "game").mkdir()
    shutil.copy(ROOT / "tests/recorded/matching_0_2_0.jsonl", tmp_path / "game/matching.jsonl")
    (plan,) = plans_of(tmp_path)
    assert (plan.scene_id, plan.matchmaker, plan.group_size) == ("game", "FIFOMatchmaker", 2)
    assert (plan.threshold_ms, plan.patience_s, plan.expansions) == (90, 60.0, ((20, 130),))


def test_a_plan_that_held_twice_is_there_once(study) -> None:
    ledger = study.folder / "game/matching.jsonl"
    before = ledger.read_text()
    try:
        ledger.write_text(before + before.split("\n")[0] + "\n")
        assert len(plans_of(study.folder)) == 1
    finally:
        ledger.write_text(before)


def test_a_study_that_has_not_begun_has_no_plan(tmp_path) -> None:
    assert plans_of(tmp_path) == []
