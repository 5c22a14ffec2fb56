from interactive_gym.server.participants.group_history import GroupHistory


def test_partners_are_those_of_the_last_game():
    history = GroupHistory()
    assert history.partners_of("a") == ()
    history.record(["a", "b", "c"])
    assert history.partners_of("a") == ("b", "c")
    history.record(["a", "d"])
    assert history.partners_of("a") == ("d",)
    assert history.partners_of("b") == ("a", "c")
