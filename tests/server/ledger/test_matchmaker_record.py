"""A matchmaker as plans and `match.json` have it, and the matchmaker made of that again."""

import json
import re

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import describe_matchmaker, plan_matchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker


def same_condition(a, b):
    return a.attributes["condition"] == b.attributes["condition"]


class Named(FIFOMatchmaker):
    """Has parameters of every kind."""

    class Nested(FIFOMatchmaker):
        """A class within a class."""

    def __init__(self, *, table=None, inner=None, thing=None):
        super().__init__(150)
        self.table = table
        self.inner = inner
        self.thing = thing
        self._learnt = [1, 2]


class Strict(Matchmaker):
    """Keeps its parameter under another name than its constructor has."""

    def __init__(self, limit_ms):
        super().__init__(limit_ms)

    def find_match(self, arriving, waiting, group_size):
        return None


def plan_of(matchmaker):
    """As it comes back from the ledger."""
    return json.loads(json.dumps({"matchmaker": describe_matchmaker(matchmaker)}))


def test_a_matchmaker_is_its_class_by_name_and_its_public_attributes():
    described = describe_matchmaker(FIFOMatchmaker(150, rtt_expansions=[(30, 180)]))
    assert described["class"] == "interactive_gym.server.matchmaker.FIFOMatchmaker"
    assert described["parameters"]["max_p2p_rtt_ms"] == 150
    assert described["parameters"]["rtt_expansions"] == [[30, 180]]
    assert not any(name.startswith("_") for name in describe_matchmaker(Named())["parameters"])


def test_parameters_that_are_no_json_are_described_or_named_by_their_type():
    described = describe_matchmaker(
        Named(table={1: (2, None)}, inner=[FIFOMatchmaker(80)], thing=object())
    )["parameters"]
    assert described["table"] == {"1": [2, None]}
    assert described["inner"][0]["parameters"]["max_p2p_rtt_ms"] == 80
    assert described["thing"] == "<builtins.object>"


@pytest.mark.parametrize(
    "matchmaker",
    [
        FIFOMatchmaker(),
        FIFOMatchmaker(100, rtt_expansions=[(5, 160)], expand_by="newest"),
        FIFOMatchmaker(compatible=same_condition),
        LatencyMatchmaker(90, probe_price=3.0),
        LatencyMatchmaker(90, rules=1),
        GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150, age_weight=0.7)),
        Named.Nested(70),
        Named(table=[[1, 2], [3]], inner=FIFOMatchmaker(80)),
    ],
    ids=lambda matchmaker: type(matchmaker).__qualname__,
)
def test_a_matchmaker_is_made_again_of_what_its_plan_says(matchmaker):
    made = plan_matchmaker(plan_of(matchmaker))
    assert type(made) is type(matchmaker)
    assert describe_matchmaker(made) == describe_matchmaker(matchmaker)


def test_a_record_from_before_there_were_rules_is_followed_by_the_first():
    plan = plan_of(GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150, probe_price=3.0)))
    fallback = plan["matchmaker"]["parameters"]["fallback"]["parameters"]
    del fallback["rules"]
    made = plan_matchmaker(plan)
    assert isinstance(made, GroupReunionMatchmaker)
    assert isinstance(made.fallback, LatencyMatchmaker)
    assert (made.fallback.rules, made.fallback.probe_price) == (1, 3.0)


def test_a_function_comes_back_as_the_very_one():
    assert plan_matchmaker(plan_of(FIFOMatchmaker(compatible=same_condition))).compatible is (
        same_condition
    )


def test_another_class_can_be_given_instead_and_gets_the_parameters_it_knows():
    plan = plan_of(LatencyMatchmaker(90, probe_price=3.0))
    made = plan_matchmaker(plan, FIFOMatchmaker)
    assert type(made) is FIFOMatchmaker
    assert made.max_p2p_rtt_ms == 90


@pytest.mark.parametrize(
    "name", ["__gone__.Newest", "interactive_gym.server.matchmaker.Gone", "Nowhere"]
)
def test_a_class_that_cannot_be_imported_is_named_with_what_to_do(name):
    plan = {"matchmaker": {"class": name, "parameters": {}}}
    with pytest.raises(ValueError, match=re.escape(name)) as caught:
        plan_matchmaker(plan)
    assert "--matchmaker MODULE:CLASS" in str(caught.value)


def test_a_fault_in_the_module_of_a_class_is_not_taken_for_its_absence(tmp_path, monkeypatch):
    (tmp_path / "broken_strategy.py").write_text("import a_module_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    plan = {"matchmaker": {"class": "broken_strategy.Own", "parameters": {}}}
    with pytest.raises(ValueError, match="No module named 'a_module_that_nobody_has'"):
        plan_matchmaker(plan)


def test_a_class_that_hides_its_parameters_cannot_be_made_again():
    with pytest.raises(ValueError, match="public attributes must be what its constructor takes"):
        plan_matchmaker(plan_of(Strict(100)))


def test_a_function_that_cannot_be_imported_is_named():
    matchmaker = FIFOMatchmaker(compatible=lambda a, b: True)
    with pytest.raises(ValueError, match=r"The function .*<lambda> .* cannot be imported"):
        plan_matchmaker(plan_of(matchmaker))
