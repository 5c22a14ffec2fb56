import sys
from pathlib import Path

import pytest

from interactive_gym.environment_checks.checks.source_hints import hints, own_files
from interactive_gym.examples.slime_volleyball import environment


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("import time\ntime.time()", "time.time"),
        ("import time as clock\nclock.perf_counter_ns()", "time.perf_counter_ns"),
        ("from time import monotonic\nmonotonic()", "time.monotonic"),
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import date as day\nday.today()", "datetime.date.today"),
        ("import os\nos.urandom(4)", "os.urandom"),
        ("import random\nrandom.random()", "random.random"),
        ("import numpy.random\nnumpy.random.rand()", "numpy.random.rand"),
        ("import numpy as np\nnp.random.seed(1)", "numpy.random.seed"),
        ("import secrets\nsecrets.token_hex()", "secrets.token_hex"),
        ("hash('a serve')", "hash"),
        ("id(3)", "id"),
    ],
)
def test_a_call_that_no_two_runs_agree_on_is_named_with_its_line(
    tmp_path: Path, code: str, called: str
) -> None:
    file = tmp_path / "game.py"
    file.write_text(code, encoding="utf-8")
    line = len(code.splitlines())
    assert hints([file]) == [f"game.py:{line} calls {called}()"]


@pytest.mark.parametrize(
    "code",
    [
        "import random\nrandom.Random(3).random()",
        "import numpy as np\nnp.random.default_rng(3)",
        "import time\ntime.sleep(1)",
        "class Clock:\n    def time(self): ...\nClock().time()",
        "from .time import monotonic\nmonotonic()",
        "time.time()",
        "names = {}\nnames['time']()",
    ],
)
def test_generators_of_ones_own_and_what_only_sounds_alike_are_no_hint(
    tmp_path: Path, code: str
) -> None:
    file = tmp_path / "game.py"
    file.write_text(code, encoding="utf-8")
    assert hints([file]) == []


def test_hints_are_in_the_order_of_files_and_lines_and_a_file_that_is_no_python_gives_none(
    tmp_path: Path,
) -> None:
    for name in ("b.py", "a.py"):
        (tmp_path / name).write_text("import time\ntime.time()\n\ntime.time()\n", encoding="utf-8")
    (tmp_path / "broken.py").write_text("def (", encoding="utf-8")
    files = [tmp_path / name for name in ("b.py", "broken.py", "absent.py", "a.py")]
    assert hints(files) == [
        f"{name}:{line} calls time.time()" for name in ("a.py", "b.py") for line in (2, 4)
    ]


def test_the_files_of_an_environment_are_its_own_and_what_they_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shots_of_the_game.py").write_text("SPEED = 2\n", encoding="utf-8")
    (tmp_path / "rules_of_the_game.py").write_text(
        "import json, pytest, shots_of_the_game\ndef late(): ...\n", encoding="utf-8"
    )
    (tmp_path / "game_of_the_files.py").write_text(
        "from rules_of_the_game import late\nclass Game: ...\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    game = __import__("game_of_the_files")
    try:
        found = own_files({}, game.Game())
    finally:
        for name in ("shots_of_the_game", "rules_of_the_game", "game_of_the_files"):
            del sys.modules[name]
    assert [path.name for path in found] == [
        "game_of_the_files.py",
        "rules_of_the_game.py",
        "shots_of_the_game.py",
    ], "not json, which is the standard library's, nor pytest, which is installed"


def test_an_environment_of_one_file_has_no_other() -> None:
    env = environment.SlimeVolleyball()
    assert own_files(vars(environment), env) == [Path(environment.__file__)]
