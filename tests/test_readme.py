"""The README's examples are run as they stand there; the analysis by the end-to-end tests."""

import re
from pathlib import Path

from pytest_mock import MockerFixture

ROOT = Path(__file__).resolve().parents[1]


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_experiment_its_matchmaker_and_its_turn_server_make_a_complete_description(
    mocker: MockerFixture,
) -> None:
    run = mocker.patch("interactive_gym.server.app.run")
    experiment, matchmaker, turn, _analysis = python_blocks()
    names: dict[str, object] = {}
    exec(experiment + matchmaker, names)
    (config,), _ = run.call_args
    config.check()
    exec(turn, {"config": config})
    assert config.ice_servers[1]["username"] == "study"

    patient = names["Patient"](max_p2p_rtt_ms=150)  # type: ignore[operator]
    assert patient.should_reject_for_rtt(151)
    assert not patient.should_reject_for_rtt(None)
