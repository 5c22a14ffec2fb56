import pytest

from interactive_gym import __version__, cli


def test_the_version_is_the_package_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"interactive-gym {__version__}"


@pytest.mark.parametrize("command", ["demo", "check-env", "plan", "replay", "verify"])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_is_in_the_help_and_explains_itself(capsys, command, option):
    assert cli.main([option]) == 0
    assert f"\n  {command} " in capsys.readouterr().out
    assert cli.main([command, option]) == 0
    assert f"Usage: interactive-gym {command} [OPTIONS]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Usage: interactive-gym"),
        (["match"], "No such command 'match'"),
        (["replay"], "Missing argument 'FILE'"),
        (["plan", "--seeds", "0"], "Invalid value for '--seeds': 0 is not in the range x>=1"),
        (["plan", "--thresholds"], "Option '--thresholds' requires an argument"),
    ],
)
def test_a_command_line_that_cannot_be_read_ends_with_status_2(capsys, arguments, sentence):
    assert cli.main(arguments) == 2
    assert sentence in capsys.readouterr().err
