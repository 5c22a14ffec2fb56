import re
import xml.etree.ElementTree as ET

import pytest

from interactive_gym.reporting.exclusion import seekers_of
from interactive_gym.reporting.figures import figures_of
from interactive_gym.reporting.flow import Stage, flow_of
from interactive_gym.reporting.plans import plans_of
from interactive_gym.reporting.quality import quality_of
from interactive_gym.reporting.rows import rows_of

pytest.importorskip("matplotlib", reason="matplotlib is not installed: see the extra `report`")


@pytest.fixture(scope="module")
def parts(study, tables):
    edges = rows_of(tables, "edges")
    plans = plans_of(study.folder)
    return flow_of(tables), plans, seekers_of(tables), edges, quality_of(tables)


def test_the_same_data_draw_the_same_figures(parts) -> None:
    drawn = figures_of(*parts)
    assert set(drawn) == {"flow", "rtt", "waits", "server_rtt", "forecast"}
    assert drawn == figures_of(*parts)
    for drawing in drawn.values():
        ET.fromstring(drawing)


def test_the_flow_tells_every_number(parts) -> None:
    text = " ".join(re.findall(r">([^<]+)<", figures_of(*parts)["flow"]))
    for stage in parts[0]:
        assert f"(n = {len(stage.people)})" in text
        for reason, count in stage.left.items():
            assert f"{reason} (n = {count})" in text


def test_without_data_only_the_flow_is_drawn() -> None:
    empty = [Stage("stage", frozenset(), {})] * 5
    assert list(figures_of(empty, [], [], [], [])) == ["flow"]
