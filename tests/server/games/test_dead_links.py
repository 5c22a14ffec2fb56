from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.app import HEARTBEAT_INTERVAL_S, HEARTBEAT_TIMEOUT_S
from interactive_gym.server.games.dead_links import (
    OTHERS_MAY_REPORT_S,
    REPORT_LASTS_S,
    WITNESS_WITHIN_S,
    DeadLinks,
    LostSeat,
)

SOON_S = 100.0
DECIDED_S = SOON_S + OTHERS_MAY_REPORT_S


def reported(*reports, until_s=SOON_S):
    """The links after these reports, said every second."""
    links = DeadLinks()
    for now_s in range(int(SOON_S), int(until_s) + 1):
        for reporter, seat in reports:
            links.report(reporter, seat, now_s)
    return links


def lost(links, seats, now_s, in_game=None):
    found = links.lost_seat(seats, now_s, in_game=len(seats) if in_game is None else in_game)
    return None if found is None else found.seat


def test_the_times_are_those_that_the_protocol_names():
    assert (REPORT_LASTS_S, OTHERS_MAY_REPORT_S, WITNESS_WITHIN_S) == (2.5, 1.0, 20.0)
    links = reported((0, 1), (1, 0))
    assert lost(links, [0, 1], SOON_S + 2.5) == 1
    assert lost(links, [0, 1], SOON_S + 2.501) is None


def test_the_server_notices_a_partner_who_vanished_before_who_misses_them_is_cut():
    assert WITNESS_WITHIN_S >= HEARTBEAT_INTERVAL_S + HEARTBEAT_TIMEOUT_S + 3


def test_what_one_of_two_says_cuts_nobody_but_in_the_end_the_one_who_says_it():
    for reporter in (0, 1):
        report = (reporter, 1 - reporter)
        assert lost(reported(report), [0, 1], SOON_S) is None
        links = reported(report, until_s=SOON_S + 20)
        assert lost(links, [0, 1], SOON_S + 19.9) is None
        assert links.lost_seat([0, 1], SOON_S + 20, in_game=2) == LostSeat(reporter, "unwitnessed")


def test_what_is_not_said_all_the_time_counts_from_anew():
    links = reported((0, 1))
    for now_s in range(103, 122):
        links.report(0, 1, now_s)
    assert lost(links, [0, 1], 122.9) is None
    links.report(0, 1, 123)
    assert lost(links, [0, 1], 123) == 0


def test_a_link_that_both_ends_report_is_dead_at_once_in_a_game_of_two():
    for first in (0, 1):
        links = reported((first, 1 - first))
        links.report(1 - first, first, SOON_S + 1)
        assert links.lost_seat([0, 1], SOON_S + 1, in_game=2) == LostSeat(1, "connection_lost")


def test_of_more_the_others_have_time_to_report():
    links = reported((0, 1), (1, 0))
    assert lost(links, [0, 1, 2], DECIDED_S - 0.1) is None
    assert lost(links, [0, 1, 2], DECIDED_S) == 1


def test_two_of_whom_a_third_is_absent_are_not_a_game_of_two():
    links = reported((1, 0), (0, 1))
    assert lost(links, [0, 1], SOON_S, in_game=3) is None
    assert lost(links, [0, 1], DECIDED_S, in_game=3) == 1


def test_one_liar_of_three_throws_out_nobody_whomever_they_name():
    for named in ([0], [1], [0, 1]):
        links = reported(*((2, seat) for seat in named), until_s=SOON_S + 20)
        assert lost(links, [0, 1, 2], SOON_S + 19.9) is None
        assert links.lost_seat([0, 1, 2], SOON_S + 20, in_game=3) == LostSeat(2, "unwitnessed")


def test_a_seat_that_two_others_do_not_hear_is_lost_though_it_says_nothing():
    links = reported((0, 1), (2, 1))
    assert links.lost_seat([0, 1, 2], DECIDED_S, in_game=3) == LostSeat(1, "connection_lost")


def test_the_seat_that_most_dead_links_touch_is_cut():
    both_ways = [(0, 1), (1, 0), (0, 2), (2, 0)]
    assert lost(reported(*both_ways), [0, 1, 2], DECIDED_S) == 0
    split = [(0, 1), (1, 0), (2, 3), (3, 2)]
    assert lost(reported(*split), [0, 1, 2, 3], DECIDED_S) == 3


def test_after_a_cut_only_links_between_those_who_are_left_count():
    links = reported((0, 3), (3, 0), (1, 3), (0, 1), (1, 0))
    assert lost(links, [0, 1, 2, 3], DECIDED_S) == 3
    assert lost(links, [0, 1, 2], DECIDED_S) == 1
    assert lost(links, [0, 2], DECIDED_S) is None


def test_a_link_that_is_not_reported_any_more_has_recovered():
    links = reported((0, 1), (1, 0))
    assert lost(links, [0, 1, 2], SOON_S + REPORT_LASTS_S + 0.1) is None
    links.report(0, 1, SOON_S + 60)
    assert lost(links, [0, 1, 2], SOON_S + 60) is None


def test_links_to_seats_that_are_not_there_decide_nothing():
    assert lost(reported((0, 1), (1, 0)), [0, 2], DECIDED_S) is None
    assert lost(DeadLinks(), [], SOON_S) is None


LINKS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda p: p[0] < p[1]))


@given(LINKS)
def test_cutting_until_no_dead_link_is_left_leaves_those_who_hear_each_other(dead):
    links, seats = reported(*dead, *((b, a) for a, b in dead)), {0, 1, 2, 3}
    while (seat := lost(links, sorted(seats), DECIDED_S)) is not None:
        seats.remove(seat)
    assert seats, "somebody is always left"
    assert not [pair for pair in dead if set(pair) <= seats]


@given(st.integers(0, 3), st.sets(st.integers(0, 3), min_size=1))
def test_whatever_one_participant_says_nobody_else_is_cut(liar, named):
    links = reported(*((liar, seat) for seat in named - {liar}), until_s=SOON_S + 30)
    for now_s in range(100, 131):
        assert lost(links, [0, 1, 2, 3], now_s) in (None, liar)
