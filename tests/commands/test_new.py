import subprocess
import sys

from interactive_gym import cli
from interactive_gym.commands.experiment_script import load_config


def test_a_new_study_is_complete_named_after_its_folder_and_passes_its_own_test(tmp_path, capsys):
    folder = tmp_path / "my-first"
    assert cli.main(["new", str(folder)]) == 0
    assert f"interactive-gym run {folder}/study.py" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {
        *("README.md", "environment.py", "study.py", "test_study.py"),
    }
    assert "my_study" not in "".join(path.read_text() for path in folder.iterdir())
    config = load_config(folder / "study.py")
    assert config.experiment_id == "my-first" and config.data_dir == folder / "data"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
    assert "3 passed" in tested.stdout


def test_nothing_is_written_over_and_a_name_must_be_one_of_a_folder(tmp_path, capsys):
    assert cli.main(["new", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert cli.main(["new", str(tmp_path / "my study")]) == 2
    assert "the name of the study is 'my study'" in capsys.readouterr().err
    assert not (tmp_path / "my study").exists()


def test_the_test_of_a_study_finds_what_its_game_does_not_save(tmp_path):
    folder = tmp_path / "forgetful"
    cli.main(["new", str(folder)])
    path = folder / "environment.py"
    copied, shared = "return places, list(self.star)", "return self.places, list(self.star)"
    assert copied in path.read_text()
    path.write_text(path.read_text().replace(copied, shared))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert tested.returncode == 1
    assert "wrong    saved state" in tested.stdout
