from interactive_gym.simulation.naive import simulate_naive
from tests.support.small_studies import known_study


def test_a_rejected_pair_waits_until_an_arrival_chances_on_it():
    # 1 is tried with 0 and rejected; 2 is tried with 0, who has waited longest, and rejected too.
    # 1 and 2 would do, but nobody proposes them until 3 arrives and is tried with 0 as well.
    result = simulate_naive(known_study([0.0, 10.0, 20.0, 30.0], [(1, 2)]), 100.0)
    assert result.games == ()
    assert result.probes == 3
    assert [p.fate for p in result.participants] == ["waited_in_vain"] * 4


def test_near_people_are_matched_on_arrival():
    result = simulate_naive(known_study([0.0, 10.0], [(0, 1)]), 100.0)
    assert [(p.fate, p.wait_s, p.probes) for p in result.participants] == [
        ("matched", 11.0, 1),
        ("matched", 1.0, 1),
    ]


def test_a_group_is_probed_pair_by_pair_until_one_is_too_far():
    near = [(0, 1), (0, 2), (1, 2)]
    result = simulate_naive(known_study([0.0, 1.0, 2.0], near, group_size=3), 100.0)
    assert [(game.members, game.created_at_s) for game in result.games] == [((0, 1, 2), 5.0)]
    broken = simulate_naive(known_study([0.0, 1.0, 2.0], near[:1], group_size=3), 100.0)
    assert (broken.probes, broken.games) == (2, ())


def test_nobody_plays_after_closing_the_page_during_a_probe():
    study = known_study([0.0, 0.0], [(0, 1)], mean_dropout_s=0.1)
    result = simulate_naive(study, 100.0)
    assert result.probes == 1
    assert [p.fate for p in result.participants] == ["dropped_out", "dropped_out"]
