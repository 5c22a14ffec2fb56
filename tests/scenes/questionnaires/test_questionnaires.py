"""What the ready pages ask, and under which names their documents say it is stored."""

import re

import pytest

from interactive_gym.scenes import questionnaires


@pytest.mark.parametrize("name", questionnaires.__all__)
def test_everything_that_is_stored_is_named_in_the_docstring(name):
    cls = getattr(questionnaires, name)
    stored = re.search(r"Stored as (.*?)\.", cls.__doc__.replace("\n", " "))
    named = set(re.findall(r"``(\w+)``", stored[1] + cls.__doc__))
    assert set(cls().scene(scene_id="page").form().fields) == named
