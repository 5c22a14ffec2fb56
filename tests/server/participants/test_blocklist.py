from interactive_gym.server.participants.blocklist import Blocklist

RECRUITMENT_IDS = {"s1": "anna", "s2": "ben", "s3": "anna", "s4": "cleo", "s5": None}


def blocklist(*pairs):
    return Blocklist(pairs, RECRUITMENT_IDS.get)


def test_a_blocked_pair_is_told_when_the_second_of_the_two_arrives():
    some = blocklist(("anna", "ben"))
    assert some.arrived("s1") == []
    assert some.arrived("s4") == []
    assert some.arrived("s2") == ["s1"]


def test_the_order_of_a_pair_does_not_matter():
    some = blocklist(("anna", "ben"))
    some.arrived("s2")
    assert some.arrived("s1") == ["s2"]


def test_every_session_of_a_recruitment_id_is_blocked():
    some = blocklist(("ben", "anna"))
    some.arrived("s1")
    some.arrived("s3")
    assert some.arrived("s2") == ["s1", "s3"]


def test_arriving_again_blocks_the_same_people_once():
    some = blocklist(("anna", "ben"))
    for subject_id in ("s1", "s1", "s2"):
        some.arrived(subject_id)
    assert some.arrived("s2") == ["s1"]
    assert some.arrived("s1") == ["s2"]


def test_somebody_without_a_recruitment_id_is_blocked_with_nobody():
    some = blocklist(("anna", "ben"))
    some.arrived("s1")
    assert some.arrived("s5") == []


def test_several_subject_ids_of_one_recruitment_id_are_blocked_with_each_other():
    for some in (blocklist(), blocklist(("anna", "ben"))):
        assert some.arrived("s1") == []
        assert some.arrived("s3") == ["s1"]
        assert some.arrived("s1") == ["s3"]
        assert some.arrived("s4") == []
