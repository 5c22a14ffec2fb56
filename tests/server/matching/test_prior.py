import json
from pathlib import Path
from typing import Any

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import describe_matchmaker, plan_matchmaker
from interactive_gym.server.matching.prior import read_prior, teach
from interactive_gym.server.matching.rtt_predictor import RttPredictor
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import World


def ledger(folder: Path, *, rtt_ms: float | None = 200.0) -> Path:
    """An earlier study in which thirty pairs at 20 and 90 ms from the server were measured."""
    lines: list[dict[str, Any]] = [{"kind": "plan", "plan": {}}]
    for n in range(30):
        for who, server_rtt_ms in ((f"a{n}", 20.0), (f"b{n}", 90.0)):
            line = {"kind": "arrival", "subject_id": who, "server_rtt_ms": server_rtt_ms}
            lines.append(line)
        verdict = {"kind": "verdict", "pair": [f"a{n}", f"b{n}"], "rtt_ms": rtt_ms}
        lines.append({**verdict, "threshold_ms": 80.0})
    path = folder / "matching.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


PAIR = (MatchCandidate("x", 20.0), MatchCandidate("y", 90.0))


@pytest.mark.parametrize(("rtt_ms", "is_likelier"), [(30.0, True), (200.0, False)])
def test_predictions_begin_from_what_an_earlier_study_measured(
    tmp_path: Path, rtt_ms: float, is_likelier: bool
) -> None:
    before, after = RttPredictor(), RttPredictor()
    teach(after, read_prior(ledger(tmp_path, rtt_ms=rtt_ms)).evidence)
    change = after.p_accept(*PAIR, 80.0) - before.p_accept(*PAIR, 80.0)
    assert (change > 0.05) is is_likelier
    assert (change < -0.05) is not is_likelier
    assert 0.0 < after.p_accept(*PAIR, 80.0) < 1.0


def test_nothing_is_kept_of_its_participants(tmp_path: Path) -> None:
    predictor = RttPredictor()
    teach(predictor, read_prior(ledger(tmp_path)).evidence)
    assert predictor.effect("a1") == predictor.stranger


def test_probes_that_measured_nothing_are_no_evidence(tmp_path: Path) -> None:
    assert read_prior(ledger(tmp_path, rtt_ms=None)).evidence == ()


def test_a_scene_begins_with_what_its_matchmaker_was_given(tmp_path: Path) -> None:
    strategy = LatencyMatchmaker(80, prior=[ledger(tmp_path)])
    for matchmaker in (strategy, GroupReunionMatchmaker(80, fallback=strategy)):
        taught = World(matchmaker=matchmaker).manager._graph
        plain = World(matchmaker=LatencyMatchmaker(80)).manager._graph
        assert taught.p_accept(*PAIR, 80.0) < plain.p_accept(*PAIR, 80.0)
    assert FIFOMatchmaker(80).evidence() == ()


def test_a_plan_names_the_content_of_a_prior_and_makes_the_matchmaker_again(
    tmp_path: Path,
) -> None:
    path = ledger(tmp_path)
    described = json.loads(json.dumps(describe_matchmaker(LatencyMatchmaker(80, prior=[path]))))
    (record,) = described["parameters"]["prior"]
    assert record == read_prior(path).record
    again = plan_matchmaker({"matchmaker": described})
    assert isinstance(again, LatencyMatchmaker)
    assert again.prior == [record]
    path.write_text(path.read_text() + "\n")
    with pytest.raises(ValueError, match="has changed since: give the ledger as it was"):
        plan_matchmaker({"matchmaker": described})


@pytest.mark.parametrize(
    ("prior", "what"),
    [
        ("matching.jsonl", "prior must list paths of ledgers; got 'matching.jsonl'"),
        ([3], "prior must list paths of ledgers; got 3"),
        (["absent.jsonl"], "prior 'absent.jsonl' cannot be read"),
    ],
)
def test_a_bad_prior_is_refused_when_the_matchmaker_is_made(prior: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        LatencyMatchmaker(80, prior=prior)


@pytest.mark.parametrize("text", ["", "no json\n", '{"kind": "arrival"}\n', "[]\n", "3\n", "\xff"])
def test_what_is_no_ledger_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="is no ledger: give a whole"):
        LatencyMatchmaker(80, prior=[path])
