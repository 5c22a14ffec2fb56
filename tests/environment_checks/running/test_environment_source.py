import pickle
import sys
from pathlib import Path

import pytest

from interactive_gym.environment_checks.running.environment_source import EnvironmentSource

CODE = """
import beside_it

class Game:
    made = beside_it.NUMBER

def make_env():
    return Game()

if __name__ == "__main__":
    env = make_env()
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "beside_it.py").write_text("NUMBER = 3\n", encoding="utf-8")
    path = tmp_path / "a_game.py"
    path.write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield path
    for name in ("beside_it", "a_game"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("text", ["{}", "{}:make_env", "{}:Game", "a_game:make_env", "a_game:Game"])
def test_a_fresh_environment_is_made_each_time_and_can_be_pickled(file: Path, text: str) -> None:
    with EnvironmentSource(text.format(file)) as source:
        first, second = source.load(), source.load()
        assert first.env is not second.env
        assert second.env.made == 3
        assert type(pickle.loads(pickle.dumps(second.env))) is type(second.env)
        assert callable(second.namespace["make_env"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}:nothing", "defines no nothing"),
        ("{}:beside_it", "is a module, not something that makes an environment"),
        ("absent_module:make_env", "absent_module cannot be imported"),
    ],
)
def test_what_makes_no_environment_is_refused(file: Path, text: str, sentence: str) -> None:
    with (
        EnvironmentSource(text.format(file)) as source,
        pytest.raises(ValueError, match=sentence),
    ):
        source.load()
