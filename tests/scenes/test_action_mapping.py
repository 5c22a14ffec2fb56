import json
import re
import subprocess

import pytest

from interactive_gym.netcode.cells import text_of
from interactive_gym.scenes.action_mapping import (
    MAX_ACTIONS,
    checked_action_labels,
    checked_action_mapping,
)

KEYS = {"ArrowLeft": 3, ("ArrowUp", "ArrowLeft"): 8, "a": 3}


def test_the_table_of_actions_begins_with_the_neutral_one_and_has_each_once():
    mapping = checked_action_mapping(KEYS, 5)
    assert mapping.actions == [5, 3, 8]
    assert checked_action_mapping({"a": 1, "s": 0}, 0).actions == [0, 1]


def test_browsers_get_the_keys_of_an_action_in_one_order_and_its_place_in_the_table():
    assert checked_action_mapping(KEYS, 5).to_client() == [
        {"keys": ["ArrowLeft"], "action": 1},
        {"keys": ["ArrowLeft", "ArrowUp"], "action": 2},
        {"keys": ["a"], "action": 1},
    ]


def test_keys_pressed_together_are_a_combination_whatever_their_number():
    assert checked_action_mapping(KEYS, 5).has_combinations
    assert not checked_action_mapping({"a": 1, ("s",): 2}, 0).has_combinations


def test_the_same_keys_may_be_given_twice_for_the_same_action():
    mapping = checked_action_mapping({("a", "b"): 1, ("b", "a"): 1}, 0)
    assert mapping.keys == ((("a", "b"), 1),)


@pytest.mark.parametrize(
    ("action_mapping", "default_action", "named"),
    [
        ({}, 0, "action_mapping is {}"),
        (["a"], 0, "action_mapping is ['a']"),
        ({"": 1}, 0, "has the key ''"),
        ({(): 1}, 0, "has the key ()"),
        ({("a", ""): 1}, 0, "has the key ('a', '')"),
        ({1: 1}, 0, "has the key 1"),
        ({("a", 1): 1}, 0, "has the key ('a', 1)"),
        ({"a": None}, 0, "action_mapping['a'] is None: give a whole number"),
        ({"a": ""}, 0, "action_mapping['a'] is ''"),
        ({"a": []}, 0, "action_mapping['a'] is []"),
        ({"a": {1, 2}}, 0, "action_mapping['a'] is {1, 2}"),
        ({"a": [0, float("nan")]}, 0, "action_mapping['a'][1] is nan"),
        ({"a": {"x": object}}, 0, "action_mapping['a']['x'] is <class"),
        ({"a": {"1": 0}}, 0, "action_mapping['a'] has the key '1'"),
        ({"a": "1"}, 1, "the actions 1 and '1', which look the same in the data"),
        ({"a": [1], "b": "[1]"}, 0, "which look the same in the data"),
        ({"a": 1e300}, 0, "action_mapping['a'] is"),
        ({"a": 2**31}, 0, "action_mapping['a'] is 2147483648"),
        ({"a": 1}, None, "default_action is None: give"),
        ({"a": 1}, -(2**31) - 1, "default_action is -2147483649"),
        ({("a", "b"): 1, ("b", "a"): 2}, 0, "the actions 1 and 2"),
    ],
)
def test_what_is_no_table_of_actions_is_refused(action_mapping, default_action, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        checked_action_mapping(action_mapping, default_action)


def test_actions_may_be_as_large_as_32_bits_hold():
    assert checked_action_mapping({"a": 2**31 - 1}, -(2**31)).actions == [-(2**31), 2**31 - 1]


COMPOUND = {"a": (0, 1), "b": [0.5, -1.0], "c": {"move": "left", "force": (1, 2.5)}, "d": "up"}


def test_actions_of_other_spaces_are_any_value_that_json_has():
    mapping = checked_action_mapping({**COMPOUND, "e": [0, 1], "f": True}, [0, 0])
    left = {"move": "left", "force": [1, 2.5]}
    assert mapping.actions == [[0, 0], [0, 1], [0.5, -1], left, "up", True]
    assert [key["action"] for key in mapping.to_client()] == [1, 2, 3, 4, 1, 5]
    assert mapping.index_of(True) == 5
    assert checked_action_labels({(0, 1): "right"}, mapping) == {"[0,1]": "right"}


def test_arrays_are_actions_like_lists():
    numpy = pytest.importorskip("numpy")
    mapping = checked_action_mapping({"a": numpy.array([0.0, 0.25])}, numpy.zeros(2))
    assert mapping.actions == [[0, 0], [0, 0.25]]
    assert checked_action_mapping({"a": numpy.int64(3)}, 0).actions == [0, 3]


def test_javascript_gives_back_every_action_as_it_was():
    """As browsers read the table with JSON.parse and write it with JSON.stringify."""
    actions = checked_action_mapping({**COMPOUND, "g": 1e-7, "h": [1e15 / 7, -0.0]}, 1.0).actions
    node = "process.stdout.write(JSON.stringify(JSON.parse(process.argv[1])))"
    done = subprocess.run(
        ["node", "-e", node, json.dumps(actions)], capture_output=True, text=True, check=True
    )
    back = json.loads(done.stdout)
    assert [text_of(action) for action in back] == [text_of(action) for action in actions]


def test_an_action_takes_seven_bits_on_the_wire():
    keys = {str(action): action for action in range(1, MAX_ACTIONS)}
    assert len(checked_action_mapping(keys, 0).actions) == MAX_ACTIONS == 126
    with pytest.raises(ValueError, match="127 distinct actions: use at most 126"):
        checked_action_mapping({**keys, "126": 126}, 0)


def test_labels_are_of_actions_that_some_key_gives():
    mapping = checked_action_mapping(KEYS, 5)
    assert checked_action_labels({8: "jump left"}, mapping) == {"8": "jump left"}
    assert checked_action_labels({}, None) == {}


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (["left"], "action_labels is ['left']"),
        ({5: "wait"}, "has the action 5, which no key"),
        ({8: " "}, "action_labels[8] is ' '"),
        ({8: 8}, "action_labels[8] is 8"),
    ],
)
def test_what_are_no_labels_of_actions_is_refused(labels, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        checked_action_labels(labels, checked_action_mapping(KEYS, 5))
    with pytest.raises(ValueError, match="action_labels"):
        checked_action_labels(labels, None)
