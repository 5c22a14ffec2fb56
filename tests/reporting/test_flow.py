"""The numbers add up, and are those of the files."""

import json
from itertools import pairwise

from interactive_gym.data import load_study
from interactive_gym.reporting.flow import flow_of
from tests.support.reported_study import LEFT, REFUSED


def subjects(lines):
    return {line["subject_id"] for line in lines}


def test_every_stage_is_what_the_one_before_leaves(tables) -> None:
    stages = flow_of(tables)
    for before, stage in pairwise(stages):
        assert stage.people <= before.people
        assert len(before.people) == len(stage.people) + sum(stage.left.values())


def test_the_numbers_are_those_of_the_files(study, tables) -> None:
    opened, asked, grouped, began, analysable = flow_of(tables)
    arrivals = subjects(study.of_kind("arrival"))
    matched = {it["subject_id"] for line in study.of_kind("matched") for it in line["group"]}
    exits = [it for it in study.of_kind("exit") if it["subject_id"] not in matched]
    assert len(opened.people) == len(arrivals) + REFUSED + LEFT
    assert asked.people == arrivals
    assert asked.left == {"consent refused": REFUSED, "left, or still on a page": LEFT}
    assert grouped.people == began.people == matched
    assert sum(grouped.left.values()) == len(subjects(exits)) == len(arrivals - matched)
    fates = study.fates.values()
    sound = [fate for fate in fates if fate in ("sound", "partner_lost")]
    assert len(analysable.people) == len(sound)
    assert analysable.left == {
        "game that its inputs do not confirm": list(fates).count("desync"),
        "game not ended yet": list(fates).count("open"),
    }


def test_an_empty_study_has_stages_without_people(tmp_path) -> None:
    stages = flow_of(load_study(tmp_path))
    assert [len(stage.people) for stage in stages] == [0] * 5
    assert all(stage.left == {} for stage in stages)


def test_who_played_twice_is_one_person_and_one_sound_game_is_enough(tmp_path) -> None:
    for game_id, agreed in (("a", False), ("b", True)):
        folder = tmp_path / "game" / game_id
        folder.mkdir(parents=True)
        group = [{"seat": 0, "agent": "x", "subject_id": "s"}]
        match = {"agents": ["x"], "group": group, "ended_at": "2026-01-01T00:00:00.000Z"}
        match |= {"agreed": agreed, "frames": 1}
        (folder / "match.json").write_text(json.dumps(match))
        (folder / "frames.csv").write_text("frame,agent\n0,x\n")
    assert [len(stage.people) for stage in flow_of(load_study(tmp_path))] == [1] * 5


def test_a_game_whose_frames_are_gone_is_not_analysed(tmp_path) -> None:
    folder = tmp_path / "game" / "a"
    folder.mkdir(parents=True)
    group = [{"seat": 0, "agent": "x", "subject_id": "s"}]
    match = {"agents": ["x"], "group": group, "ended_at": "2026-01-01T00:00:00.000Z"}
    (folder / "match.json").write_text(json.dumps(match | {"agreed": True, "frames": 1}))
    stages = flow_of(load_study(tmp_path))
    assert [len(stage.people) for stage in stages] == [1, 1, 1, 0, 0]
    assert sum(sum(stage.left.values()) for stage in stages) == 1
