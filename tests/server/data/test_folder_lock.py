import re
import subprocess
import sys

import pytest

from interactive_gym.server.data.folder_lock import (
    await_recorders,
    lock_folder,
    lock_for_recorder,
)

HOLD = """
import sys
from pathlib import Path
from interactive_gym.server.data.folder_lock import (
    await_recorders,
    lock_folder,
    lock_for_recorder,
)
lock = lock_folder(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_held_until_its_server_ends_however_it_ends(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == b"held\n"
        name = re.escape(repr(tmp_path.name))
        with pytest.raises(ValueError, match=f"another server runs the experiment {name}"):
            lock_folder(tmp_path)
        other.kill()
    lock_folder(tmp_path).release()


def test_a_folder_in_which_nothing_can_be_written_is_refused_with_a_sentence(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(ValueError, match=r"\.lock cannot be written .*data_dir=…"):
        lock_folder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="no folder can be made"):
        lock_folder(tmp_path / "file" / "study")


def test_a_server_waits_for_recorders_of_an_earlier_one(tmp_path):
    await_recorders(tmp_path, 0.0)
    lock = lock_for_recorder(tmp_path, 2)
    with pytest.raises(ValueError, match=r"^data_dir is .* a recorder of the experiment .*: end"):
        await_recorders(tmp_path, 0.0)
    lock.release()
    await_recorders(tmp_path, 0.0)
