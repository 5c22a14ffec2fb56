import json
import statistics

import pytest

from interactive_gym.reporting.exclusion import seekers_of
from interactive_gym.reporting.forecasts import compared, read_forecast
from interactive_gym.reporting.plans import plans_of
from interactive_gym.reporting.rows import rows_of
from interactive_gym.reporting.study_report import report_on

FORECAST = {
    "scene_id": None,
    "thresholds": [
        {"threshold_ms": 60.0, "match_rate": 0.7, "median_wait_s": 4.0}
        | {"studies": [{"match_rate": 0.6}, {"match_rate": 0.8}]}
    ],
}


def test_what_came_stands_beside_what_was_forecast(study, tables) -> None:
    (plan,) = plans_of(study.folder)
    games = rows_of(tables, "games")
    share, wait, _, rtt, _ = compared(FORECAST, plan, seekers_of(tables), games)
    ended = len(study.fates) + len(study.of_kind("exit"))
    assert share[1:4] == (0.7, 0.6, 0.8)
    assert share[4] == pytest.approx(len(study.fates) / ended)
    assert wait[1:4] == (4.0, None, None) and wait[4] > 0
    probed = [edge["rtt_ms"] for line in study.of_kind("matched") for edge in line["edges"]]
    assert rtt[4] == pytest.approx(statistics.median(probed))


def test_the_page_says_where_there_is_no_forecast(study, tables) -> None:
    plans = plans_of(study.folder)
    assert "Against the forecast" in report_on("s", tables, plans, [FORECAST]).html
    assert "nothing was forecast" in report_on("s", tables, plans, [{"thresholds": []}]).html


def test_what_is_no_forecast_is_refused(tmp_path) -> None:
    file = tmp_path / "plan.json"
    for text in ("[]", "{}", "no json", '{"scenes": [3]}'):
        file.write_text(text)
        with pytest.raises(ValueError, match="plan --json"):
            read_forecast(file)
    file.write_text(json.dumps(FORECAST))
    assert read_forecast(file) == [FORECAST]
