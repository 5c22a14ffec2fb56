import re
import subprocess
import sys

import pytest

from interactive_gym.server.data.folder_lock import lock_folder

HOLD = """
import sys
from pathlib import Path
from interactive_gym.server.data.folder_lock import lock_folder
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
