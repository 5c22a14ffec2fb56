import hashlib
import io
import subprocess
import sys
import zipfile

from interactive_gym.packages.runtime import build_runtime_bundle, pyodide_version

IMPORTS_THE_ARCHIVE = """
import sys
sys.path[:0] = [sys.argv[1]]
import interactive_gym.netcode.game_loop
assert sys.argv[1] in interactive_gym.netcode.game_loop.__file__
"""


def test_the_archive_is_the_same_at_every_call_and_named_by_its_content():
    first, second = build_runtime_bundle(), build_runtime_bundle()
    assert first == second
    assert first.digest == hashlib.sha256(first.content).hexdigest()


def test_the_archive_holds_the_netcode_and_nothing_of_the_server():
    with zipfile.ZipFile(io.BytesIO(build_runtime_bundle().content)) as archive:
        names = archive.namelist()
    assert "interactive_gym/__init__.py" in names
    assert "interactive_gym/netcode/game_loop.py" in names
    assert all(name.startswith("interactive_gym/netcode/") for name in names[1:])


def test_the_netcode_can_be_imported_from_the_archive_alone(tmp_path):
    path = tmp_path / "runtime.zip"
    path.write_bytes(build_runtime_bundle().content)
    command = [sys.executable, "-S", "-I", "-c", IMPORTS_THE_ARCHIVE, str(path)]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""


def test_the_pyodide_version_is_that_of_the_vendored_files():
    assert pyodide_version().split(".")[0].isdigit()
