import pytest

from interactive_gym.server.data.game_folder import FolderOnDisk
from tests.support.files_on_disk import new_files


def test_a_games_folder_that_cannot_be_made_is_made_later(tmp_path):
    scene = tmp_path / "scene"
    scene.write_text("in the way")
    folder = FolderOnDisk(scene / "g1", files := new_files())
    folder.replace("match.json", "{}")
    folder.append("events.jsonl", "{}\n")
    with pytest.raises(OSError, match="Not a directory"):
        folder.append_now("frames.csv", "frame\n")
    assert folder.is_failing
    scene.unlink()
    folder.append_now("frames.csv", "frame\n")
    files.tick()
    assert sorted(path.name for path in (scene / "g1").iterdir()) == [
        "events.jsonl",
        "frames.csv",
        "match.json",
    ]
    with pytest.raises(FileExistsError):
        FolderOnDisk(scene / "g1", files)
