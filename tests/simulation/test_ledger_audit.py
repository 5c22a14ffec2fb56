import json

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.ledger_audit import audit
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings
from tests.support.audited_study import AuditedStudy, answer, eventful_start
from tests.support.ledger_study import THREE, Newest

MATCHMAKERS = [
    FIFOMatchmaker(150),
    FIFOMatchmaker(100, rtt_expansions=[(5, 160), (20, 200)]),
    LatencyMatchmaker(90, probe_price=3.0, rtt_expansions=[(20, 160)]),
    Newest(150, after_s=1.0),
]


def audited(study):
    return audit(study.path, plan_matchmaker)


def kinds(study):
    return [json.loads(row)["kind"] for row in study.path.read_text().splitlines()]


@pytest.mark.parametrize("agents", [("left", "right"), THREE])
@pytest.mark.parametrize("matchmaker", MATCHMAKERS, ids=lambda m: type(m).__name__)
def test_a_study_that_ended_in_order_is_confirmed_in_every_respect(tmp_path, matchmaker, agents):
    study = eventful_start(AuditedStudy(tmp_path, matchmaker, agents))
    study.join("x", "y", "z")
    study.pass_time(1.0)
    study.close()
    again = AuditedStudy(tmp_path, matchmaker, agents)
    again.prober.inside = answer
    again.join("p", "q", "r")
    again.pass_time(70.0)
    again.close()
    found = audited(again)
    assert found.findings == []
    lines = kinds(again)
    assert found.chain.chained == len(lines) and found.chain.is_closed
    assert found.confirmed.total() == len(lines) - lines.count("game_ended")
    assert found.probes == lines.count("probe") > 0
    assert found.exits == lines.count("exit") > 0
    assert found.games == lines.count("matched") > 0


def test_a_simulated_study_is_confirmed_without_a_manifest(tmp_path):
    settings = StudySettings(
        SyntheticPopulation(),
        PoissonArrivals(3.0),
        participants=60,
        mean_dropout_s=120.0,
        probing=ProbingSettings(failure_share=0.1, noise_ms=3.0),
        seed=3,
    )
    ledger = tmp_path / "matching.jsonl"
    simulate(settings, LatencyMatchmaker(80), ledger=ledger)
    found = audit(ledger, plan_matchmaker)
    assert found.findings == []
    assert found.probes > 20 and found.chain.attested is None and found.exits is None


def test_a_killed_servers_ledger_is_confirmed_as_far_as_it_goes(tmp_path):
    study = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    study.prober.inside = answer
    study.join("a", "b", "c")
    study.pass_time(2.0)
    study.join("e", "f")
    found = audited(study)
    assert found.findings == []
    assert not found.chain.is_closed
    assert found.chain.attested < found.chain.end.lines
    assert any("still waited" in note for note in found.notes)


def test_a_ledger_of_an_earlier_version_that_goes_on_is_covered_by_the_chain(tmp_path):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    study.close()
    rows = [json.loads(row) for row in study.path.read_text().splitlines()]
    for row in rows:
        del row["chain"]
    study.path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    study.manifest.unlink()
    unchained = audited(study)
    assert unchained.findings == [] and unchained.chain.end is None
    again = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    again.join("p")
    again.close()
    found = audited(again)
    assert found.findings == []
    assert (found.chain.unchained, found.chain.chained) == (len(rows), 3)
    again.path.write_text(again.path.read_text().replace('"waited_ms": 0', '"waited_ms": 00', 1))
    with pytest.raises(ValueError):
        audited(again)
    again.path.write_text(again.path.read_text().replace('"waited_ms": 00', '"waited_ms":  0', 1))
    assert [finding.check for finding in audited(again).findings] == ["chain"]


def test_half_a_line_that_a_start_cut_is_told(tmp_path):
    study = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    study.join("a")
    study.pass_time(1.0)
    with study.path.open("a") as file:
        file.write('{"schema": 2, "ki')
    torn = audited(study)
    assert torn.findings == []
    assert "half a line of 17 bytes at the end is left out" in torn.notes
    again = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    again.close()
    found = audited(again)
    assert found.findings == []
    assert any("it cut half a line of 17 bytes" in note for note in found.notes)


def test_an_exit_that_nothing_else_depends_on_is_missed_all_the_same(tmp_path):
    study = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    study.join("a")
    study.pass_time(5.0)
    study.manager.leave_waitroom("a")
    study.pass_time(300.0)
    study.join("b")
    study.close()
    ledger = tmp_path / "alone.jsonl"
    rows = [json.loads(row) for row in study.path.read_text().splitlines()]
    ledger.write_text("".join(json.dumps(row) + "\n" for row in rows if row["kind"] != "exit"))
    decisions = [f for f in audit(ledger, plan_matchmaker).findings if f.check == "decisions"]
    assert [finding.line_number for finding in decisions] == [3]
    assert "an exit of a, whose patience had ended" in decisions[0].what


def test_a_kill_between_the_lines_of_a_decision_is_no_difference(tmp_path):
    study = eventful_start(AuditedStudy(tmp_path, FIFOMatchmaker(150)))
    rows = study.path.read_text().splitlines(keepends=True)
    for end in range(1, len(rows)):
        ledger = tmp_path / "killed.jsonl"
        ledger.write_text("".join(rows[:end]))
        assert audit(ledger, plan_matchmaker).findings == []


def test_a_forged_reason_of_who_waited_in_vain_alone_is_remarked_on(tmp_path):
    study = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    study.join("a")
    study.pass_time(70.0)
    study.close()
    rows = [json.loads(row) for row in study.path.read_text().splitlines()]
    exits = [row for row in rows if row["kind"] == "exit"]
    exits[0]["reason"] = "disconnected"
    ledger = tmp_path / "alone.jsonl"
    ledger.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = audit(ledger, plan_matchmaker)
    assert any("a left as 'disconnected', though" in note for note in found.notes)
    study.path.write_text(ledger.read_text())
    assert "participants" in {finding.check for finding in audited(study).findings}


def test_whoever_gave_up_waiting_is_confirmed_also_while_they_were_probed(tmp_path):
    study = AuditedStudy(tmp_path, FIFOMatchmaker(150))
    study.join("a")
    study.pass_time(5.0)
    study.manager.give_up("a")
    study.join("a", "b")
    study.manager.give_up("a")
    study.pass_time(1.0)
    study.close()
    found = audited(study)
    assert (found.findings, found.exits) == ([], 2)
