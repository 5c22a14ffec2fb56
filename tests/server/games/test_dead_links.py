from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.games.dead_links import OTHERS_MAY_REPORT_S, REPORT_LASTS_S, DeadLinks

SOON_S = 100.0
DECIDED_S = SOON_S + OTHERS_MAY_REPORT_S


class Links(DeadLinks):
    """Where everybody is present, unless told otherwise."""

    def seat_to_cut(self, seats, now_s, *, in_game=None):
        everybody = len(seats) if in_game is None else in_game
        return super().seat_to_cut(seats, now_s, in_game=everybody)


def reported(*reports):
    links = Links()
    for reporter, seat in reports:
        links.report(reporter, seat, SOON_S)
    return links


def test_a_report_holds_two_and_a_half_seconds_and_others_have_one():
    assert (REPORT_LASTS_S, OTHERS_MAY_REPORT_S) == (2.5, 1.0)
    assert reported((0, 1)).seat_to_cut([0, 1, 2], SOON_S + 2.5) == 1
    assert reported((0, 1)).seat_to_cut([0, 1, 2], SOON_S + 2.501) is None


def test_of_two_the_first_report_counts_also_when_the_other_side_reports_later():
    links = reported((0, 1))
    links.report(1, 0, SOON_S + 1)
    assert links.seat_to_cut([0, 1], SOON_S + 1) == 1


def test_the_earliest_of_several_reports_decides_how_long_others_may_report():
    links = reported((0, 1))
    links.report(2, 3, SOON_S + 0.5)
    assert links.seat_to_cut([0, 1, 2, 3], SOON_S + 0.9) is None
    assert links.seat_to_cut([0, 1, 2, 3], SOON_S + 1.0) == 3


def test_of_two_the_reported_one_is_cut_at_once():
    assert reported((1, 0)).seat_to_cut([0, 1], SOON_S) == 0
    assert reported((0, 1), (1, 0)).seat_to_cut([0, 1], SOON_S) == 1


def test_of_more_the_others_have_time_to_report():
    assert reported((0, 1)).seat_to_cut([0, 1, 2], DECIDED_S - 0.1) is None
    assert reported((0, 1)).seat_to_cut([0, 1, 2], DECIDED_S) == 1


def test_two_of_whom_a_third_is_absent_are_not_a_game_of_two():
    links = reported((1, 0))
    assert links.seat_to_cut([0, 1], SOON_S, in_game=3) is None
    assert links.seat_to_cut([0, 1], DECIDED_S, in_game=3) == 1


def test_the_seat_that_most_dead_links_touch_is_cut_whoever_reports_them():
    assert reported((0, 1), (0, 2)).seat_to_cut([0, 1, 2], DECIDED_S) == 0
    assert reported((1, 0), (2, 0)).seat_to_cut([0, 1, 2], DECIDED_S) == 0
    assert reported((1, 3), (1, 2), (0, 2)).seat_to_cut([0, 1, 2, 3], DECIDED_S) == 2


def test_a_link_reported_from_both_ends_is_one_link():
    assert reported((0, 1), (1, 0), (2, 3)).seat_to_cut([0, 1, 2, 3], DECIDED_S) == 3


def test_after_a_cut_only_links_between_those_who_are_left_count():
    links = reported((0, 3), (1, 3), (0, 1))
    assert links.seat_to_cut([0, 1, 2, 3], DECIDED_S) == 3
    assert links.seat_to_cut([0, 1, 2], DECIDED_S) == 1
    assert links.seat_to_cut([0, 2], DECIDED_S) is None


def test_a_link_that_is_not_reported_any_more_has_recovered():
    links = reported((0, 1))
    assert links.seat_to_cut([0, 1, 2], SOON_S + REPORT_LASTS_S + 0.1) is None
    links.report(0, 1, SOON_S + 60)
    assert links.seat_to_cut([0, 1, 2], SOON_S + 60) is None


def test_a_link_that_is_reported_again_stays_dead():
    links = reported((0, 1))
    links.report(1, 0, SOON_S + REPORT_LASTS_S)
    assert links.seat_to_cut([0, 1, 2], SOON_S + REPORT_LASTS_S + 0.1) == 1


def test_links_to_seats_that_are_not_there_decide_nothing():
    assert reported((0, 1)).seat_to_cut([0, 2], DECIDED_S) is None
    assert Links().seat_to_cut([], SOON_S) is None


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda p: p[0] != p[1])))
def test_cutting_until_no_dead_link_is_left_leaves_those_who_hear_each_other(reports):
    links, seats = reported(*sorted(reports)), {0, 1, 2, 3}
    while (seat := links.seat_to_cut(sorted(seats), DECIDED_S)) is not None:
        seats.remove(seat)
    assert seats, "somebody is always left"
    assert not [pair for pair in reports if set(pair) <= seats]
