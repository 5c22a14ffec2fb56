import pytest

from interactive_gym.scenes.questionnaires import Demographics


def test_nobody_has_to_tell_anything_of_themselves():
    asked = Demographics().scene(scene_id="page").form().fields
    assert not any(field.is_required for field in asked.values())
    assert asked["gender"].value_of(["not_told"]) == "not_told"
    with pytest.raises(ValueError):
        asked["age"].value_of(["17"])
