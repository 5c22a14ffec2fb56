import re
import sys

import pytest

from interactive_gym.simulation import chart as picture
from tests.support.small_studies import small_study


@pytest.fixture(scope="module")
def study():
    return small_study()


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_same_plan_draws_the_same_picture(study, tmp_path, suffix, start):
    pictures = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}{suffix}"
        picture.draw_forecast(study, path)
        pictures.append(path.read_bytes())
    assert pictures[0].startswith(start)
    assert pictures[0] == pictures[1]


def test_the_picture_tells_every_threshold_with_its_figures(study, tmp_path):
    picture.draw_forecast(study, tmp_path / "plan.svg")
    text = (tmp_path / "plan.svg").read_text()
    for each, in_time in zip(study.thresholds, study.recommendation.in_time, strict=True):
        assert f">threshold {each.threshold_ms:g} ms<" in text
        assert f">{each.mean.match_rate * 100:.3g}<" in text
        assert f">{in_time.mean * 100:.3g}<" in text
        assert f">{each.mean.probes_per_game:.1f}<" in text
        assert f">{each.mean.median_game_rtt_ms:.0f}<" in text
        assert f">{each.mean.p95_game_rtt_ms:.0f}<" in text


def test_the_picture_says_what_the_text_says(study, tmp_path):
    picture.draw_forecast(study, tmp_path / "plan.svg")
    text = " ".join(re.findall(r">([^<]+)<", (tmp_path / "plan.svg").read_text()))
    for said in (study.title, study.conditions, *study.notes, *study.findings):
        assert said in text


@pytest.mark.parametrize(
    ("name", "sentence"), [("plan.gif", "must end with"), ("missing/plan.svg", "folder")]
)
def test_a_picture_that_cannot_be_drawn_is_refused(tmp_path, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        picture.check_can_draw(tmp_path / name)


def test_without_matplotlib_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ValueError, match=r"pip install 'interactive-gym\[plots\]'"):
        picture.check_can_draw(tmp_path / "plan.svg")
