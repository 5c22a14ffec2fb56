from interactive_gym.server.ledger.schema import (
    MatchedLine,
    MatchmakerErrorLine,
    RepoolLine,
    VerdictLine,
)
from interactive_gym.simulation.audit.comparison import Comparison


def verdict(proposal_id="p", probe_id="q", rtt_ms=90.0, **changes):
    fields = {"verdict": "accepted", "reason": "r", **changes}
    return VerdictLine(proposal_id, probe_id, ("a", "b"), rtt_ms, 150, **fields)


def test_decisions_are_the_same_whatever_they_are_called():
    comparison = Comparison(is_chained=True)
    assert not comparison.differ(verdict("1", "2"), verdict("3", "4"))
    assert comparison.differ(verdict(), verdict(rtt_ms=91.0))
    assert comparison.differ(verdict(), RepoolLine(["a"], None, []))


def test_a_name_stands_for_the_same_thing_throughout():
    comparison = Comparison(is_chained=True)
    assert comparison.misnamed(verdict("r1", "r2"), verdict("t1", "t2")) is None
    assert comparison.misnamed(verdict("r1", "r3"), verdict("t1", "t3")) is None
    assert "proposal_id" in comparison.misnamed(verdict("r1", "r4"), verdict("t9", "t4"))
    assert "probe_session_id" in comparison.misnamed(verdict("r5", "r6"), verdict("t5", "t3"))


def test_only_a_probe_that_never_came_about_has_no_name():
    comparison = Comparison(is_chained=True)
    told = verdict(probe_id=None, rtt_ms=None)
    assert comparison.misnamed(verdict(rtt_ms=None), told) is None
    assert comparison.misnamed(verdict(), verdict(probe_id=None)) is not None


def test_what_earlier_versions_did_not_tell_is_compared_only_in_chained_lines():
    doubtful = verdict(doubts=("sides_disagree",))
    assert Comparison(is_chained=True).differ(doubtful, verdict())
    assert not Comparison(is_chained=False).differ(doubtful, verdict())
    edges = [{"rtt_ms": 9.0, "doubts": [], "measured_at": "x"}]
    old = MatchedLine("g", [], [{"rtt_ms": 9.0}], 1, "d")
    assert not Comparison(is_chained=False).differ(MatchedLine("g", [], edges, 1, "d"), old)
    assert Comparison(is_chained=True).differ(MatchedLine("g", [], edges, 1, "d"), old)


def test_what_an_exception_says_is_not_compared_but_its_kind_is():
    one = MatchmakerErrorLine("M", "a", "find_match raised: at 0x1")
    other = MatchmakerErrorLine("M", "a", "find_match raised: at 0x2")
    third = MatchmakerErrorLine("M", "a", "it slept")
    comparison = Comparison(is_chained=True)
    assert not comparison.differ(one, other)
    assert comparison.differ(one, third)
