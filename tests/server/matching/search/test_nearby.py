from interactive_gym.server.matching.rtt_predictor import UNKNOWN_BIN, RttPredictor
from interactive_gym.server.matching.search.nearby import Nearby
from interactive_gym.server.matchmaker import MatchCandidate


def nearby_of(**server_rtts_ms: float | None) -> Nearby:
    nearby = Nearby()
    for name, rtt_ms in server_rtts_ms.items():
        nearby.add(name, RttPredictor.bin_of(rtt_ms))
    return nearby


def partners(
    nearby: Nearby,
    rtt_ms: float | None,
    count: int = 9,
    *,
    left_out: str = "",
    predictor: RttPredictor | None = None,
) -> str:
    found = nearby.partners(
        RttPredictor.bin_of(rtt_ms),
        count,
        left_out=set(left_out),
        predictor=predictor or RttPredictor(),
        threshold_ms=60.0,
    )
    return "".join(found)


def test_the_most_promising_come_first() -> None:
    nearby = nearby_of(a=300.0, b=10.0, c=80.0, d=30.0)
    assert partners(nearby, 5.0)[2:] == "ca"
    assert sorted(partners(nearby, 5.0, 2)) == ["b", "d"]
    assert partners(nearby, 5.0, 3)[2] == "c"


def test_those_of_about_the_same_server_rtt_come_in_the_order_they_were_added() -> None:
    assert partners(nearby_of(a=20.0, b=20.2, c=20.1), 20.0) == "abc"


def test_of_many_of_about_the_same_server_rtt_each_who_asks_is_told_the_next() -> None:
    nearby = nearby_of(a=20.0, b=20.2, c=20.1, d=20.0, e=300.0)
    assert [partners(nearby, 20.0, 3) for _ in range(3)] == ["abc", "dab", "cda"]


def test_who_is_left_out_or_has_left_is_no_partner() -> None:
    nearby = nearby_of(a=10.0, b=10.0, c=10.0)
    nearby.remove("a")
    nearby.remove("nobody")
    assert partners(nearby, 10.0, left_out="b") == "c"


def test_people_without_a_server_rtt_are_partners_too() -> None:
    nearby = nearby_of(a=None, b=2.0)
    assert RttPredictor.bin_of(None) == UNKNOWN_BIN
    assert sorted(partners(nearby, None)) == ["a", "b"]
    assert sorted(partners(nearby, 2.0)) == ["a", "b"]


def test_somebody_far_from_all_before_is_found_although_the_order_is_remembered() -> None:
    nearby = nearby_of(a=10.0)
    predictor = RttPredictor()
    assert partners(nearby, 5.0, predictor=predictor) == "a"
    nearby.add("b", RttPredictor.bin_of(200.0))
    assert partners(nearby, 5.0, predictor=predictor) == "ab"


def test_what_is_learnt_changes_the_order() -> None:
    nearby, predictor = nearby_of(a=10.0, b=100.0), RttPredictor()
    assert partners(nearby, 100.0, predictor=predictor) == "ab"[::-1]
    for at in range(200):
        near = MatchCandidate(f"n{at}", 10.0), MatchCandidate(f"m{at}", 100.0)
        far = MatchCandidate(f"f{at}", 100.0), MatchCandidate(f"g{at}", 100.0)
        predictor.observe(*near, accepted=True, threshold_ms=60.0)
        predictor.observe(*far, accepted=False, threshold_ms=60.0)
    assert partners(nearby, 100.0, predictor=predictor) == "ab"
