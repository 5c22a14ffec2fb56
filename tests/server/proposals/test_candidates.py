"""What a matchmaker is told of those who wait."""

import pytest

from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from tests.support.matching_fakes import World


class Watching(FIFOMatchmaker):
    """Keeps whom it was asked about, and makes no group."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[MatchCandidate, list[MatchCandidate]]] = []

    def find_match(self, arriving, waiting, group_size):
        self.asked.append((arriving, list(waiting)))


def test_candidates_carry_the_server_rtt_and_since_when_they_wait():
    watching = Watching()
    world = World(matchmaker=watching, server_rtt_ms={"a": 31.0}.get)
    world.join("a")
    world.clock.advance(4.0)
    world.join("b")
    arriving, (waiting,) = watching.asked[-1]
    assert (arriving.subject_id, arriving.rtt_ms) == ("b", None)
    assert (waiting.subject_id, waiting.rtt_ms) == ("a", 31.0)
    assert arriving.waiting_since_s - waiting.waiting_since_s == 4.0


def test_a_participant_of_whom_nothing_changed_is_the_same_object_at_every_look():
    watching = Watching()
    world = World(matchmaker=watching)
    world.join("a", "b")
    world.pass_time(10.0)
    looks = [waiting[0] for arriving, waiting in watching.asked if arriving.subject_id == "b"]
    assert len(looks) > 2
    assert all(who is looks[-1] for who in looks)


def test_attributes_reach_the_matchmaker_and_a_function_that_fails_harms_nobody(caplog):
    def attributes_of(subject_id):
        if subject_id == "c":
            raise LookupError("no condition yet")
        return {"condition": "red" if subject_id in "ad" else "blue"}

    def alike(a, b):
        return a.attributes.get("condition") == b.attributes.get("condition")

    world = World(matchmaker=FIFOMatchmaker(compatible=alike), attributes_of=attributes_of)
    world.join("a", "b", "c", "d")
    assert world.games() == [("a", "d")]
    assert "no condition yet" in caplog.text
    assert world.ledger.of("arrival")[0]["attributes"] == {"condition": "red"}
    assert world.manager.states.of("c").value == "in_waitroom"


def test_attributes_are_those_of_the_arrival_and_cannot_be_changed_through_a_candidate():
    told = {"condition": "red"}
    watching = Watching()
    world = World(matchmaker=watching, attributes_of=lambda subject_id: told)
    world.join("a")
    told["condition"] = "blue"
    world.join("b")
    arriving, (waiting,) = watching.asked[-1]
    assert (waiting.attributes["condition"], arriving.attributes["condition"]) == ("red", "blue")
    with pytest.raises(TypeError):
        waiting.attributes["condition"] = "green"


def test_who_played_together_is_known_in_the_next_scene():
    history = GroupHistory()
    first = World(history=history)
    first.join("a", "b", "c", "d")
    first.start_game("a", "b")
    assert history.partners_of("a") == ("b",)
    assert history.partners_of("c") == (), "their game has not begun"
    second = World(matchmaker=GroupReunionMatchmaker(), history=history)
    second.join("a", "c", "d", "b")
    assert second.games() == [("c", "d"), ("a", "b")]


@pytest.mark.parametrize(
    ("known_ms", "news_ms"),
    [(10.0, 12.1), (10.0, 7.9), (40.0, 44.1), (40.0, 35.9), (None, 25.0)],
)
def test_a_notably_changed_server_rtt_is_told_once_and_used(known_ms, news_ms):
    rtts_ms = {"a": known_ms}
    watching = Watching()
    world = World(matchmaker=watching, server_rtt_ms=rtts_ms.get)
    world.join("a")
    rtts_ms["a"] = news_ms
    world.pass_time(5.0)
    (line,) = world.ledger.of("server_rtt")
    assert (line["subject_id"], line["server_rtt_ms"]) == ("a", news_ms)
    world.join("b")
    _, (waiting,) = watching.asked[-1]
    assert waiting.rtt_ms == news_ms


@pytest.mark.parametrize(
    ("known_ms", "still_ms"), [(10.0, 12.0), (10.0, 8.0), (40.0, 44.0), (40.0, 36.0), (25.0, None)]
)
def test_a_server_rtt_that_hardly_changed_or_is_lost_is_no_news(known_ms, still_ms):
    rtts_ms = {"a": known_ms}
    watching = Watching()
    world = World(matchmaker=watching, server_rtt_ms=rtts_ms.get)
    world.join("a")
    rtts_ms["a"] = still_ms
    world.pass_time(5.0)
    assert world.ledger.of("server_rtt") == []
    world.join("b")
    _, (waiting,) = watching.asked[-1]
    assert waiting.rtt_ms == known_ms
