import pytest

from interactive_gym.scenes.questionnaires import NasaTlx


@pytest.fixture
def fields():
    return NasaTlx().scene(scene_id="page").form().fields


def test_a_slider_counts_in_fives_and_must_be_moved(fields):
    demand = fields["mental_demand"]
    assert [demand.value_of([answer]) for answer in ("0", "55", "100")] == [0, 55, 100]
    for refused in ([], ["52"], ["105"]):
        with pytest.raises(ValueError):
            demand.value_of(refused)


def test_only_performance_goes_from_perfect_to_failure():
    html = NasaTlx().page_html
    assert html.count("From Perfect to Failure.") == 1
    assert html.count("From Very low to Very high.") == 5
