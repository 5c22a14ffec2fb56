import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.matching.rtt_predictor import UNKNOWN_BIN, RttPredictor, geometric_p
from interactive_gym.server.matchmaker import MatchCandidate
from tests.support.pool_fakes import people

THRESHOLD_MS = 80.0


class Town:
    """People on a plane around a server, each behind a last mile; RTTs in milliseconds."""

    def __init__(self, seed: int, size: int = 150, *, noise: float = 0.1) -> None:
        self.rng = random.Random(seed)
        self.noise = noise
        self.places = [
            (self.rng.gauss(0, 45), self.rng.gauss(0, 45), self.rng.lognormvariate(2.0, 0.6))
            for _ in range(size)
        ]
        self.people = [
            MatchCandidate(f"p{at}", self.jittered(math.hypot(x, y) + mile))
            for at, (x, y, mile) in enumerate(self.places)
        ]

    def jittered(self, rtt_ms: float) -> float:
        return rtt_ms * self.rng.lognormvariate(0, self.noise)

    def pair(self):
        a, b = self.rng.sample(range(len(self.places)), 2)
        (ax, ay, a_mile), (bx, by, b_mile) = self.places[a], self.places[b]
        rtt_ms = self.jittered(math.hypot(ax - bx, ay - by) + a_mile + b_mile)
        return self.people[a], self.people[b], rtt_ms


class Chance(Town):
    """P2P RTTs that server RTTs say nothing about: a third is within the threshold."""

    def pair(self):
        a, b, _ = super().pair()
        return a, b, self.rng.choice([40.0, 120.0, 200.0])


def taught(town: Town, verdicts: int) -> RttPredictor:
    predictor = RttPredictor()
    for _ in range(verdicts):
        a, b, rtt_ms = town.pair()
        predictor.observe(a, b, accepted=rtt_ms <= THRESHOLD_MS, threshold_ms=THRESHOLD_MS)
    return predictor


def forecasts(predictor: RttPredictor, town: Town, count: int = 3000):
    made = []
    for _ in range(count):
        a, b, rtt_ms = town.pair()
        made.append((predictor.p_accept(a, b, THRESHOLD_MS), rtt_ms <= THRESHOLD_MS))
    return made


def log_loss(made) -> float:
    return -sum(math.log(p if good else 1 - p) for p, good in made) / len(made)


def base_rate_loss(made) -> float:
    rate = sum(good for _, good in made) / len(made)
    return log_loss([(rate, good) for _, good in made])


def auc(made) -> float:
    ranked = sorted(made)
    good_ranks = [rank for rank, (_, good) in enumerate(ranked, 1) if good]
    goods, bads = len(good_ranks), len(ranked) - len(good_ranks)
    return (sum(good_ranks) - goods * (goods + 1) / 2) / (goods * bads)


def test_before_the_first_verdict_near_pairs_are_likelier_than_far_ones():
    near, close, middle, far = people(a=8.0, b=10.0, c=60.0, d=300.0)
    predictor = RttPredictor()
    ps = [
        predictor.p_accept(*pair, THRESHOLD_MS)
        for pair in ((near, close), (near, middle), (middle, middle), (near, far))
    ]
    assert ps == sorted(ps, reverse=True)
    assert ps[0] > 0.85 > 0.15 > ps[-1]


def test_without_verdicts_it_already_ranks_well():
    for seed in range(3):
        assert auc(forecasts(RttPredictor(), Town(seed))) > 0.75


@pytest.mark.parametrize(("verdicts", "share"), [(0, 0.9), (30, 0.87), (1500, 0.8)])
def test_it_beats_the_base_rate_from_the_first_pair_on_and_gets_better(verdicts, share):
    for seed in range(3):
        town = Town(seed)
        made = forecasts(taught(town, verdicts), town)
        assert log_loss(made) < share * base_rate_loss(made)


def test_forecasts_come_true_as_often_as_they_say():
    for seed in range(3):
        town = Town(seed)
        made = sorted(forecasts(taught(town, 800), town, 6000))
        for at in range(0, 6000, 1000):
            bin_ = made[at : at + 1000]
            said = sum(p for p, _ in bin_) / 1000
            came_true = sum(good for _, good in bin_) / 1000
            assert abs(said - came_true) < 0.1


def test_where_server_rtts_say_nothing_it_learns_the_base_rate_and_no_more():
    for seed in range(3):
        town = Chance(seed)
        made = forecasts(taught(town, 1500), town)
        assert log_loss(made) < base_rate_loss(made) + 0.06


def test_noisy_server_rtts_blunt_the_forecasts_but_do_not_spoil_them():
    town = Town(7, noise=0.4)
    made = forecasts(taught(town, 800), town)
    assert auc(made) > 0.65
    assert log_loss(made) < base_rate_loss(made)


def test_a_participant_whose_pairs_keep_failing_becomes_less_likely_with_everybody():
    town = Town(1)
    predictor, unlucky = taught(town, 200), MatchCandidate("unlucky", 60.0)
    other = MatchCandidate("other", 60.0)
    before = predictor.p_accept(unlucky, other, THRESHOLD_MS)
    for at in range(8):
        partner = MatchCandidate(f"partner{at}", 30.0)
        predictor.observe(unlucky, partner, accepted=False, threshold_ms=THRESHOLD_MS)
    assert predictor.p_accept(unlucky, other, THRESHOLD_MS) < 0.6 * before
    assert predictor.effect("unlucky").variance < predictor.effect("other").variance
    predictor.forget("unlucky")
    assert predictor.effect("unlucky") == predictor.effect("other")


def test_what_was_learnt_holds_for_a_relaxed_threshold_too():
    town = Town(2)
    predictor = taught(town, 800)
    made = []
    for _ in range(3000):
        a, b, rtt_ms = town.pair()
        made.append((predictor.p_accept(a, b, 130.0), rtt_ms <= 130.0))
    assert auc(made) > 0.85
    assert log_loss(made) < base_rate_loss(made)


def test_an_unmeasured_server_rtt_leaves_a_pair_open_and_is_learnt_about():
    predictor = RttPredictor()
    a, b, c, d = people(a=None, b=20.0, c=None, d=30.0)
    assert 0.2 < predictor.p_accept(a, b, THRESHOLD_MS) < 0.8
    for _ in range(20):
        predictor.observe(a, b, accepted=False, threshold_ms=THRESHOLD_MS)
    assert predictor.p_accept(c, d, THRESHOLD_MS) < 0.3


@pytest.mark.parametrize("rtt_ms", [None, float("nan"), float("inf"), -1.0])
def test_nonsense_for_a_server_rtt_counts_as_unmeasured(rtt_ms):
    assert RttPredictor.bin_of(rtt_ms) == UNKNOWN_BIN


def test_the_same_verdicts_give_the_same_predictor():
    one, two = taught(Town(3), 300), taught(Town(3), 300)
    assert forecasts(one, Town(4), 200) == forecasts(two, Town(4), 200)


def test_the_geometry_is_certain_at_the_triangle_bounds():
    assert geometric_p(50, 30, 19.9) == 0
    assert geometric_p(50, 30, 80.1) == 1
    assert geometric_p(50, 30, math.hypot(50, 30)) == pytest.approx(0.5)


def test_a_predicted_rtt_lies_about_the_triangle_bounds_and_learns_from_verdicts():
    town = Town(5)
    predictor = taught(town, 800)
    within = below = 0
    for _ in range(400):
        a, b, rtt_ms = town.pair()
        said = predictor.predict(a, b)
        assert said.low_ms <= said.median_ms <= said.high_ms
        within += said.low_ms <= rtt_ms <= said.high_ms
        below += rtt_ms <= said.median_ms
    assert within / 400 > 0.7
    assert 0.3 < below / 400 < 0.7


def test_a_reader_may_keep_a_row_until_the_version_changes():
    town, predictor, versions = Town(6), RttPredictor(), []
    a, b, _ = town.pair()
    own, other = predictor.bin_of(a.rtt_ms), predictor.bin_of(b.rtt_ms)
    for _ in range(300):
        version, row = predictor.version, predictor.row(THRESHOLD_MS, own)
        before = row[other]
        x, y, rtt_ms = town.pair()
        predictor.observe(x, y, accepted=rtt_ms <= THRESHOLD_MS, threshold_ms=THRESHOLD_MS)
        if predictor.version == version:
            assert predictor.row(THRESHOLD_MS, own)[other] == before
        versions.append(predictor.version)
    assert 20 < len(set(versions)) < 120


@given(
    rtts=st.lists(st.none() | st.floats(0, 1e6), min_size=2, max_size=6),
    verdicts=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=80),
    threshold_ms=st.floats(1, 2000),
)
@settings(max_examples=80)
def test_no_verdicts_ever_make_it_certain(rtts, verdicts, threshold_ms):
    everybody = [MatchCandidate(str(at), rtt_ms) for at, rtt_ms in enumerate(rtts)]
    predictor = RttPredictor()
    for a, b, accepted in verdicts:
        a, b = a % len(everybody), b % len(everybody)
        if a != b:
            predictor.observe(
                everybody[a], everybody[b], accepted=accepted, threshold_ms=threshold_ms
            )
    for a in everybody:
        for b in everybody:
            assert 0 < predictor.p_accept(a, b, threshold_ms) < 1
            assert predictor.p_accept(a, b, threshold_ms) == predictor.p_accept(b, a, threshold_ms)
            assert predictor.effect(a.subject_id).variance > 0
