import pytest

from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.proposals.pending_match import (
    EdgeProbe,
    PendingMatch,
    PendingMatches,
    edges_to_probe,
    next_edges,
    pairs_of,
)
from tests.support.pool_fakes import all_pairs, crowd


def pending(members: str, key: str = "proposal-1") -> PendingMatch:
    """A proposal of which nothing has been probed."""
    return PendingMatch(
        key=key,
        proposal_id=key,
        matched=crowd(members),
        arriving_subject_id=members[-1],
        timestamp_s=100.0,
        unprobed=all_pairs(members),
        probing=[],
    )


def probe(match: PendingMatch, pair: str, probe_session_id: str | None = None) -> EdgeProbe:
    return EdgeProbe(
        match,
        (pair[0], pair[1]),
        started_at_s=100.0,
        expires_at_s=130.0,
        probe_session_id=probe_session_id,
    )


def kept(*all_pending: PendingMatch) -> PendingMatches:
    matches = PendingMatches()
    for one in all_pending:
        matches[one["key"]] = one
    return matches


def test_the_pairs_of_a_group_have_the_lower_seat_first():
    assert pairs_of(crowd("bac")) == [("b", "a"), ("b", "c"), ("a", "c")]
    assert pairs_of(crowd("a")) == []


def test_a_participant_is_found_in_the_match_that_they_are_reserved_for():
    first, second = pending("ab", "one"), pending("cd", "two")
    matches = kept(first, second)
    assert matches.reserving("a") == matches.reserving("b") == [first]
    assert matches.reserving("d") == [second]
    assert matches.reserving("x") == []
    del matches[first["key"]]
    assert matches.reserving("a") == matches.reserving("b") == []
    assert matches.reserving("c") == [second]


def test_a_participant_is_still_found_when_the_key_of_their_match_changes():
    match = pending("ab", "one")
    matches = kept(match)
    match["probing"].append(probe(match, "ab", "probe-1"))
    matches.rekey(match)
    assert list(matches) == ["probe-1"]
    assert matches.reserving("a") == matches.reserving("b") == [match]


def test_a_probe_is_found_by_its_pair_in_either_order_and_only_while_it_runs():
    match = pending("abc")
    running = probe(match, "ac", "probe-1")
    match["probing"].append(running)
    matches = kept(match)
    assert matches.probing(("a", "c")) == matches.probing(("c", "a")) == running
    assert matches.probing(("a", "b")) is None
    assert matches.probing(("x", "a")) is None
    match["probing"].clear()
    assert matches.probing(("a", "c")) is None


def test_a_match_that_was_made_anew_is_not_the_one_that_ended():
    ended, anew = pending("ab"), pending("ab")
    matches = kept(anew)
    assert matches.holds(anew)
    assert not matches.holds(ended)


def test_a_match_is_kept_under_the_first_of_its_running_probes():
    match = pending("abcd")
    matches = kept(match)
    match["probing"] += [probe(match, "ab"), probe(match, "cd", "probe-2")]
    matches.rekey(match)
    assert list(matches) == ["probe-2"] == [match["key"]]
    match["probing"][0].probe_session_id = "probe-1"
    matches.rekey(match)
    assert list(matches) == ["probe-1"] == [match["key"]]


def test_a_match_keeps_its_key_while_no_id_is_known_or_the_id_is_anothers():
    first, second = pending("ab", "one"), pending("cd", "two")
    matches = kept(first, second)
    first["probing"].append(probe(first, "ab"))
    matches.rekey(first)
    assert first["key"] == "one"
    first["probing"][0].probe_session_id = "two"
    matches.rekey(first)
    assert matches == {"one": first, "two": second}


@pytest.mark.parametrize(
    ("running", "chosen"),
    [
        ([], ["ab", "cd"]),
        (["cd"], ["ab"]),
        (["ac"], ["bd"]),
        (["ab", "cd"], []),
    ],
)
def test_everybody_takes_part_in_one_probe_at_a_time(running, chosen):
    match = pending("abcd")
    for pair in running:
        match["unprobed"].remove((pair[0], pair[1]))
        match["probing"].append(probe(match, pair))
    before = list(match["unprobed"])
    pairs = next_edges(match)
    assert ["".join(pair) for pair in pairs] == chosen
    assert match["unprobed"] == [pair for pair in before if pair not in pairs]


def test_the_edges_are_taken_in_their_order_which_is_that_of_likely_failure():
    match = pending("abcd")
    match["unprobed"] = [("b", "d"), ("a", "b"), ("a", "c")]
    assert next_edges(match) == [("b", "d"), ("a", "c")]
    assert match["unprobed"] == [("a", "b")]


def test_only_what_is_unknown_is_probed_and_the_least_likely_first():
    chances = {"ab": 0.9, "ac": 0.2, "bd": 0.5, "cd": 0.2}

    def name(a: MatchCandidate, b: MatchCandidate) -> str:
        return a.subject_id + b.subject_id

    edges = edges_to_probe(
        crowd("abcd"),
        is_unknown=lambda a, b: name(a, b) in chances,
        p_accept=lambda a, b: chances[name(a, b)],
    )
    assert edges == [("a", "c"), ("c", "d"), ("b", "d"), ("a", "b")]
