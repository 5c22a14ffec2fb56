import random

import pytest

from interactive_gym.simulation.populations.population import percentile
from interactive_gym.simulation.populations.synthetic_population import (
    Access,
    Region,
    SyntheticPopulation,
)

PEOPLE = 200


def pair_rtts_ms(cohort):
    return [cohort.rtt_ms(a, b) for a in range(len(cohort)) for b in range(a)]


def test_the_same_seed_gives_the_same_people_and_another_gives_others():
    first, second, other = (
        SyntheticPopulation().cohort(PEOPLE, random.Random(seed)) for seed in (1, 1, 2)
    )
    assert first.server_rtt_ms == second.server_rtt_ms
    assert pair_rtts_ms(first) == pair_rtts_ms(second)
    assert pair_rtts_ms(first) != pair_rtts_ms(other)


def test_rtts_are_symmetric_positive_and_at_least_both_last_miles():
    cohort = SyntheticPopulation(last_mile_ms=10.0, last_mile_spread=0.0).cohort(
        PEOPLE, random.Random(1)
    )
    assert all(cohort.rtt_ms(a, b) == cohort.rtt_ms(b, a) for a in range(50) for b in range(a))
    assert min(pair_rtts_ms(cohort)) >= 20.0
    assert min(cohort.server_rtt_ms) >= 11.0


def test_neighbours_are_nearer_than_people_of_different_regions():
    cohort = SyntheticPopulation().cohort(PEOPLE, random.Random(1))
    near, far = [], []
    for a in range(PEOPLE):
        for b in range(a):
            together = cohort.regions[a] == cohort.regions[b]
            (near if together else far).append(cohort.rtt_ms(a, b))
    assert percentile(near, 0.5) < 60.0 < percentile(far, 0.5)


def test_some_detours_are_shorter_than_the_direct_way_but_not_many():
    cohort = SyntheticPopulation().cohort(PEOPLE, random.Random(1))
    rng, shorter, triples = random.Random(2), 0, 5000
    for _ in range(triples):
        a, b, c = rng.sample(range(PEOPLE), 3)
        sides = sorted((cohort.rtt_ms(a, b), cohort.rtt_ms(b, c), cohort.rtt_ms(a, c)))
        shorter += sides[2] > sides[0] + sides[1]
    assert 0.02 < shorter / triples < 0.15


def test_the_server_stands_where_it_is_nearest_to_most():
    regions = [Region("many", 0.9, 0.0, 0.0, 1.0), Region("few", 0.1, 300.0, 0.0, 1.0)]
    cohort = SyntheticPopulation(regions).cohort(PEOPLE, random.Random(1))
    far = {
        region
        for region, rtt_ms in zip(cohort.regions, cohort.server_rtt_ms, strict=True)
        if rtt_ms > 150.0
    }
    assert far == {"few"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"regions": []}, "regions need weights"),
        ({"regions": [Region("nobody", 0.0, 0.0, 0.0, 1.0)]}, "regions need weights"),
        ({"last_mile_ms": -1.0}, "last_mile_ms is -1.0: give a number of at least 0"),
        ({"route_spread": float("nan")}, "route_spread is nan: give a number of at least 0"),
    ],
)
def test_an_impossible_population_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        SyntheticPopulation(**options)


def test_homes_have_the_last_miles_of_their_kinds_of_access():
    one_place = [Region("town", 1.0, 0.0, 0.0, 0.0)]
    homes = SyntheticPopulation(
        regions=one_place,
        access=[Access("fibre", 0.7, 5.0, 0.0), Access("mobile", 0.3, 60.0, 0.0)],
        server_last_mile_ms=0.0,
    )
    server_rtts_ms = homes.cohort(1000, random.Random(3)).server_rtt_ms
    assert {round(rtt_ms, 6) for rtt_ms in server_rtts_ms} == {5.0, 60.0}
    mobile = sum(rtt_ms > 50 for rtt_ms in server_rtts_ms) / 1000
    # Four standard errors of a share.
    assert mobile == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 1000) ** 0.5)


def test_kinds_of_access_need_weights():
    with pytest.raises(ValueError, match="access needs weights"):
        SyntheticPopulation(access=[Access("none", 0.0, 5.0, 0.1)])
