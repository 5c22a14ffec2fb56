import importlib
import json
import sys

import pytest

from interactive_gym import cli
from interactive_gym.commands.demo import EXAMPLES
from interactive_gym.netcode.game_loop import create_game_loop
from interactive_gym.server import app
from tests.support.game_scenes import SOMEBODY


def module_of(example: str) -> str:
    return f"interactive_gym.examples.{example}.experiment"


@pytest.fixture
def demo(monkeypatch):
    """Imports an example's experiment, fresh, with the configs that were run instead of served."""
    served = []
    monkeypatch.setattr(app, "run", served.append)
    for example in EXAMPLES:
        monkeypatch.delitem(sys.modules, module_of(example), raising=False)
    yield lambda example="slime_volleyball": (importlib.import_module(module_of(example)), served)
    for example in EXAMPLES:
        sys.modules.pop(module_of(example), None)


def test_the_demo_serves_the_example_experiment_as_it_is(demo):
    module, served = demo()
    assert cli.main(["demo"]) == 0
    assert served == [module.config]
    assert module.game.matchmaker.max_p2p_rtt_ms == 150


def test_the_demo_passes_its_options_to_the_experiment(demo, tmp_path):
    module, served = demo()
    options = ["--host", "0.0.0.0", "--port", "1234", "--data-dir", str(tmp_path)]
    options += ["--base-path", "/demo"]
    assert cli.main(["demo", *options, "--max-p2p-rtt-ms", "80"]) == 0
    (config,) = served
    assert (config.host, config.port, config.data_dir) == ("0.0.0.0", 1234, tmp_path)
    assert config.base_path == "/demo/"
    assert module.game.matchmaker.max_p2p_rtt_ms == 80


def test_the_demo_can_do_without_a_threshold(demo):
    module, _ = demo()
    assert cli.main(["demo", "--max-p2p-rtt-ms", "none"]) == 0
    assert module.game.matchmaker.max_p2p_rtt_ms is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "0"], "port is 0"),
        (["--base-path", "demo"], "base_path is 'demo'"),
        (["--max-p2p-rtt-ms", "0"], "--max-p2p-rtt-ms': '0' is not a positive number"),
        (["--players", "3"], "players is 3"),
        (["kitchen", "--players", "5"], "players is 5"),
    ],
)
def test_an_option_the_experiment_refuses_ends_with_its_sentence(demo, capsys, options, sentence):
    _, served = demo()
    assert cli.main(["demo", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert served == []


@pytest.mark.parametrize(
    ("example", "players", "policies"),
    [
        ("slime_volleyball", None, [None, None]),
        ("slime_volleyball", 2, [None, None]),
        ("slime_volleyball", 1, [None, "chase_ball"]),
        ("kitchen", None, [None, None]),
        ("kitchen", 1, [None, "helper"]),
        ("kitchen", 3, [None, None, None]),
        ("kitchen", 4, [None, None, None, None]),
    ],
)
def test_the_demo_is_for_as_many_as_it_is_told(demo, example, players, policies):
    module, served = demo(example)
    given = [] if players is None else ["--players", str(players)]
    assert cli.main(["demo", example, *given]) == 0
    assert served == [module.config]
    module.config.check()
    config = module.game.game_config()
    assert config["policies"] == policies
    names: dict[str, object] = {"__name__": "__main__"}
    exec(module.game.to_client(SOMEBODY)["environment"]["code"], names)
    loop = create_game_loop(
        names["env"], json.dumps({**config, "seat": 0, "seed": 1, "session_tag": 2}), names
    )
    assert json.loads(loop.tick(0.0, 0, False, b""))["draw"]


def test_an_option_that_is_no_number_is_refused(demo, capsys):
    assert cli.main(["demo", "--max-p2p-rtt-ms", "fast"]) == 2
    assert "is not a positive number of milliseconds or none" in capsys.readouterr().err
