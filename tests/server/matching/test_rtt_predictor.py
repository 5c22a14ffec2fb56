import math
import random
from itertools import combinations

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


PEOPLE = people(unknown=None, here=0.0, near=10.0, town=40.0, suburb=41.0, land=120.0, abroad=900.0)
"""Participants at server RTTs of all sizes."""


def taught_by_the_book() -> RttPredictor:
    """A predictor after 60 fixed verdicts on them, under three thresholds."""
    predictor = RttPredictor()
    for at in range(60):
        a, b = PEOPLE[at * 3 % 7], PEOPLE[(at * at + at // 7 + 1) % 7]
        if a is not b:
            threshold_ms = (60.0, 80.0, 250.0)[at % 3 - 1]
            predictor.observe(a, b, accepted=at % 3 == 0, threshold_ms=threshold_ms)
    return predictor


def chances(predictor: RttPredictor, threshold_ms: float) -> list[float]:
    """The probabilities of all pairs of them, in order."""
    return [predictor.p_accept(a, b, threshold_ms) for a, b in combinations(PEOPLE, 2)]


NEW_AT_60 = [
    *(0.317282, 0.317282, 0.317282, 0.317282, 0.317282, 0.317282),
    *(0.954344, 0.84186, 0.842706, 0.019495, 0.095746, 0.77583),
    *(0.762267, 0.019506, 0.095746, 0.549284, 0.086763, 0.095746),
    *(0.087254, 0.095746, 0.095746),
]
NEW_AT_250 = [
    *(0.79811, 0.79811, 0.79811, 0.79811, 0.79811, 0.79811),
    *(0.917784, 0.951812, 0.95292, 0.982258, 0.035823, 0.953534),
    *(0.954551, 0.982409, 0.035824, 0.943206, 0.908504, 0.03582),
    *(0.907034, 0.035819, 0.035763),
]
TAUGHT_AT_60 = [
    *(0.090796, 0.084089, 0.070278, 0.087416, 0.148745, 0.283684),
    *(0.933567, 0.439819, 0.505536, 0.005434, 0.19445, 0.346422),
    *(0.384107, 0.004852, 0.183557, 0.225443, 0.027306, 0.158536),
    *(0.034375, 0.18942, 0.28606),
]
TAUGHT_AT_250 = [
    *(0.542601, 0.525354, 0.476957, 0.535929, 0.672807, 0.823824),
    *(0.936377, 0.917759, 0.933945, 0.963225, 0.031743, 0.917667),
    *(0.93407, 0.961974, 0.029112, 0.94027, 0.852945, 0.024097),
    *(0.877652, 0.030186, 0.052894),
]


def test_a_prediction_is_the_same_number_in_every_release_so_that_a_study_can_be_replayed():
    new, taught = RttPredictor(), taught_by_the_book()
    assert chances(new, 60.0) == pytest.approx(NEW_AT_60, abs=1e-6)
    assert chances(new, 250.0) == pytest.approx(NEW_AT_250, abs=1e-6)
    assert chances(taught, 60.0) == pytest.approx(TAUGHT_AT_60, abs=1e-6)
    assert chances(taught, 250.0) == pytest.approx(TAUGHT_AT_250, abs=1e-6)


PREDICTED_MS = {
    ("new", 2, 3): (22.583, 40.952, 77.079),
    ("taught", 2, 3): (42.505, 80.000, 80.000),
    ("new", 0, 3): (26.466, 122.067, 452.554),
    ("taught", 0, 3): (98.119, 292.402, 1084.057),
    ("new", 5, 6): (518.662, 934.394, 1632.000),
    ("taught", 5, 6): (487.500, 905.889, 1632.000),
    ("new", 1, 2): (6.250, 10.368, 16.000),
    ("taught", 1, 2): (9.415, 16.000, 16.000),
    ("new", 3, 4): (1.866, 54.128, 129.600),
    ("taught", 3, 4): (100.987, 129.600, 129.600),
}
"""Tenth, median and ninth tenth of the RTTs of some of the pairs, before and after the verdicts."""


@pytest.mark.parametrize(("which", "a", "b"), PREDICTED_MS)
def test_a_predicted_rtt_is_the_same_number_too(which, a, b):
    predictor = RttPredictor() if which == "new" else taught_by_the_book()
    said = predictor.predict(PEOPLE[a], PEOPLE[b])
    expected = pytest.approx(PREDICTED_MS[which, a, b], abs=1e-3)
    assert (said.low_ms, said.median_ms, said.high_ms) == expected


def test_what_is_believed_of_a_participant_is_the_same_number_too():
    predictor = taught_by_the_book()
    effects = [predictor.effect(person.subject_id) for person in PEOPLE]
    expected = [
        (-0.468112, 0.236795),
        (-0.598413, 0.297052),
        (-0.679048, 0.256955),
        (-0.901142, 0.255222),
        (-0.63037, 0.256908),
        (0.03919, 0.32289),
        (0.987914, 0.313624),
    ]
    for effect, (mean, variance) in zip(effects, expected, strict=True):
        assert (effect.mean, effect.variance) == pytest.approx((mean, variance), abs=1e-6)


def test_the_version_changes_with_every_twentieth_part_of_the_evidence():
    predictor, (a, b) = RttPredictor(), PEOPLE[2:4]
    assert predictor.version == 0
    versions = []
    for _ in range(60):
        predictor.observe(a, b, accepted=True, threshold_ms=60.0)
        versions.append(predictor.version)
    # Up to twenty verdicts every one is 5% more; then not until 22, 24, …
    assert versions[:21] == [*range(1, 22)]
    assert sorted(set(versions[20:])) == [
        21,
        23,
        25,
        27,
        29,
        31,
        33,
        35,
        37,
        39,
        41,
        44,
        47,
        50,
        53,
        56,
        59,
    ]


def test_a_server_rtt_counts_from_one_millisecond_to_ten_seconds_in_steps_of_three_percent():
    bin_of = RttPredictor.bin_of
    assert bin_of(0.0) == bin_of(1.0) == bin_of(1.01) == 0
    assert bin_of(1.02) == 1
    assert bin_of(10_000.0) == bin_of(1e9) == round(math.log(10_000) / 0.03)
    assert bin_of(9_800.0) < bin_of(10_000.0)
    assert bin_of(50.0) == round(math.log(50) / 0.03)


def test_participants_of_one_bin_are_told_apart_by_what_was_learnt_of_them_alone():
    predictor = RttPredictor()
    a, b, c = (MatchCandidate(name, 40.0) for name in "abc")
    assert predictor.effect("a") == predictor.effect("b")
    predictor.observe(a, b, accepted=True, threshold_ms=60.0)
    assert predictor.effect("a") == predictor.effect("b") != predictor.effect("c")
    assert predictor.effect("a").mean > 0 == predictor.effect("c").mean
    assert predictor.p_accept(a, b, 60.0) > predictor.p_accept(a, c, 60.0)
    predictor.forget("a")
    predictor.forget("a")
    assert predictor.effect("a") == predictor.effect("c")


def test_where_few_verdicts_were_given_a_more_hopeful_geometry_counts():
    """Rejections far away do not make a pair hopeless of whose kind nothing was measured."""
    predictor = RttPredictor()
    for at in range(200):
        far = [MatchCandidate(f"{at}{x}", 900.0) for x in "xy"]
        predictor.observe(*far, accepted=False, threshold_ms=60.0)
    near = predictor.bin_of(20.0)
    offset, x = predictor._base(60.0, near, near)
    learnt, _ = predictor._learnt(offset, x)
    assert learnt < offset
    assert predictor.linear(60.0, near, near)[0] == offset
    for verdicts in range(1, 9):
        pair = [MatchCandidate(f"{verdicts}{x}", 20.0) for x in "xy"]
        predictor.observe(*pair, accepted=False, threshold_ms=60.0)
        learnt, _ = predictor._learnt(offset, x)
        assert learnt < offset
        hopeful = learnt + (offset - learnt) * 4.0 / (4.0 + verdicts)
        assert predictor.linear(60.0, near, near)[0] == pytest.approx(hopeful)
