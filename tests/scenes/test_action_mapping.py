import re

import pytest

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
        ({"a": "up"}, 0, "action_mapping['a'] is 'up'"),
        ({"a": True}, 0, "action_mapping['a'] is True"),
        ({"a": 2**31}, 0, "action_mapping['a'] is 2147483648"),
        ({"a": 1}, None, "default_action is None"),
        ({"a": 1}, -(2**31) - 1, "default_action is -2147483649"),
        ({("a", "b"): 1, ("b", "a"): 2}, 0, "the actions 1 and 2"),
    ],
)
def test_what_is_no_table_of_actions_is_refused(action_mapping, default_action, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        checked_action_mapping(action_mapping, default_action)


def test_actions_may_be_as_large_as_32_bits_hold():
    assert checked_action_mapping({"a": 2**31 - 1}, -(2**31)).actions == [-(2**31), 2**31 - 1]


def test_an_action_takes_seven_bits_on_the_wire():
    keys = {str(action): action for action in range(1, MAX_ACTIONS)}
    assert len(checked_action_mapping(keys, 0).actions) == MAX_ACTIONS == 126
    with pytest.raises(ValueError, match="127 distinct actions: use at most 126"):
        checked_action_mapping({**keys, "126": 126}, 0)


def test_labels_are_of_actions_that_some_key_gives():
    mapping = checked_action_mapping(KEYS, 5)
    assert checked_action_labels({8: "jump left"}, mapping) == {8: "jump left"}
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
