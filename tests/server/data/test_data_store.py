import json
import os
import signal
import subprocess
import sys
import textwrap

import pandas as pd
import pytest

from interactive_gym.server.data.chain import digest_of_start, next_digest
from interactive_gym.server.data.data_store import DataStore, NoDataStore
from interactive_gym.server.data.stored_study import answer_lines
from tests.support.files_on_disk import file_size_limit

MATCH = {"agents": ["left", "right"], "group": [{"agent": "left"}, {"agent": "right"}]}


def store(tmp_path):
    return DataStore(tmp_path / "data", "pilot", wall_clock=lambda: 0.0)


def test_a_game_has_its_own_folder_under_its_scene(tmp_path):
    store(tmp_path).open_game("volleyball", "g1", MATCH)
    assert (tmp_path / "data/pilot/volleyball/g1/match.json").exists()


def test_a_restarted_server_never_overwrites_a_game(tmp_path):
    store(tmp_path).open_game("volleyball", "g1", {**MATCH, "seed": 1})
    with pytest.raises(FileExistsError):
        store(tmp_path).open_game("volleyball", "g1", {**MATCH, "seed": 2})
    match = json.loads((tmp_path / "data/pilot/volleyball/g1/match.json").read_text())
    assert match["seed"] == 1


def test_two_scenes_and_several_games_share_the_experiments_folder(tmp_path):
    for scene_id, game_id in (("volleyball", "g1"), ("volleyball", "g2"), ("kitchen", "g1")):
        store(tmp_path).open_game(scene_id, game_id, MATCH)
        store(tmp_path).ledger_of(scene_id).append('{"a": 1}\n')
    games = {path.parent.relative_to(tmp_path) for path in tmp_path.rglob("match.json")}
    assert {str(game) for game in games} == {
        "data/pilot/volleyball/g1",
        "data/pilot/volleyball/g2",
        "data/pilot/kitchen/g1",
    }


def test_a_second_store_opens_the_folder_that_the_first_has_made(tmp_path):
    for _ in range(2):
        again = store(tmp_path)
        again.log_participant("started", "s1")
        again.ledger_of("volleyball").append('{"a": 1}\n')
    for name in ("participants.jsonl", "volleyball/matching.jsonl"):
        assert len((tmp_path / "data/pilot" / name).read_text().splitlines()) == 2


def test_another_experiment_has_a_folder_beside(tmp_path):
    for experiment_id in ("pilot", "study"):
        DataStore(tmp_path / "data", experiment_id, wall_clock=lambda: 0.0)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["pilot", "study"]


def test_a_restarted_server_appends_to_the_participants(tmp_path):
    for subject_id in ("s1", "s2"):
        store(tmp_path).log_participant("started", subject_id, completion_code="P")
    lines = (tmp_path / "data/pilot/participants.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "time": "1970-01-01T00:00:00.000Z",
            "event": "started",
            "subject_id": subject_id,
            "completion_code": "P",
        }
        for subject_id in ("s1", "s2")
    ]


def test_who_participants_are_is_in_a_file_of_its_own(tmp_path):
    kept = store(tmp_path)
    kept.log_recruitment("s1", recruitment_id="P", parameters={"wave": "2"})
    line = json.loads((tmp_path / "data/pilot/recruitment.jsonl").read_text())
    assert line == {
        "time": "1970-01-01T00:00:00.000Z",
        "subject_id": "s1",
        "recruitment_id": "P",
        "parameters": {"wave": "2"},
    }
    assert not (tmp_path / "data/pilot/participants.jsonl").exists()


def test_the_ledger_lies_beside_the_games_of_its_scene(tmp_path):
    store(tmp_path).ledger_of("volleyball").append('{"a": 1}\n')
    line = json.loads((tmp_path / "data/pilot/volleyball/matching.jsonl").read_text())
    assert line == {"a": 1, "chain": next_digest(digest_of_start(b""), b'{"a": 1}')}


def test_a_data_folder_that_cannot_be_made_fails_with_a_sentence(tmp_path):
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(ValueError, match=r"data_dir is .*data', where no folder can be made"):
        store(tmp_path)


def test_a_store_that_keeps_nothing_still_acknowledges_and_leaves_no_trace(tmp_path):
    kept = NoDataStore(tmp_path / "data", "pilot", wall_clock=lambda: 0.0)
    record = kept.open_game("volleyball", "g1", MATCH)
    record.log_event("joined", seat=0)
    kept.log_participant("started", "s1")
    kept.ledger_of("volleyball").append("x\n")
    kept.tick()
    record.close("completed")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("torn", ["participants.jsonl", "volleyball/matching.jsonl"])
def test_half_a_line_of_a_killed_server_is_removed_before_anything_is_added(tmp_path, torn):
    for number in range(2):
        again = store(tmp_path)
        again.log_participant("started", f"s{number}")
        again.ledger_of("volleyball").append(json.dumps({"number": number}) + "\n")
        path = tmp_path / "data/pilot" / torn
        whole = path.read_text()
        path.write_text(whole + '{"time": "20')
    store(tmp_path)
    assert path.read_text() == whole
    assert len(pd.read_json(path, lines=True)) == 2


def test_on_a_full_disk_every_step_goes_on_and_the_lines_are_written_later(tmp_path):
    kept = store(tmp_path)
    kept.log_participant("started", "s0")
    ledger = kept.ledger_of("volleyball")
    with file_size_limit(0):
        kept.log_participant("scene_entered", "s0")
        kept.log_participant("started", "s1", completion_code="P")
        ledger.append('{"a": 1}\n')
        record = kept.open_game("volleyball", "g1", MATCH)
        record.log_event("game_start")
        record.note_cut(0, "idle")
        kept.tick()
        assert record.is_failing
        record.close("partner_lost")
    kept.tick()
    assert not record.is_failing
    lines = pd.read_json(tmp_path / "data/pilot/participants.jsonl", lines=True)
    assert list(lines["event"]) == ["started", "scene_entered", "started"]
    assert list(lines["completion_code"])[2] == "P"
    game = tmp_path / "data/pilot/volleyball/g1"
    assert json.loads((game / "match.json").read_text())["end_reason"] == "partner_lost"
    assert len((game / "events.jsonl").read_text().splitlines()) == 2


STARTS = """
    import sys
    from pathlib import Path
    from interactive_gym.server.data.data_store import DataStore

    try:
        store = DataStore(Path(sys.argv[1]), "pilot", wall_clock=lambda: 0.0)
        store.ledger_of("volleyball")
    except ValueError as error:
        print(error)
"""


def heeding_permissions(command):
    """The command that has even root heed the permissions of files."""
    without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    return [*(without if os.geteuid() == 0 else []), *command]


@pytest.mark.parametrize(
    "read_only",
    ["", "volleyball", "participants.jsonl", "volleyball/matching.jsonl"],
)
def test_what_cannot_be_written_is_found_at_start_with_a_sentence(tmp_path, read_only):
    kept = store(tmp_path)
    kept.log_participant("started", "s0")
    kept.ledger_of("volleyball").append('{"a": 1}\n')
    data = tmp_path / "data"
    (data / "pilot" / read_only).chmod(0o444 if read_only.endswith("l") else 0o555)
    done = subprocess.run(
        heeding_permissions([sys.executable, "-c", textwrap.dedent(STARTS), str(data)]),
        capture_output=True,
        text=True,
    )
    (data / "pilot" / read_only).chmod(0o755)
    place = data / "pilot" / read_only
    assert f"data_dir is {str(data)!r}, but {place}" in done.stdout, done.stderr
    assert "cannot be written (Permission denied): let the server's user write" in done.stdout


WRITES_UNTIL_KILLED = """
    import hashlib, itertools, json, sys
    from pathlib import Path
    from interactive_gym.server.data.data_store import DataStore
    from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line

    store = DataStore(Path(sys.argv[1]), "pilot", wall_clock=lambda: 0.0)
    record = store.open_game("volleyball", "g1", json.loads(sys.argv[2]))
    digest = hashlib.sha256(header_line(BASE_COLUMNS).encode())
    for frame in itertools.count():
        rows = [f"{frame},0,{frame},{agent},1,false,0.0,false,false" for agent in ("left", "right")]
        digest.update("".join(f"{row}\\n" for row in rows).encode())
        record.append_frames(0, list(BASE_COLUMNS), frame, rows, digest.hexdigest())
        record.log_event("tick", frame=frame)
        record.update_match(frames=frame)
        print(frame, flush=True)
"""


def test_after_a_kill_everything_acknowledged_can_be_read(tmp_path):
    script = textwrap.dedent(WRITES_UNTIL_KILLED)
    command = [sys.executable, "-c", script, str(tmp_path), json.dumps(MATCH)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) == 50:
                break
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([50, *map(int, writer.stdout.read().split())])
    folder = tmp_path / "pilot/volleyball/g1"
    frames = pd.read_csv(folder / "frames.csv")
    assert list(frames.frame[: 2 * (acknowledged + 1)]) == [
        frame for frame in range(acknowledged + 1) for _ in range(2)
    ]
    assert len(pd.read_json(folder / "events.jsonl", lines=True)) >= acknowledged
    assert json.loads((folder / "match.json").read_text())["frames"] >= acknowledged


def test_the_answers_of_a_page_are_lines_with_the_times_at_which_they_were_given(tmp_path):
    store = DataStore(tmp_path, "pilot", wall_clock=lambda: 1_700_000_000.0)
    answers = [
        {"item": "age", "wording": "w1", "value": 30, "age_ms": 1500.0},
        {"item": "words", "wording": "w2", "value": "<ü>\n", "age_ms": None},
    ]
    store.log_answers("anna", "page", answers, shown_age_ms=60_000.0, tries=2)
    lines = (tmp_path / "pilot/answers.jsonl").read_text().splitlines()
    first, second = map(json.loads, lines)
    assert first == {
        "time": "2023-11-14T22:13:20.000Z",
        "subject_id": "anna",
        "scene_id": "page",
        "item": "age",
        "wording": "w1",
        "value": 30,
        "shown_at": "2023-11-14T22:12:20.000Z",
        "answered_at": "2023-11-14T22:13:18.500Z",
        "tries": 2,
    }
    assert (second["value"], second["answered_at"]) == ("<ü>\n", None)
    assert answer_lines(tmp_path / "pilot") == [first, second]
