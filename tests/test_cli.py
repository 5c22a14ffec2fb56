import importlib
import sys

import pytest

from interactive_gym import __version__, cli
from interactive_gym.server import app


@pytest.fixture
def demo(monkeypatch):
    """The demo's module, fresh, and the configs that were run instead of served."""
    name = "interactive_gym.examples.slime_volleyball.experiment"
    monkeypatch.delitem(sys.modules, name, raising=False)
    served = []
    monkeypatch.setattr(app, "run", served.append)
    module = importlib.import_module(name)
    yield module, served
    sys.modules.pop(name, None)


def test_the_demo_serves_the_example_experiment_as_it_is(demo):
    module, served = demo
    assert cli.main(["demo"]) == 0
    assert served == [module.config]
    assert module.game.matchmaker.max_p2p_rtt_ms == 150


def test_the_demo_passes_its_options_to_the_experiment(demo, tmp_path):
    module, served = demo
    options = ["--host", "0.0.0.0", "--port", "1234", "--data-dir", str(tmp_path)]
    assert cli.main(["demo", *options, "--max-p2p-rtt-ms", "80"]) == 0
    (config,) = served
    assert (config.host, config.port, config.data_dir) == ("0.0.0.0", 1234, tmp_path)
    assert module.game.matchmaker.max_p2p_rtt_ms == 80


def test_the_demo_can_do_without_a_threshold(demo):
    module, _ = demo
    assert cli.main(["demo", "--max-p2p-rtt-ms", "none"]) == 0
    assert module.game.matchmaker.max_p2p_rtt_ms is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--port", "0"], "port is 0"), (["--max-p2p-rtt-ms", "0"], "max_p2p_rtt_ms")],
)
def test_an_option_the_experiment_refuses_ends_with_its_sentence(demo, capsys, options, sentence):
    _, served = demo
    assert cli.main(["demo", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert served == []


def test_an_option_that_is_no_number_is_refused(demo, capsys):
    with pytest.raises(SystemExit):
        cli.main(["demo", "--max-p2p-rtt-ms", "fast"])
    assert "is not a number of milliseconds or none" in capsys.readouterr().err


def test_the_version_is_the_package_version(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"interactive-gym {__version__}"


@pytest.mark.parametrize("command", ["demo", "plan"])
def test_every_command_is_in_the_help_and_explains_itself(capsys, command):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert f"\n    {command} " in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"interactive-gym {command}" in capsys.readouterr().out


def test_a_command_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["match"])
    assert "invalid choice: 'match'" in capsys.readouterr().err
