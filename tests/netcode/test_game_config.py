import json
from typing import Any

import pytest

from interactive_gym.netcode.game_config import GameConfig

GOOD: dict[str, Any] = {
    "agents": ["left", "right"],
    "seat": 1,
    "seed": 3,
    "session_tag": 2**32 - 1,
    "num_episodes": 2,
    "max_steps": None,
    "actions": [0, 1, "jump"],
    "default_action": 0,
    "fps": 30,
    "input_delay": 2,
    "max_prediction": 8,
}


def read(**changes: Any) -> GameConfig:
    return GameConfig.from_json(json.dumps({**GOOD, **changes}))


def test_a_good_config_is_read_as_it_is() -> None:
    config = read()
    assert config.agents == ("left", "right")
    assert (config.seat, config.seed, config.session_tag) == (1, 3, 2**32 - 1)
    assert config.actions == (0, 1, "jump")
    assert config.max_steps is None
    assert read(max_steps=90).max_steps == 90
    assert read(agents=[0, 1]).agents == (0, 1)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("agents", []),
        ("agents", "left"),
        ("agents", ["left", "left"]),
        ("agents", ["left", None]),
        ("agents", [True, "left"]),
        ("seat", 2),
        ("seat", -1),
        ("seat", True),
        ("seed", 1.5),
        ("seed", -1),
        ("session_tag", 2**32),
        ("session_tag", "12"),
        ("num_episodes", 0),
        ("max_steps", 0),
        ("actions", []),
        ("actions", list(range(127))),
        ("default_action", 3),
        ("fps", 0),
        ("fps", "30"),
        ("input_delay", -1),
        ("input_delay", 31),
        ("max_prediction", 0),
        ("max_prediction", 61),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_option(option: str, value: Any) -> None:
    with pytest.raises(ValueError, match=option):
        read(**{option: value})


LIMITS: list[tuple[str, int, int]] = [
    ("seat", 0, 1),
    ("seed", 0, 2**32 - 1),
    ("session_tag", 0, 2**32 - 1),
    ("num_episodes", 1, 2**31),
    ("max_steps", 1, 2**31),
    ("default_action", 0, 2),
    ("fps", 1, 240),
    ("input_delay", 0, 30),
    ("max_prediction", 1, 60),
    ("incarnation", 0, 255),
    ("frame_skip", 1, 2**31),
]


@pytest.mark.parametrize(("option", "lowest", "highest"), LIMITS)
def test_a_number_may_be_as_small_and_as_large_as_its_limits(
    option: str, lowest: int, highest: int
) -> None:
    for value in (lowest, highest):
        assert getattr(read(**{option: value}), option) == value
    for value in (lowest - 1, highest + 1, str(lowest), True, None):
        if (option, value) != ("max_steps", None):
            with pytest.raises(ValueError, match=option):
                read(**{option: value})


def test_the_frames_per_second_need_not_be_whole() -> None:
    assert read(fps=59.94).frame_ms == 1000 / 59.94
    assert read(fps=1.0).frame_ms == 1000
    for fps in (0.999, 240.001):
        with pytest.raises(ValueError, match="fps"):
            read(fps=fps)


def test_a_game_has_1_to_16_agents_and_1_to_126_actions() -> None:
    for count in (1, 16):
        assert read(agents=[*range(count)], seat=0).num_seats == count
    for count in (1, 126):
        assert len(read(actions=[*range(count)], default_action=0).actions) == count
    for agents in ([], [*range(17)]):
        with pytest.raises(ValueError, match="1 to 16 agent"):
            read(agents=agents, seat=0)
    for actions in ([], [*range(127)], {"0": 1}):
        with pytest.raises(ValueError, match="1 to 126 actions"):
            read(actions=actions, default_action=0)


def test_who_plays_alone_cannot_have_reloaded_without_a_history() -> None:
    for agents, policies in ((["left"], None), (["left", "right"], [None, "random"])):
        alone = {"agents": agents, "policies": policies, "seat": 0}
        assert read(**alone).incarnation == read(**alone, incarnation=0).incarnation == 0
        with pytest.raises(ValueError, match="incarnation must be 0"):
            read(**alone, incarnation=1)
        assert read(**alone, incarnation=1, history="").incarnation == 1


def test_a_history_is_text() -> None:
    assert read().history is None
    assert read(history="eJw=").history == "eJw="
    with pytest.raises(ValueError, match="history must be text"):
        read(history=[0, 1])


@pytest.mark.parametrize("on_cut", ["", None, 1, ["end"]])
def test_what_a_cut_does_is_named(on_cut: Any) -> None:
    with pytest.raises(ValueError, match="on_cut"):
        read(on_cut=on_cut)


@pytest.mark.parametrize(
    "policies", ["rr", ["random"], [None, ""], [None, 1], ["a", "b"], [None] * 3]
)
def test_policies_are_names_or_null_one_per_agent(policies: Any) -> None:
    with pytest.raises(ValueError, match="policies"):
        read(policies=policies)


def test_what_may_be_left_out_has_the_value_that_changes_nothing() -> None:
    config = read()
    assert (config.incarnation, config.on_cut, config.frame_skip) == (0, "end", 1)
    assert (config.policies, config.seat_of_agent) == ((None, None), (0, 1))
    assert read(on_cut="neutral").on_cut == "neutral"
    assert GameConfig(**GOOD).policies == (None, None)


@pytest.mark.parametrize("option", [name for name in GOOD if name != "max_steps"])
def test_a_missing_option_is_named(option: str) -> None:
    with pytest.raises(ValueError, match=f"lacks {option}"):
        GameConfig.from_json(json.dumps({k: v for k, v in GOOD.items() if k != option}))


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="game config"):
        GameConfig.from_json(text)


def test_whether_the_input_delay_changes_is_said_or_not_so() -> None:
    assert read().adapts_input_delay is read(adapts_input_delay=False).adapts_input_delay is False
    assert read(adapts_input_delay=True).adapts_input_delay is True
    with pytest.raises(ValueError, match="adapts_input_delay must be true or false, not 1"):
        read(adapts_input_delay=1)
