from dataclasses import replace

import pytest

from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.connections import ConnectionSettings
from interactive_gym.simulation.metrics import metrics_of
from interactive_gym.simulation.populations.arrivals import PoissonArrivals
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.simulator import simulate
from interactive_gym.simulation.study import Study, StudySettings
from tests.support.small_studies import known_study

POPULATION = SyntheticPopulation()


def study(**settings):
    defaults = {"arrivals": PoissonArrivals(4.0), "participants": 80, "population": POPULATION}
    return StudySettings(**{**defaults, **settings})


def test_a_pair_plays_once_its_probe_is_accepted_and_a_rejected_one_waits_on():
    # 1 is tried with 0 and rejected after 0.6 s; 2 is tried with 0 and accepted after 1 s.
    result = simulate(known_study([0.0, 10.0, 20.0], [(0, 2)]), FIFOMatchmaker(100))
    assert [(p.fate, p.wait_s, p.probes) for p in result.participants] == [
        ("matched", 21.0, 2),
        ("waited_in_vain", 300.0, 1),
        ("matched", 1.0, 1),
    ]
    (game,) = result.games
    assert (set(game.members), game.created_at_s, game.worst_rtt_ms) == ({0, 2}, 21.0, 50.0)
    assert (result.probes, result.threshold_ms) == (2, 100)


def test_a_rejected_pair_is_not_probed_again_while_its_measurement_is_fresh():
    result = simulate(known_study([0.0, 0.0], [], patience_s=100.0), FIFOMatchmaker(100))
    assert result.probes == 1


def test_without_a_threshold_people_play_on_arrival_unprobed():
    result = simulate(known_study([0.0, 7.0], []), FIFOMatchmaker())
    assert [(p.fate, p.wait_s, p.probes) for p in result.participants] == [
        ("matched", 7.0, 0),
        ("matched", 0.0, 0),
    ]
    assert result.games[0].worst_rtt_ms == 200.0


def test_a_group_of_three_plays_once_all_three_pairs_are_probed():
    near = [(0, 1), (0, 2), (1, 2)]
    result = simulate(known_study([0.0, 1.0, 2.0], near, group_size=3), FIFOMatchmaker(100))
    assert [(set(game.members), game.created_at_s) for game in result.games] == [({0, 1, 2}, 5.0)]
    assert result.probes == 3


def test_the_same_people_come_whatever_the_threshold_and_the_matchmaker():
    strict, lenient = (simulate(study(), FIFOMatchmaker(limit)) for limit in (60, 200))
    assert strict.study.arrival_s == lenient.study.arrival_s
    assert strict.study.cohort.server_rtt_ms == lenient.study.cohort.server_rtt_ms


def test_the_seed_decides_everything():
    settings = study(
        mean_dropout_s=100.0,
        server_rtt_noise_ms=2.0,
        probing=ProbingSettings(failure_share=0.05, silent_share=0.01, noise_ms=2.0),
    )
    first, second = (simulate(settings, FIFOMatchmaker(80)) for _ in range(2))
    assert (first.participants, first.games) == (second.participants, second.games)
    other = simulate(replace(settings, seed=1), FIFOMatchmaker(80))
    assert other.participants != first.participants


def test_a_lower_threshold_matches_fewer_and_probes_more():
    strict, lenient = (metrics_of(simulate(study(), FIFOMatchmaker(t))) for t in (50, 150))
    assert strict.match_rate < lenient.match_rate
    assert strict.probes_per_game > lenient.probes_per_game
    assert strict.p95_game_rtt_ms <= 50.0 < lenient.p95_game_rtt_ms <= 150.0


def test_patience_ends_the_wait_of_who_finds_nobody():
    result = simulate(known_study([0.0, 50.0, 105.2], [(0, 2)], patience_s=100.0), FIFOMatchmaker())
    # 0 and 1 play at once, as nothing is probed; 2 comes late, and the server notices at 205.5 s
    # that their patience is over.
    assert [(p.fate, p.wait_s) for p in result.participants][2] == ("waited_in_vain", 100.0)


def test_everybody_who_drops_out_before_being_matched_is_told_apart():
    settings = known_study([0.0, 1000.0, 2000.0], [(0, 1), (1, 2), (0, 2)], mean_dropout_s=20.0)
    result = simulate(settings, FIFOMatchmaker(100))
    for person, outcome in enumerate(result.participants):
        waited_s = result.study.dropout_s[person] - result.study.arrival_s[person]
        assert (outcome.fate, outcome.wait_s) == ("dropped_out", pytest.approx(waited_s))


def test_who_drops_out_during_a_probe_frees_the_other_for_the_next():
    probing = ProbingSettings(accept_s=10.0)
    settings = known_study(
        [0.0, 1.0, 9.0], [(0, 1), (0, 2), (1, 2)], mean_dropout_s=60.0, probing=probing
    )
    # A seed by which only 1 closes the page soon, while being probed with 0.
    seed = next(
        seed
        for seed in range(10_000)
        if 2.0 < (dropout := Study.draw(replace(settings, seed=seed)).dropout_s)[1] < 8.0
        and min(dropout[0], dropout[2]) > 60.0
    )
    result = simulate(replace(settings, seed=seed), FIFOMatchmaker(100))
    assert [p.fate for p in result.participants] == ["matched", "dropped_out", "matched"]
    assert result.participants[0].wait_s == 19.0
    assert result.probes == 2


def test_failed_probes_are_tried_again_but_not_for_ever():
    settings = known_study([0.0, 1.0], [(0, 1)], probing=ProbingSettings(failure_share=1.0))
    result = simulate(settings, FIFOMatchmaker(100))
    assert [p.fate for p in result.participants] == ["waited_in_vain"] * 2
    assert 3 <= result.probes <= 15


def test_probes_that_never_answer_hold_nobody_for_ever():
    settings = known_study([0.0, 1.0], [(0, 1)], probing=ProbingSettings(silent_share=1.0))
    result = simulate(settings, FIFOMatchmaker(100))
    assert [p.fate for p in result.participants] == ["waited_in_vain"] * 2
    assert result.probes >= 2


def test_a_manager_that_lets_people_wait_for_ever_is_an_error_not_a_simulation_without_end(
    monkeypatch,
):
    monkeypatch.setattr(GameManager, "tick", lambda self: None)
    with pytest.raises(RuntimeError, match="2 participants still wait"):
        simulate(known_study([0.0, 1.0], []), FIFOMatchmaker(100))


class Observant(FIFOMatchmaker):
    """Remembers the server RTTs it was shown."""

    def __init__(self):
        super().__init__(100)
        self.seen_ms = {}

    def find_match(self, arriving, waiting, group_size):
        for candidate in (arriving, *waiting):
            self.seen_ms[candidate.subject_id] = candidate.rtt_ms
        return super().find_match(arriving, waiting, group_size)


def test_the_matchmaker_sees_measured_server_rtts_not_the_true_ones():
    seen_ms = []
    for noise_ms in (0.0, 3.0):
        matchmaker = Observant()
        simulate(known_study([0.0] * 20, [], server_rtt_noise_ms=noise_ms), matchmaker)
        seen_ms.append(set(matchmaker.seen_ms.values()))
    assert seen_ms[0] == {30.0}
    assert len(seen_ms[1]) == 20
    assert all(15.0 < rtt_ms < 45.0 for rtt_ms in seen_ms[1])


class AsksOnce(FIFOMatchmaker):
    """A planted fault: whoever was asked for once is never proposed for again."""

    def __init__(self, max_p2p_rtt_ms):
        super().__init__(max_p2p_rtt_ms)
        self._asked = set()

    def find_match(self, arriving, waiting, group_size):
        if arriving.subject_id in self._asked:
            return None
        self._asked.add(arriving.subject_id)
        return super().find_match(arriving, waiting, group_size)


def test_a_matchmaker_that_never_tries_again_shows_in_the_figures():
    sound, faulty = (
        metrics_of(simulate(study(), made)) for made in (FIFOMatchmaker(60), AsksOnce(60))
    )
    assert faulty.match_rate < sound.match_rate - 0.2
    assert faulty.median_wait_s > 3 * sound.median_wait_s


class TooLenient(FIFOMatchmaker):
    """A planted fault: the threshold is not kept."""

    def should_reject_for_rtt(self, measured_rtt_ms):
        return measured_rtt_ms is None or measured_rtt_ms > 2 * self.max_p2p_rtt_ms


def test_a_verdict_that_does_not_keep_the_threshold_shows_in_the_rtts_of_games():
    metrics = metrics_of(simulate(study(), TooLenient(60)))
    assert metrics.p95_game_rtt_ms > 60.0


def test_by_noise_alone_a_pair_just_above_the_threshold_can_play():
    near = [(a, b) for a in range(30) for b in range(a)]
    games = []
    for noise_ms in (0.0, 5.0):
        settings = known_study(
            [10.0 * person for person in range(30)],
            near,
            probing=ProbingSettings(noise_ms=noise_ms),
        )
        games.append(len(simulate(settings, FIFOMatchmaker(49)).games))
    assert games[0] == 0 < games[1]


def test_who_falls_silent_keeps_their_place_but_no_probe_with_them_succeeds():
    silence = ConnectionSettings(silent_leaver_share=1.0, silent_after_s=50.0)
    studies = (
        known_study([0.0, 60.0, 70.0], [(0, 1), (1, 2), (0, 2)], connections=silence, seed=seed)
        for seed in range(200)
    )
    # In this study the first is silent when the others come, who are not until they have played.
    settings = next(
        study
        for study in studies
        if (silent_s := Study.draw(study).silent_s)[0] < 60.0 and min(silent_s[1:]) > 140.0
    )
    result = simulate(settings, FIFOMatchmaker(100))
    silent_s = result.study.silent_s[0]
    assert (result.participants[0].fate, result.participants[0].wait_s) == ("dropped_out", silent_s)
    assert [game.members for game in result.games] == [(1, 2)]
    # The probe with the silent one ends at its deadline.
    assert result.participants[1].wait_s == 16.0


def test_a_pair_that_never_connects_is_tried_and_fails():
    barred = ConnectionSettings(never_connect_share=1.0)
    settings = known_study([0.0, 0.0], [(0, 1)], connections=barred, patience_s=60.0)
    result = simulate(settings, FIFOMatchmaker(100))
    assert result.games == ()
    assert result.probes >= 2


def test_a_changed_connection_is_measured_as_it_is_then():
    changing = ConnectionSettings(change=2.0, change_period_s=200.0)
    settings = known_study([0.0, 0.0], [(0, 1)], connections=changing)
    study = Study.draw(settings)
    result = simulate(settings, FIFOMatchmaker(100))
    is_near_at_first = study.connections.rtt_ms(0, 1, 0.0) <= 100
    assert (result.participants[0].wait_s <= 1.0) == is_near_at_first
