"""What the ready pages ask, and under which names their documents say it is stored."""

import re

import pytest

from interactive_gym.scenes import questionnaires
from interactive_gym.scenes.questionnaires import (
    Demographics,
    InclusionOfOther,
    NasaTlx,
    PartnerTrust,
)


def fields(scene):
    return scene.scene(scene_id="page").form().fields


@pytest.mark.parametrize("name", questionnaires.__all__)
def test_everything_that_is_stored_is_named_in_the_docstring(name):
    cls = getattr(questionnaires, name)
    stored = re.search(r"Stored as (.*?)\.", cls.__doc__.replace("\n", " "))
    named = set(re.findall(r"``(\w+)``", stored[1] + cls.__doc__))
    assert set(fields(cls())) == named


def test_a_slider_of_the_tlx_counts_in_fives_and_must_be_moved():
    demand = fields(NasaTlx())["mental_demand"]
    assert [demand.value_of([answer]) for answer in ("0", "55", "100")] == [0, 55, 100]
    for refused in ([], ["52"], ["105"]):
        with pytest.raises(ValueError):
            demand.value_of(refused)


def test_closeness_goes_from_one_to_seven_and_the_circles_come_nearer():
    scene = InclusionOfOther()
    assert fields(scene)["closeness"].value_of(["7"]) == 7
    centres = [float(x) for x in re.findall(r'cx="([\d.]+)"', scene.page_html)]
    distances = [right - left for left, right in zip(centres[::2], centres[1::2], strict=True)]
    assert len(distances) == 7
    assert distances == sorted(distances, reverse=True)


def test_every_statement_about_the_partner_must_be_answered():
    assert all(field.is_required for field in fields(PartnerTrust()).values())


def test_nobody_has_to_tell_anything_of_themselves():
    asked = fields(Demographics())
    assert not any(field.is_required for field in asked.values())
    with pytest.raises(ValueError):
        asked["age"].value_of(["17"])
