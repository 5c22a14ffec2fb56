import json
import signal
import subprocess
import sys
import textwrap

import pytest

from interactive_gym.server.data.chain import chain_end
from interactive_gym.server.data.data_store import DataStore, NoDataStore
from interactive_gym.server.data.manifest import Damage, LedgerEnd, read_manifest


class Store:
    """A study's folder, and the store of one start of its server."""

    def __init__(self, tmp_path):
        self.folder = tmp_path / "pilot"
        self.path = self.folder / "game/matching.jsonl"
        self.manifest = self.folder / "manifest.json"
        self.start()

    def start(self):
        self.store = DataStore(self.folder.parent, "pilot", wall_clock=lambda: 0.0)
        self.ledger = self.store.ledger_of("game")
        self.damage = self.store.take_damage("game")

    def log(self, *numbers):
        for number in numbers:
            self.ledger.append(json.dumps({"number": number}) + "\n")

    def told(self):
        return read_manifest(self.manifest)["game"]

    def end(self, lines=None):
        rows = self.path.read_bytes().splitlines(keepends=True)
        return chain_end(b"".join(rows[:lines]))


@pytest.fixture
def study(tmp_path):
    return Store(tmp_path)


def test_the_manifest_follows_the_ledger_with_every_tick_and_says_when_it_is_closed(study):
    assert study.told() == LedgerEnd(
        0, study.end(0).digest if study.path.exists() else chain_end(b"").digest, closed=False
    )
    study.log(1, 2)
    assert study.told().lines == 0
    study.store.tick()
    assert study.told() == LedgerEnd(2, study.end().digest, closed=False)
    study.log(3)
    study.store.close()
    assert study.told() == LedgerEnd(3, study.end().digest, closed=True)


def test_a_restarted_server_goes_on_with_the_chain_and_the_manifest(study):
    study.log(1, 2)
    study.store.close()
    study.start()
    assert study.damage is None
    assert study.told() == LedgerEnd(2, study.end().digest, closed=False)
    study.log(3)
    study.store.close()
    assert study.told() == LedgerEnd(3, study.end().digest, closed=True)


def test_a_manifest_that_is_behind_as_after_a_kill_is_no_damage(study):
    study.log(1, 2)
    study.store.tick()
    study.log(3)
    study.start()
    assert study.damage is None
    assert study.told().lines == 3


def test_half_a_line_that_was_removed_is_told(study):
    study.log(1)
    study.store.tick()
    with study.path.open("a") as file:
        file.write('{"numb')
    study.start()
    assert study.damage == Damage(6, 0, is_as_in_manifest=True)
    assert study.store.take_damage("game") is None


def test_lines_that_are_missing_or_another_chain_are_told(study):
    study.log(1, 2, 3)
    study.store.tick()
    rows = study.path.read_text().splitlines(keepends=True)
    study.path.write_text("".join(rows[:1]))
    study.start()
    assert study.damage == Damage(0, 2, is_as_in_manifest=False)
    study.log(4, 5, 6)
    study.store.tick()
    changed = study.path.read_text().replace('"number": 4', '"number": 5')
    study.path.write_text(changed[: changed.rindex('"chain"')] + '"chain": "' + "0" * 32 + '"}\n')
    study.start()
    assert study.damage == Damage(0, 0, is_as_in_manifest=False)


def test_a_chained_ledger_without_a_manifest_is_told_and_an_earlier_versions_is_not(study):
    study.log(1)
    study.manifest.unlink()
    study.start()
    assert study.damage == Damage(0, 0, is_as_in_manifest=False)
    study.manifest.unlink()
    study.path.write_text('{"number": 1}\n')
    study.start()
    assert study.damage is None


def test_a_spoiled_manifest_is_written_anew_with_a_warning(study, caplog):
    study.log(1)
    study.manifest.write_text("{")
    study.start()
    assert "is written anew, as it cannot be read" in caplog.text
    assert study.damage is not None
    assert study.told().lines == 1


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 2, "ledgers": {}}', '{"schema": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ValueError):
        read_manifest(path)


def test_a_scene_that_is_not_played_any_more_keeps_its_entry(study):
    study.log(1)
    study.store.close()
    before = study.told()
    store = DataStore(study.folder.parent, "pilot", wall_clock=lambda: 0.0)
    store.ledger_of("other").append('{"a": 1}\n')
    store.close()
    told = read_manifest(study.manifest)
    assert told["game"] == before
    assert told["other"].lines == 1


def test_the_manifest_never_tells_of_lines_that_wait_to_be_written(study):
    study.log(1)
    study.store.tick()
    before = study.told()
    study.path.rename(study.path.with_suffix(".aside"))
    study.path.mkdir()
    study.log(2)
    study.store.tick()
    assert study.told() == before
    study.path.rmdir()
    study.path.with_suffix(".aside").rename(study.path)
    study.store.tick()
    assert study.told() == LedgerEnd(2, study.end().digest, closed=False)


def test_a_store_that_keeps_nothing_writes_no_manifest(tmp_path):
    store = NoDataStore(tmp_path, "pilot", wall_clock=lambda: 0.0)
    store.ledger_of("game").append('{"a": 1}\n')
    store.tick()
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_keeps_nothing_leaves_the_manifest_of_an_earlier_start_alone(study):
    study.log(1)
    study.store.close()
    compact = json.dumps(json.loads(study.manifest.read_text()))
    study.manifest.write_text(compact)
    store = NoDataStore(study.folder.parent, "pilot", wall_clock=lambda: 0.0)
    store.ledger_of("game").append('{"a": 1}\n')
    store.tick()
    store.close()
    assert study.manifest.read_text() == compact


def test_after_a_kill_the_manifest_names_a_line_of_the_chain(tmp_path):
    script = textwrap.dedent(f"""
        import itertools, pathlib
        from interactive_gym.server.data.data_store import DataStore
        store = DataStore(pathlib.Path({str(tmp_path)!r}), "pilot", wall_clock=lambda: 0.0)
        ledger = store.ledger_of("game")
        for number in itertools.count():
            ledger.append('{{"number": %d}}\\n' % number)
            if number % 7 == 0:
                store.tick()
            if number == 500:
                print("going", flush=True)
    """)
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert server.stdout.readline() == b"going\n"
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    study = Store.__new__(Store)
    study.folder = tmp_path / "pilot"
    study.path, study.manifest = (
        study.folder / "game/matching.jsonl",
        study.folder / "manifest.json",
    )
    told = study.told()
    assert told.lines > 0 and not told.closed
    assert study.end(told.lines).digest == told.chain
