from interactive_gym.reporting.balance import balance_of
from interactive_gym.reporting.exclusion import seekers_of
from tests.support.reported_study import LEVELS_MS


def test_every_latency_level_has_its_games(study, tables) -> None:
    levels = balance_of(tables, seekers_of(tables))
    assert [it.value for it in levels] == [f"{level} ms" for level in LEVELS_MS]
    assert sum(it.games for it in levels) == len(study.of_kind("matched"))
    assert sum(it.matched for it in levels) == len(study.fates)


def test_conditions_of_participants_are_counted(tables) -> None:
    seekers = seekers_of(tables)
    arrivals = tables["arrivals"].copy()
    told = [f'{{"condition": "{"ab"[n % 2]}", "age": {n}}}' for n in range(len(arrivals))]
    found = balance_of({**tables, "arrivals": arrivals.assign(attributes=told)}, seekers)
    of_people = [it for it in found if it.condition == "condition"]
    assert [it.value for it in of_people] == ["a", "b"]
    assert sum(it.asked for it in of_people) == len(seekers)
    assert sum(it.matched for it in of_people) == sum(it.fate == "matched" for it in seekers)
    assert not any(it.condition == "age" for it in found)
