import json

import numpy as np
import pytest

from interactive_gym.data.minari.spaces import space_for, space_of, stacked
from interactive_gym.verification.child import described, plain

spaces = pytest.importorskip("gymnasium", reason="Gymnasium is not installed").spaces


def all_spaces():
    return [
        spaces.Box(-np.inf, 3.5, (2, 3), np.float32),
        spaces.Box(0, 255, (4, 4, 3), np.uint8),
        spaces.Discrete(5, start=-2),
        spaces.MultiDiscrete([3, 4]),
        spaces.MultiBinary(6),
        spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Tuple([spaces.Box(0, 1, (1,))])}),
    ]


@pytest.mark.parametrize("space", all_spaces(), ids=str)
def test_spaces_and_their_values_survive_json(space) -> None:
    told = json.loads(json.dumps(described(space)))
    again = space_of(told)
    assert again == space
    values = [space.sample() for _ in range(3)]
    kept = stacked(again, [json.loads(json.dumps(plain(value))) for value in values])
    if not isinstance(space, spaces.Dict):
        assert np.array_equal(kept, np.array(values))
    else:
        assert kept["a"].tolist() == [int(value["a"]) for value in values]
        assert np.array_equal(kept["b"][0], np.array([value["b"][0] for value in values]))


def test_a_space_that_minari_has_no_form_for_is_refused() -> None:
    told = described(spaces.Dict({"a": spaces.Text(4)}))
    with pytest.raises(ValueError, match="cannot store"):
        space_of(told)


def test_without_a_space_numbers_have_one_and_texts_have_none() -> None:
    assert space_for([[1, 2.5]]).shape == (1, 2)
    assert space_for({"a": 3})["a"].shape == ()
    for value in ("text", [[1], [1, 2]]):
        with pytest.raises(ValueError, match="no observation_space"):
            space_for(value)


def test_what_is_not_of_the_space_is_refused() -> None:
    for values in ([[1.0]], [{"a": 1}], [None]):
        with pytest.raises(ValueError, match="none of its observation_space"):
            stacked(spaces.Box(0, 1, (2,)), values)
