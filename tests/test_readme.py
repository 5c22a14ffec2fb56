"""The README's examples are run as they stand there; the analysis by the end-to-end tests."""

import re

from pytest_mock import MockerFixture

from tests.support.paths import README


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_experiment_and_what_is_added_to_it_make_a_complete_description(
    mocker: MockerFixture,
) -> None:
    run = mocker.patch("interactive_gym.server.app.run")
    experiment, asking, matchmaker, latency, policies, losses, turn, _analysis = python_blocks()
    equal: dict[str, object] = {}
    exec(experiment + latency, equal)
    ((config,), _) = run.call_args
    config.check()
    (game,) = config.stager.gym_scenes
    assert game.equal_latency.target_ms == 120

    names: dict[str, object] = {}
    exec(experiment + asking + matchmaker, names)
    (config,), _ = run.call_args
    names["config"] = config
    for addition in (policies, losses, turn):
        exec(addition, names)
        config.check()
    assert config.ice_servers[1]["username"] == "study"
    (game,) = config.stager.gym_scenes
    assert (game.human_agents, game.on_cut) == (("left",), "neutral")

    patient = names["Patient"](max_p2p_rtt_ms=150)  # type: ignore[operator]
    assert patient.should_reject_for_rtt(151)
    assert not patient.should_reject_for_rtt(None)
