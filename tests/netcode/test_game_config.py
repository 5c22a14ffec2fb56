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
        ("actions", list(range(128))),
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


@pytest.mark.parametrize("option", [name for name in GOOD if name != "max_steps"])
def test_a_missing_option_is_named(option: str) -> None:
    with pytest.raises(ValueError, match=f"lacks {option}"):
        GameConfig.from_json(json.dumps({k: v for k, v in GOOD.items() if k != option}))


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="game config"):
        GameConfig.from_json(text)
