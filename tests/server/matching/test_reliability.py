from interactive_gym.server.matching.reliability import Rank, Reliability

SEEN = "no_candidates"
UNCLEAR = {}


def fail(known: Reliability, who: str, partner: str, cause: str | None = SEEN, at_s=0.0) -> None:
    known.record_failure((who, partner), {who: cause} if cause else {}, now_s=at_s)


def test_each_partner_with_whom_one_failed_lowers_the_rank_and_partners_keep_theirs():
    known = Reliability()
    assert (known.is_clean, known.rank("x")) == (True, Rank.FIRST)
    fail(known, "x", "b")
    assert (known.rank("x"), known.rank("b")) == (Rank.LATER, Rank.FIRST)
    fail(known, "x", "b")
    assert known.rank("x") is Rank.LATER, "the same partner again"
    fail(known, "x", "c")
    assert (known.rank("x"), known.rank("c")) == (Rank.LAST, Rank.FIRST)


def test_of_a_failure_nobody_saw_who_was_never_connected_is_presumed_to_be_the_cause():
    known = Reliability()
    fail(known, "x", "b", None)
    assert known.rank("x") is known.rank("b") is Rank.FIRST
    fail(known, "x", "c", None)
    assert known.rank("x") is Rank.LATER, "with several partners"
    known.record_measurement(("c", "d"), agreed=True, now_s=1.0)
    assert (known.rank("x"), known.rank("c")) == (Rank.LATER, Rank.FIRST)
    known.record_measurement(("b", "d"), agreed=True, now_s=1.0)
    assert (known.rank("x"), known.failures("x")) == (Rank.LAST, 2)


def test_a_measurement_clears_both_of_their_failures():
    known = Reliability()
    fail(known, "x", "b")
    fail(known, "x", "c")
    known.record_measurement(("x", "d"), agreed=True, now_s=1.0)
    assert known.rank("x") is Rank.FIRST


def test_a_dispute_is_over_once_the_same_two_agree():
    known = Reliability()
    for partner in ("b", "c"):
        known.record_measurement(("x", partner), agreed=False, now_s=1.0)
    assert (known.is_disputed("x"), known.rank("x")) == (True, Rank.LAST)
    known.record_measurement(("x", "b"), agreed=True, now_s=2.0)
    assert (known.is_disputed("x"), known.rank("x")) == (False, Rank.FIRST)


def test_the_backoff_begins_with_the_second_partner_and_doubles_up_to_a_limit():
    known = Reliability(backoff_s=5.0, backoff_limit_s=20.0)
    fail(known, "x", "b", at_s=10.0)
    assert known.retry_at_s("x") == 0.0
    for at_s, wait_s in ((20.0, 5.0), (30.0, 10.0), (40.0, 20.0), (50.0, 20.0)):
        fail(known, "x", "c", at_s=at_s)
        assert known.retry_at_s("x") == at_s + wait_s


def test_failures_are_forgotten_after_a_while():
    known = Reliability(remember_s=600.0)
    fail(known, "x", "b", at_s=0.0)
    fail(known, "x", "c", at_s=100.0)
    fail(known, "x", "d", None, at_s=0.0)
    known.lapse(650.0)
    assert known.rank("x") is Rank.LATER
    known.lapse(700.0)
    assert known.is_clean


def test_whose_reports_disagree_with_several_partners_ranks_last_and_they_do_not():
    known = Reliability()
    known.record_measurement(("x", "b"), agreed=False, now_s=0.0)
    assert (known.rank("x"), known.rank("b")) == (Rank.FIRST, Rank.FIRST)
    known.record_measurement(("c", "x"), agreed=False, now_s=0.0)
    assert [known.rank(who) for who in "xbc"] == [Rank.LAST, Rank.FIRST, Rank.FIRST]


def test_whose_reports_a_partner_has_confirmed_is_believed_against_those_of_whom_none_has():
    known = Reliability()
    for liar in ("x", "y"):
        known.record_measurement(("b", liar), agreed=False, now_s=0.0)
    assert known.rank("b") is Rank.LAST, "nothing tells them apart yet"
    known.record_measurement(("b", "c"), agreed=True, now_s=0.0)
    assert known.rank("b") is Rank.FIRST


def test_where_nobody_is_ranked_nothing_is_remembered():
    known = Reliability(is_ranking=False)
    fail(known, "x", "b")
    fail(known, "x", "c")
    known.record_measurement(("x", "b"), agreed=False, now_s=0.0)
    assert (known.is_clean, known.rank("x")) == (True, Rank.FIRST)


def test_who_fails_often_enough_with_several_partners_is_unsuitable_until_led_out():
    known = Reliability()
    for partner in "bbb":
        fail(known, "x", partner)
    assert known.unsuitable(3) == [], "one partner alone says nothing"
    fail(known, "x", "c", "not_ready")
    assert (known.unsuitable(5), known.unsuitable(4)) == ([], ["x"])
    assert known.lead_out("x") == SEEN, "what caused most"
    assert known.unsuitable(2) == []
    fail(known, "x", "c")
    assert known.unsuitable(2) == ["x"]


def test_failures_that_are_forgotten_or_cleared_do_not_count_against_who_was_led_out():
    known = Reliability(remember_s=100.0)
    for at_s, partner in ((0.0, "b"), (0.0, "c"), (50.0, "b"), (50.0, "c")):
        fail(known, "x", partner, at_s=at_s)
    known.lead_out("x")
    known.lapse(120.0)
    assert known.unsuitable(2) == []
    fail(known, "x", "d", at_s=121.0)
    assert known.unsuitable(2) == ["x"]
    known.lead_out("x")
    known.record_measurement(("x", "b"), agreed=True, now_s=122.0)
    fail(known, "x", "c", at_s=123.0)
    fail(known, "x", "d", at_s=123.0)
    assert known.unsuitable(2) == ["x"]


def test_failures_nobody_saw_count_once_for_each_partner_who_was_ever_connected():
    known = Reliability()
    for partner in "bbcd":
        fail(known, "x", partner, None)
    assert known.unsuitable(2) == []
    known.record_measurement(("b", "c"), agreed=True, now_s=0.0)
    assert (known.unsuitable(2), known.unsuitable(3)) == (["x"], [])
    assert known.lead_out("x") == "not_connected"


def test_that_a_page_connects_does_not_clear_starts_that_failed_through_it():
    known = Reliability()
    fail(known, "x", "b", "not_started")
    fail(known, "x", "b")
    known.record_measurement(("x", "c"), agreed=True, now_s=0.0)
    assert (known.rank("x"), known.failures("x")) == (Rank.LATER, 1)
