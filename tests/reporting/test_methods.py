from interactive_gym.reporting.exclusion import seekers_of
from interactive_gym.reporting.flow import flow_of
from interactive_gym.reporting.methods import methods
from interactive_gym.reporting.plans import plans_of
from interactive_gym.reporting.quality import quality_of
from interactive_gym.reporting.rows import rows_of


def test_the_figures_of_the_study_are_filled_in(study, tables) -> None:
    flow, seekers = flow_of(tables), seekers_of(tables)
    games = quality_of(tables)
    edges = rows_of(tables, "edges")
    text = " ".join(methods(flow, plans_of(study.folder), seekers, edges, games))
    for stage in flow:
        assert f"{len(stage.people)} " in text
    measured = sum(line["rtt_ms"] is not None for line in study.of_kind("verdict"))
    assert f"{measured} round-trip times" in text
    assert "at most 60 ms, and waited for at most 90 s (LatencyMatchmaker" in text
    equal = sum(game.verified == "equal" for game in games)
    assert f"{equal} of them were equal in every frame" in text


def test_without_data_there_is_one_sentence() -> None:
    from interactive_gym.reporting.flow import Stage

    flow = [Stage("stage", frozenset(), {})] * 5
    assert len(methods(flow, [], [], [], [])) == 1
