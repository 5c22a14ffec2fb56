import json
import random

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.ledger_population import LedgerPopulation
from interactive_gym.simulation.populations.population import percentile
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import StudySettings

PEOPLE = 120


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """A simulated study and the ledger it left behind."""
    path = tmp_path_factory.mktemp("study") / "matching.jsonl"
    settings = StudySettings(
        population=SyntheticPopulation(),
        arrivals=PoissonArrivals(2.0),
        participants=PEOPLE,
        probing=ProbingSettings(accept_s=1.25, reject_s=1.25, failure_share=0.1),
    )
    return simulate(settings, FIFOMatchmaker(100), ledger=path), path


def test_the_people_of_a_ledger_have_the_server_rtts_of_the_study(studied):
    result, path = studied
    cohort = LedgerPopulation.read(path).cohort(PEOPLE, random.Random(1))
    assert sorted(cohort.server_rtt_ms) == pytest.approx(sorted(result.study.cohort.server_rtt_ms))


def test_measured_pairs_keep_their_rtts(studied):
    result, path = studied
    truth = result.study.cohort
    cohort = LedgerPopulation.read(path).cohort(PEOPLE, random.Random(1))
    who = {rtt_ms: person for person, rtt_ms in enumerate(truth.server_rtt_ms)}
    person = [who[rtt_ms] for rtt_ms in cohort.server_rtt_ms]
    played = {frozenset(game.members) for game in result.games}
    assert len(played) > 40
    for a in range(PEOPLE):
        for b in range(a):
            if frozenset((person[a], person[b])) in played:
                assert cohort.rtt_ms(a, b) == truth.rtt_ms(person[a], person[b])


def test_filled_in_rtts_are_distributed_like_the_true_ones(studied):
    result, path = studied
    cohort = LedgerPopulation.read(path).cohort(PEOPLE, random.Random(1))
    for share, tolerance in ((0.25, 0.25), (0.5, 0.25), (0.75, 0.4)):
        true_ms, filled_ms = (
            percentile([each.rtt_ms(a, b) for a in range(PEOPLE) for b in range(a)], share)
            for each in (result.study.cohort, cohort)
        )
        assert filled_ms == pytest.approx(true_ms, rel=tolerance)


def test_filling_in_is_decided_by_the_seed(studied):
    population = LedgerPopulation.read(studied[1])
    first, again, other = (population.cohort(PEOPLE, random.Random(seed)) for seed in (1, 1, 2))
    pairs = [(a, b) for a in range(40) for b in range(a)]
    rtts = [[each.rtt_ms(*pair) for pair in pairs] for each in (first, again, other)]
    assert rtts[0] == rtts[1] != rtts[2]
    assert first.rtt_ms(3, 5) == first.rtt_ms(5, 3)


def test_an_unmeasured_pair_gets_the_ratio_of_one_of_the_most_similar_measured_pairs():
    # Eleven pairs with the same server RTTs, 20 and 60 ms, whose RTTs are 30, 31 … 40 ms, and a
    # pair that is farther away. The unmeasured pairs are like the eleven.
    server_rtt_ms = {
        f"{side}{n}": rtt for n in range(11) for side, rtt in (("a", 20.0), ("b", 60.0))
    }
    measured_ms = {(f"a{n}", f"b{n}"): 30.0 + n for n in range(11)}
    server_rtt_ms.update(far=300.0, farther=320.0)
    measured_ms["far", "farther"] = 600.0
    population = LedgerPopulation(server_rtt_ms, measured_ms)
    filled_in_ms = set()
    for seed in range(20):
        cohort = population.cohort(22, random.Random(seed))
        a, b = cohort.server_rtt_ms.index(20.0), cohort.server_rtt_ms.index(60.0)
        filled_in_ms.add(round(cohort.rtt_ms(a, b), 6))
    assert len(filled_in_ms) > 4
    assert filled_in_ms <= {30.0 + n for n in range(11)}


def test_a_larger_study_is_drawn_from_the_same_people(studied):
    population = LedgerPopulation.read(studied[1])
    cohort = population.cohort(2 * PEOPLE, random.Random(1))
    assert sorted(cohort.server_rtt_ms[:PEOPLE]) == sorted(cohort.server_rtt_ms[PEOPLE:])
    twins = next(
        (a, b)
        for a in range(PEOPLE)
        for b in range(PEOPLE, 2 * PEOPLE)
        if cohort.server_rtt_ms[a] == cohort.server_rtt_ms[b]
    )
    assert 0.0 < cohort.rtt_ms(*twins) < 200.0


def test_failures_and_durations_of_the_study_are_known(studied):
    population = LedgerPopulation.read(studied[1])
    assert population.failure_share == pytest.approx(0.1, abs=0.06)
    assert population.failure_share > 0.0
    assert population.probe_s == pytest.approx(1.25)
    assert "120 people, 2% of the pairs measured" in population.description


def test_the_line_torn_by_a_killed_server_is_left_out(studied, tmp_path):
    whole = studied[1].read_text()
    torn = tmp_path / "matching.jsonl"
    torn.write_text(whole + '{"kind": "prob')
    assert LedgerPopulation.read(torn).description == LedgerPopulation.read(studied[1]).description


def test_a_broken_line_in_the_middle_is_refused_by_its_number(studied, tmp_path):
    lines = studied[1].read_text().splitlines()
    broken = tmp_path / "matching.jsonl"
    broken.write_text("\n".join([lines[0], "frame,agent", *lines[1:]]))
    with pytest.raises(ValueError, match=r"Line 2 of .* is no JSON"):
        LedgerPopulation.read(broken)


def test_too_few_measured_pairs_are_refused(tmp_path):
    path = tmp_path / "matching.jsonl"
    lines = [{"kind": "arrival", "subject_id": who, "server_rtt_ms": 20.0} for who in "abc"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ValueError, match=r"matching\.jsonl holds 0 measured pairs"):
        LedgerPopulation.read(path)


def test_a_missing_ledger_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        LedgerPopulation.read(tmp_path / "missing.jsonl")
