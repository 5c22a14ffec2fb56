import pytest

from interactive_gym.server.matching.relaxation import (
    checked_expand_by,
    checked_expansions,
    due_expansions,
    relaxed_threshold_ms,
)
from interactive_gym.server.matchmaker import FIFOMatchmaker

STEPS = ((60, 200), (120, 300))


@pytest.mark.parametrize(
    ("waited_s", "due", "threshold_ms"),
    [(0, 0, 150), (59.9, 0, 150), (60, 1, 200), (119, 1, 200), (120, 2, 300), (1e6, 2, 300)],
)
def test_an_expansion_holds_from_its_wait_on(waited_s, due, threshold_ms):
    assert due_expansions(STEPS, waited_s) == due
    assert relaxed_threshold_ms(150, STEPS, [waited_s]) == threshold_ms


@pytest.mark.parametrize(("expand_by", "threshold_ms"), [("oldest", 300), ("newest", 150)])
def test_the_wait_of_the_oldest_or_of_the_newest_member_counts(expand_by, threshold_ms):
    assert relaxed_threshold_ms(150, STEPS, [130, 5, 70], expand_by) == threshold_ms


def test_without_a_threshold_or_expansions_nothing_relaxes():
    assert relaxed_threshold_ms(None, STEPS, [1000]) is None
    assert relaxed_threshold_ms(150, (), [1000]) == 150
    assert relaxed_threshold_ms(150, STEPS, []) == 150


def test_an_expansion_from_the_first_second_on_is_allowed():
    assert FIFOMatchmaker(100, rtt_expansions=[(0, 120)]).threshold_ms([0]) == 120


@pytest.mark.parametrize(
    ("expansions", "complaint"),
    [
        ([(60, 200), (60, 300)], "increasing waits"),
        ([(60, 200), (30, 300)], "increasing waits"),
        ([(-1, 200)], "none below 0 s"),
        ([(60, 150)], "above max_p2p_rtt_ms=150"),
        ([(60, 200), (120, 200)], "increasing thresholds"),
        ([(60,)], "pairs of numbers"),
        ([(60, "200")], "pairs of numbers"),
        ([(60, float("nan"))], "pairs of numbers"),
        ([(60, True)], "pairs of numbers"),
        ([60], "pairs of numbers"),
        ("60", "list of pairs"),
        (60, "list of pairs"),
        (None, "list of pairs"),
    ],
)
def test_malformed_expansions_are_refused_with_a_sentence(expansions, complaint):
    with pytest.raises(ValueError, match="rtt_expansions") as refusal:
        FIFOMatchmaker(150, rtt_expansions=expansions)
    assert complaint in str(refusal.value)


def test_expansions_need_a_threshold():
    with pytest.raises(ValueError, match="give max_p2p_rtt_ms too"):
        FIFOMatchmaker(rtt_expansions=[(60, 200)])


def test_whose_wait_counts_is_one_of_two_words():
    with pytest.raises(ValueError, match='expand_by must be "oldest" or "newest"'):
        FIFOMatchmaker(150, expand_by="youngest")


def test_expansions_cannot_relax_a_verdict_of_ones_own():
    class Strict(FIFOMatchmaker):
        def should_reject_for_rtt(self, measured_rtt_ms):
            return True

    with pytest.raises(ValueError, match="Strict, which overrides should_reject_for_rtt"):
        Strict(150, rtt_expansions=[(60, 200)])
    assert Strict(150).max_p2p_rtt_ms == 150


@pytest.mark.parametrize("steps", [((60, 200),), [(60, 200)], [[60, 200]], ((0.5, 150.5),)])
def test_any_list_of_pairs_of_numbers_will_do(steps):
    assert checked_expansions(steps, 150) == tuple(tuple(step) for step in steps)


@pytest.mark.parametrize(
    "wrong",
    [
        *([(60, 200, 3)], [(float("inf"), 200)], [(60, float("inf"))], [("60", 200)]),
        *([(False, 200)], [(60 + 0j, 200)], [{60, 200}], ["ab"], [None]),
    ],
)
def test_what_is_no_pair_of_finite_numbers_is_refused(wrong):
    with pytest.raises(ValueError, match="pairs of numbers"):
        checked_expansions(wrong, 150)


def test_waits_and_thresholds_increase_from_what_holds_at_first():
    assert checked_expansions([(0, 151)], 150) == ((0, 151),)
    assert checked_expansions([(0, 151), (0.5, 152), (1, 153)], 150)
    for wrong in ([(0, 151), (0, 152)], [(-0.001, 151)], [(5, 151), (4.999, 152)]):
        with pytest.raises(ValueError, match="increasing waits"):
            checked_expansions(wrong, 150)
    for wrong in ([(0, 150)], [(0, 149)], [(0, 151), (1, 151)], [(0, 151), (1, 150.5)]):
        with pytest.raises(ValueError, match="increasing thresholds"):
            checked_expansions(wrong, 150)


def test_nothing_to_expand_needs_no_threshold():
    for empty in ((), []):
        assert checked_expansions(empty, None) == checked_expansions(empty, 150) == ()
    assert checked_expand_by("oldest") == "oldest"
    assert checked_expand_by("newest") == "newest"


def test_before_the_first_expansion_is_due_and_without_waits_the_threshold_is_its_own():
    assert relaxed_threshold_ms(150, STEPS, [59.999]) == 150
    assert relaxed_threshold_ms(150, STEPS, [], "newest") == 150
    assert relaxed_threshold_ms(150, ((0, 160),), []) == 160
    assert due_expansions((), 1e6) == 0
