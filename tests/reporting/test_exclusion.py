import pytest

from interactive_gym.reporting.exclusion import seekers_of, standardized_difference


def test_everybody_who_asked_is_there_once_with_what_became_of_it(study, tables) -> None:
    seekers = {it.subject_id: it for it in seekers_of(tables)}
    assert set(seekers) == {line["subject_id"] for line in study.of_kind("arrival")}
    matched = {it["subject_id"] for line in study.of_kind("matched") for it in line["group"]}
    left = {line["subject_id"]: line for line in study.of_kind("exit")}
    measured, tried = set(), set()
    for line in study.of_kind("verdict"):
        tried |= set(line["pair"])
        measured |= set(line["pair"]) if line["rtt_ms"] is not None else set()
    for subject, seeker in seekers.items():
        if subject in matched:
            assert seeker.fate == "matched"
        elif subject not in left:
            assert seeker.fate == "undecided"
        elif subject in measured:
            assert seeker.fate == "rejected"
        else:
            assert seeker.fate == ("not connected" if subject in tried else "never tried")
        if seeker.fate not in ("matched", "undecided"):
            assert seeker.exit_reason == left[subject]["reason"]
    assert {it.fate for it in seekers.values()} >= {"matched", "rejected"}


def test_the_difference_is_in_standard_deviations() -> None:
    ones = [(value, 1.0) for value in (1.0, 2.0, 3.0)]
    assert standardized_difference(ones, [(v + 2, 1.0) for v, _ in ones]) == pytest.approx(-2)
    weighted = [(1.0, 0.0), (2.0, 0.0), (3.0, 1.0)]
    assert standardized_difference(weighted, ones) == pytest.approx(1)
    assert standardized_difference(ones[:1], ones) is None
    assert standardized_difference([(1.0, 1.0)] * 3, [(1.0, 1.0)] * 3) is None
