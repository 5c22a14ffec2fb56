from interactive_gym.server.participants.waitroom import Waitroom


def waitroom_of(*subject_ids: str) -> Waitroom:
    waitroom = Waitroom()
    for since_s, subject_id in enumerate(subject_ids):
        waitroom.add(subject_id, float(since_s))
    return waitroom


def test_participants_wait_in_order_of_arrival():
    assert waitroom_of("b", "a", "c").everybody() == ["b", "a", "c"]


def test_who_waits_already_keeps_their_place_and_time():
    waitroom = waitroom_of("a", "b")
    waitroom.add("a", 99.0)
    assert waitroom.everybody() == ["a", "b"]
    assert waitroom.since_s("a") == 0.0


def test_who_comes_back_gets_the_place_their_waiting_has_earned():
    waitroom = waitroom_of("a", "b", "c")
    since_s = waitroom.remove("b")
    waitroom.add("b", since_s)
    assert waitroom.everybody() == ["a", "b", "c"]


def test_reserved_participants_keep_their_place_but_are_not_available():
    waitroom = waitroom_of("a", "b", "c")
    waitroom.reserve(["a", "b"])
    assert waitroom.available() == ["c"]
    assert waitroom.everybody() == ["a", "b", "c"]
    waitroom.release(["a", "b"])
    assert waitroom.available() == ["a", "b", "c"]


def test_a_participant_may_be_held_for_several_matches_at_once():
    waitroom = Waitroom(max_reservations=2)
    for since_s, subject_id in enumerate("abc"):
        waitroom.add(subject_id, float(since_s))
    waitroom.reserve("ab")
    waitroom.reserve("ac")
    assert waitroom.available() == ["b", "c"]
    assert not waitroom.is_available("a") and waitroom.is_available("stranger")
    assert waitroom.unreserved_since() == []
    waitroom.release("ab")
    assert waitroom.available_since() == [("a", 0.0), ("b", 1.0), ("c", 2.0)]
    assert waitroom.unreserved_since() == [("b", 1.0)]
    waitroom.release("ac")
    waitroom.release("ac")
    assert not any(map(waitroom.is_reserved, "abc"))


def test_who_leaves_is_no_longer_reserved():
    waitroom = waitroom_of("a")
    waitroom.reserve(["a"])
    waitroom.remove("a")
    waitroom.add("a", 5.0)
    assert waitroom.available() == ["a"]


def test_removing_somebody_who_does_not_wait_says_so():
    assert waitroom_of("a").remove("stranger") is None


def test_how_many_wait_and_who_is_counted_with_those_reserved():
    waitroom = waitroom_of("a", "b", "c")
    waitroom.reserve(["b"])
    assert len(waitroom) == 3
    assert "b" in waitroom and "z" not in waitroom
    assert waitroom.is_reserved("b") and not waitroom.is_reserved("a")
    assert waitroom.available_since() == [("a", 0.0), ("c", 2.0)]
    assert (waitroom.since_s("c"), waitroom.since_s("z")) == (2.0, None)
    assert waitroom.remove("b") == 1.0
    assert len(waitroom) == 2


def test_of_two_who_came_at_once_the_first_to_be_told_of_stays_first():
    waitroom = Waitroom()
    for subject_id, since_s in (("b", 5.0), ("a", 5.0), ("c", 1.0), ("d", 5.0), ("e", 3.0)):
        waitroom.add(subject_id, since_s)
    assert waitroom.everybody() == ["c", "e", "b", "a", "d"]


def test_a_reservation_is_taken_back_of_those_named_alone():
    waitroom = waitroom_of("a", "b", "c")
    waitroom.reserve(["a"])
    waitroom.reserve(["b", "c"])
    waitroom.release(["b", "z"])
    assert waitroom.available() == ["b"]
