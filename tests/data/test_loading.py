import json
import shutil
from collections import Counter

import pytest

from interactive_gym.data import load_study
from interactive_gym.data.schema import TABLES
from tests.support.paths import ROOT
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame
from tests.support.verified_study import VerifiedStudy, stub_code

RECORDED = ROOT / "tests/recorded"


@pytest.fixture
def study(tmp_path) -> VerifiedStudy:
    made = VerifiedStudy(tmp_path)
    made.played("of_three", game_config(3, seed=3), stub_code(3), lambda: StubGame(3))
    with_policy = game_config(2, seed=5, policies=[None, "random"], frame_skip=3)
    made.played("with_a_policy", with_policy, stub_code(2))
    return made


def test_a_study_that_does_not_exist_yet_has_empty_typed_tables(tmp_path) -> None:
    tables = load_study(tmp_path / "nothing")
    assert list(tables) == [table.name for table in TABLES if not table.is_personal]
    assert all(len(table) == 0 for table in tables.values())
    assert str(tables["steps"]["reward"].dtype) == "Float64"


def test_steps_are_typed_and_name_who_played(study) -> None:
    tables = load_study(study.folder)
    steps = tables["steps"]
    assert sorted(tables["games"]["game_id"]) == ["of_three", "with_a_policy"]
    assert str(steps["frame"].dtype) == "Int64"
    assert str(steps["hidden"].dtype) == "boolean"
    of_three = steps[steps["game_id"] == "of_three"]
    assert set(of_three["seat"]) == {0, 1, 2}
    with_policy = steps[steps["game_id"] == "with_a_policy"]
    assert with_policy.groupby("agent")["seat"].count().min() == 0


def test_a_frame_that_is_still_being_written_is_left_out(study) -> None:
    whole = load_study(study.folder)["steps"]
    (frames,) = study.folder.glob("*/of_three/frames.csv")
    content = frames.read_bytes()
    frames.write_bytes(content[:-3])
    assert len(load_study(study.folder)["steps"]) == len(whole) - 3


def test_a_last_line_without_its_end_is_left_out(tmp_path) -> None:
    line = {"time": "2026-01-01T00:00:00.000Z", "event": "started", "subject_id": "s1"}
    file = tmp_path / "participants.jsonl"
    file.write_text(json.dumps(line) + "\n" + '{"time": "20')
    participants = load_study(tmp_path)["participants"]
    assert list(participants["subject_id"]) == ["s1"]


def test_people_are_named_only_if_that_is_asked_for(tmp_path) -> None:
    started = {"time": "2026-01-01T00:00:00.000Z", "event": "started"}
    came = [{**started, "subject_id": who, "completion_code": "c"} for who in ("s1", "s2")]
    earlier = {**started, "subject_id": "s0", "recruitment_id": "NA", "completion_code": "c"}
    lines = "".join(json.dumps(line) + "\n" for line in (earlier, *came))
    (tmp_path / "participants.jsonl").write_text(lines)
    line = {"time": started["time"], "subject_id": "s1", "recruitment_id": "P", "study_id": "S"}
    line["parameters"] = {"wave": "2"}
    (tmp_path / "recruitment.jsonl").write_text(json.dumps(line) + "\n")
    tables = load_study(tmp_path)
    assert "recruitment" not in tables
    assert not {"recruitment_id", "completion_code"} & {*tables["participants"]}
    named = load_study(tmp_path, recruitment_ids=True)
    assert list(named) == [table.name for table in TABLES]
    assert list(named["participants"]["completion_code"]) == ["c"] * 3
    people = named["recruitment"].set_index("subject_id")
    assert dict(people["recruitment_id"]) == {"s1": "P", "s0": "NA"}
    assert json.loads(people["parameters"]["s1"]) == {"wave": "2"}
    assert people["study_id"]["s1"] == "S"


def test_a_spoiled_line_is_named(tmp_path) -> None:
    (tmp_path / "answers.jsonl").write_text("{}\nspoiled\n")
    with pytest.raises(ValueError, match=r"answers\.jsonl, line 2"):
        load_study(tmp_path)


def test_waits_probes_and_edges_come_from_the_ledgers(tmp_path) -> None:
    scene = tmp_path / "volleyball"
    scene.mkdir()
    shutil.copy(RECORDED / "matching_0_2_0.jsonl", scene / "matching.jsonl")
    lines = [json.loads(line) for line in (scene / "matching.jsonl").read_text().splitlines()]
    of_kind = Counter(line["kind"] for line in lines)
    tables = load_study(tmp_path)
    assert len(tables["probes"]) == of_kind["probe"] > 0
    assert len(tables["edges"]) == of_kind["verdict"] > 0
    (first,) = [line for line in lines if line.get("proposal_id") and line["kind"] == "proposal"][
        :1
    ]
    assert tables["edges"]["p_accept"][0] == first["edges"][0]["p_accept"]
    assert len(tables["arrivals"]) == of_kind["arrival"]
    (plan,) = [line["plan_digest"] for line in lines if line["kind"] == "plan"]
    assert set(tables["arrivals"]["plan_digest"]) == {plan}
    waits = tables["waits"]
    matched = [member for line in lines if line["kind"] == "matched" for member in line["group"]]
    assert (waits["reason"] == "matched").sum() == len(matched) > 0
    assert len(waits) == len(matched) + of_kind["exit"]
    assert set(waits["scene_id"]) == {"volleyball"}
    assert str(waits["waited_ms"].dtype) == "Int64"
    assert tables["probes"]["rtt_ms"].notna().any()
    assert {*json.loads(tables["edges"]["pair"][0])} <= {*waits["subject_id"]} | {
        line["subject_id"] for line in lines if line["kind"] == "arrival"
    }
