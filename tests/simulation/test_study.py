import math
import random
from dataclasses import replace

import pytest

from interactive_gym.simulation.connections import ConnectionSettings
from interactive_gym.simulation.study import Study, stream
from tests.support.small_studies import FAR_MS, SETTINGS, known_study


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"group_size": 1}, "group_size is 1: give a whole number of at least 2"),
        ({"group_size": 25}, "at least the group size of 25; got 24"),
        ({"patience_s": 0.0}, "patience_s is 0.0: give a positive number of seconds"),
        ({"patience_s": math.inf}, "patience_s is inf"),
        ({"patience_s": math.nan}, "patience_s is nan"),
        ({"mean_dropout_s": 0.0}, "mean_dropout_s is 0.0: .* of seconds, or None for never"),
        ({"mean_dropout_s": math.nan}, "mean_dropout_s is nan"),
    ],
)
def test_a_number_out_of_its_range_is_refused(changed, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(SETTINGS, **changed)


def test_a_study_may_be_one_group_and_nobody_need_drop_out():
    settings = replace(SETTINGS, group_size=24, patience_s=0.5, mean_dropout_s=None)
    assert Study.draw(settings).dropout_s == [None] * 24


def test_the_same_seed_draws_the_same_study_and_another_seed_another():
    one, same, other = (Study.draw(replace(SETTINGS, seed=seed)) for seed in (1, 1, 2))
    assert one.arrival_s == same.arrival_s != other.arrival_s
    assert one.cohort.server_rtt_ms == same.cohort.server_rtt_ms != other.cohort.server_rtt_ms


def test_a_setting_moves_only_what_it_is_of():
    plain, with_dropouts = (
        Study.draw(replace(SETTINGS, mean_dropout_s=mean_s)) for mean_s in (None, 60.0)
    )
    assert with_dropouts.arrival_s == plain.arrival_s
    assert with_dropouts.cohort.server_rtt_ms == plain.cohort.server_rtt_ms
    later = Study.draw(replace(SETTINGS, mean_dropout_s=120.0))
    stays_s = [
        [gone_s - came_s for gone_s, came_s in zip(study.dropout_s, study.arrival_s, strict=True)]
        for study in (with_dropouts, later)
    ]
    assert stays_s[1] == pytest.approx([2 * stay_s for stay_s in stays_s[0]])


def test_people_stay_as_long_as_the_mean_says():
    settings = replace(SETTINGS, participants=2000, mean_dropout_s=60.0)
    study = Study.draw(settings)
    stays_s = [
        gone_s - came_s for gone_s, came_s in zip(study.dropout_s, study.arrival_s, strict=True)
    ]
    assert min(stays_s) > 0
    # Four standard errors of an exponential variable's mean.
    assert sum(stays_s) / 2000 == pytest.approx(60.0, abs=4 * 60 / 2000**0.5)


def test_each_purpose_has_a_generator_of_its_own():
    draws = {
        (seed, purpose): stream(seed, purpose).random()
        for seed in (1, 11)
        for purpose in ("arrivals", "cohort", "dropouts")
    }
    assert len(set(draws.values())) == 6
    assert stream(1, "cohort").random() == draws[1, "cohort"] != random.Random(1).random()


def test_a_group_is_as_far_apart_as_its_farthest_two():
    study = Study.draw(known_study([0.0] * 4, [(0, 1)]))
    assert study.worst_rtt_ms((0, 1), 5.0) == 50.0
    assert study.worst_rtt_ms((3, 0, 1), 5.0) == FAR_MS


def test_who_leaves_is_gone_at_the_first_of_patience_page_and_silence():
    settings = known_study(
        [0.0] * 200,
        [],
        mean_dropout_s=90.0,
        connections=ConnectionSettings(silent_leaver_share=0.5, silent_after_s=90.0),
    )
    study = Study.draw(settings)
    silent = [end_s for end_s in study.silent_s if end_s is not None]
    assert 60 < len(silent) < 140
    for person in range(200):
        ends_s = [300.0, study.dropout_s[person], study.silent_s[person]]
        leaves_s = study.leaves_s(person, 300.0)
        assert leaves_s == min(end_s for end_s in ends_s if end_s is not None)
