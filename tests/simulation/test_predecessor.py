from interactive_gym.simulation.connections import ConnectionSettings
from interactive_gym.simulation.predecessor import simulate_predecessor
from interactive_gym.simulation.simulated_probing import ProbingSettings
from tests.support.small_studies import known_study


def test_after_a_rejection_both_are_tried_with_others_at_once_and_never_again_together():
    # 1 is tried with 0, 2 with 0 and then with 1, and 3 with 0 only, as the others play.
    study = known_study([0.0, 10.0, 20.0, 30.0], [(1, 2)])
    result = simulate_predecessor(study, 100.0)
    assert [game.members for game in result.games] == [(1, 2)]
    assert result.probes == 4
    assert [p.fate for p in result.participants] == [
        "waited_in_vain",
        "matched",
        "matched",
        "waited_in_vain",
    ]


def test_a_pair_that_failed_is_excluded_and_waits_for_a_later_arrival():
    failing = ProbingSettings(failure_s=15.0, failure_share=1.0)
    study = known_study([0.0, 10.0, 40.0], [(0, 1), (0, 2), (1, 2)], probing=failing)
    # 0 and 1 fail; 2 is tried with 0 and fails, and nobody asks for 2 and 1.
    assert simulate_predecessor(study, 100.0).probes == 2


def test_who_falls_silent_plays_no_game():
    silence = ConnectionSettings(silent_leaver_share=1.0, silent_after_s=0.01)
    study = known_study([0.0, 10.0], [(0, 1)], connections=silence)
    result = simulate_predecessor(study, 100.0)
    assert [p.fate for p in result.participants] == ["dropped_out", "dropped_out"]


def test_near_people_are_matched_on_arrival():
    result = simulate_predecessor(known_study([0.0, 10.0], [(0, 1)]), 100.0)
    assert [(p.fate, p.wait_s, p.probes) for p in result.participants] == [
        ("matched", 11.0, 1),
        ("matched", 1.0, 1),
    ]


def test_a_group_is_probed_pair_by_pair_until_one_is_too_far():
    near = [(0, 1), (0, 2), (1, 2)]
    result = simulate_predecessor(known_study([0.0, 1.0, 2.0], near, group_size=3), 100.0)
    assert [(game.members, game.created_at_s) for game in result.games] == [((0, 1, 2), 5.0)]
    broken = simulate_predecessor(known_study([0.0, 1.0, 2.0], near[:1], group_size=3), 100.0)
    assert (broken.probes, broken.games) == (2, ())


def test_nobody_plays_after_closing_the_page_during_a_probe():
    study = known_study([0.0, 0.0], [(0, 1)], mean_dropout_s=0.1)
    result = simulate_predecessor(study, 100.0)
    assert result.probes == 1
    assert [p.fate for p in result.participants] == ["dropped_out", "dropped_out"]
