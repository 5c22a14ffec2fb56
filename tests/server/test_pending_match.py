from __future__ import annotations

from pool_fakes import crowd

from interactive_gym.server.pending_match import (
    EdgeProbe,
    PendingMatch,
    PendingMatches,
    edges_to_probe,
    next_edges,
    pairs_of,
)


def pending(key: str, members: str, unprobed: list[tuple[str, str]] | None = None) -> PendingMatch:
    group = crowd(members)
    return {
        "key": key,
        "proposal_id": f"proposal-{key}",
        "matched": group,
        "arriving_subject_id": members[-1],
        "timestamp_s": 0.0,
        "unprobed": pairs_of(group) if unprobed is None else unprobed,
        "probing": [],
    }


def probing(pair: tuple[str, str], probe_session_id: str | None = None) -> EdgeProbe:
    return EdgeProbe(pair, 0.0, 30.0, probe_session_id)


def kept(*matches: PendingMatch) -> PendingMatches:
    return PendingMatches({match["key"]: match for match in matches})


def test_a_probe_is_starting_and_has_no_outcome_before_it_is_told_one() -> None:
    new = EdgeProbe(("a", "b"), 5.0, 30.0)
    assert new.is_starting
    assert (new.probe_session_id, new.report, new.early_verdict) == (None, None, None)


def test_a_pending_match_is_held_as_long_as_it_itself_is_there() -> None:
    first, same = pending("k", "ab"), pending("k", "ab")
    matches = kept(first)
    assert matches.holds(first)
    assert not matches.holds(same)
    del matches["k"]
    assert not matches.holds(first)


def test_a_pair_is_found_in_either_order_while_it_is_probed() -> None:
    one, other = pending("k", "abc"), pending("l", "de")
    matches = kept(other, one)
    one["probing"] = [probing(("a", "b")), probing(("b", "c"))]
    for pair in (("b", "c"), ("c", "b")):
        assert matches.probing(pair) == (one, one["probing"][1])
    assert matches.probing(("a", "c")) is None
    assert matches.probing(("d", "e")) is None
    assert matches.probing(("x", "a")) is None


def test_the_match_of_a_participant_is_the_one_they_are_a_member_of() -> None:
    one, other = pending("k", "abc"), pending("l", "de")
    matches = kept(one, other)
    assert [matches.of(who) for who in "acex"] == [one, one, other, None]


def test_a_match_is_kept_under_the_id_of_its_first_probe_that_has_one() -> None:
    one = pending("proposal", "abcd")
    matches = kept(one)
    one["probing"] = [probing(("a", "b"))]
    matches.rekey(one)
    assert list(matches) == ["proposal"]
    one["probing"] += [probing(("c", "d"), "p2"), probing(("a", "c"), "p3")]
    matches.rekey(one)
    assert (list(matches), one["key"]) == (["p2"], "p2")
    matches.rekey(one)
    assert (list(matches), one["key"]) == (["p2"], "p2")
    assert matches.holds(one)


def test_an_id_that_another_match_has_already_is_not_taken_from_it() -> None:
    one, other = pending("p1", "ab"), pending("l", "cd")
    matches = kept(one, other)
    other["probing"] = [probing(("c", "d"), "p1")]
    matches.rekey(other)
    assert (matches["p1"], matches["l"]) == (one, other)


def test_all_pairs_of_a_group_have_the_lower_seat_first() -> None:
    assert pairs_of(crowd("bac")) == [("b", "a"), ("b", "c"), ("a", "c")]


def test_edges_are_taken_in_order_so_that_nobody_is_in_two_probes_at_once() -> None:
    one = pending("k", "abcd")
    assert next_edges(one) == [("a", "b"), ("c", "d")]
    assert one["unprobed"] == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]
    one["probing"] = [probing(("a", "b"))]
    assert next_edges(one) == []
    one["probing"] = [probing(("a", "x"))]
    assert next_edges(one) == [("b", "c")]
    assert one["unprobed"] == [("a", "c"), ("a", "d"), ("b", "d")]


def test_the_edge_most_likely_to_fail_is_measured_first_and_known_ones_not_at_all() -> None:
    chances = {"ab": 0.9, "ac": 0.2, "bc": 0.5}
    known = {"bd", "cd", "ad"}
    edges = edges_to_probe(
        crowd("abcd"),
        is_unknown=lambda a, b: a.subject_id + b.subject_id not in known,
        p_accept=lambda a, b: chances[a.subject_id + b.subject_id],
    )
    assert edges == [("a", "c"), ("b", "c"), ("a", "b")]
