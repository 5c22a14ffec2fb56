import pytest

from interactive_gym import __version__, cli


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
