import pytest

from interactive_gym.server.matching.relaxation import due_expansions, relaxed_threshold_ms
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
