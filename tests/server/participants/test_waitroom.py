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


def test_who_leaves_is_no_longer_reserved():
    waitroom = waitroom_of("a")
    waitroom.reserve(["a"])
    waitroom.remove("a")
    waitroom.add("a", 5.0)
    assert waitroom.available() == ["a"]


def test_removing_somebody_who_does_not_wait_says_so():
    assert waitroom_of("a").remove("stranger") is None
