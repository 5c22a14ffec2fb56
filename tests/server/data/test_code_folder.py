import pytest

from interactive_gym.server.data.code_folder import keep_code, read_code
from tests.support.game_scenes import game


def test_the_code_of_a_scene_is_kept_under_its_environment_digest_and_read_back(tmp_path):
    scene = game()
    keep_code(tmp_path, scene.game_code())
    keep_code(tmp_path, scene.game_code())
    [place] = (tmp_path / "code").iterdir()
    assert place.name == scene.environment_digest
    code = read_code(tmp_path, scene.environment_digest)
    assert code == scene.game_code()
    assert code.environment == b"env = object()"
    assert "interactive_gym/netcode/resimulation.py" in code.runtime


def test_code_that_was_not_kept_is_none(tmp_path):
    assert read_code(tmp_path, "0" * 64) is None


def test_changed_code_is_refused_by_the_next_start_and_by_readers(tmp_path):
    code = game().game_code()
    keep_code(tmp_path, code)
    (tmp_path / "code" / code.digest / "environment.py").write_text("env = 7")
    with pytest.raises(ValueError, match="does not hold the code that its name says"):
        keep_code(tmp_path, code)
    with pytest.raises(ValueError, match="another digest than its name"):
        read_code(tmp_path, code.digest)


def test_what_a_killed_server_left_half_written_is_written_anew(tmp_path):
    code = game().game_code()
    half = tmp_path / "code" / f".{code.digest}.unfinished" / "environment.py"
    half.parent.mkdir(parents=True)
    half.write_text("env")
    keep_code(tmp_path, code)
    assert read_code(tmp_path, code.digest) == code
    assert not half.exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_fix(tmp_path):
    (tmp_path / "code").write_text("a file")
    with pytest.raises(ValueError, match=r"data_dir is .* give another folder"):
        keep_code(tmp_path, game().game_code())
