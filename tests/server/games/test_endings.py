"""What participants are told of the end of their game, and how they go on."""

import pytest

from tests.support.matching_fakes import World
from tests.support.played_games import (
    ENDED,
    IDLE,
    WAITING,
    ended,
    finish,
    playing,
    reasons,
    say,
)


@pytest.mark.parametrize(
    ("people", "who"),
    [("ab", "Your partner is no longer there"), ("abc", "One of your partners is no longer there")],
)
def test_those_who_stay_are_told_in_words_that_fit_their_number(people, who):
    world = playing(people)
    say(world, "quit", "a", reason="idle")
    for subject_id in people[1:]:
        finish(world, subject_id)
        assert ended(world, subject_id) or subject_id != people[-1]
    assert ended(world, people[-1])[0]["message"].startswith(who)


def lose_the_partner(world: World) -> None:
    """`b` is lost, and `a` has finished."""
    say(world, "peer_lost", "a", seat=1)
    say(world, "peer_lost", "b", seat=0)
    finish(world, "a")


def test_survivors_and_who_lost_the_connection_go_on_as_the_scene_says():
    world = playing(partner_loss_way_on="exit", partner_loss_message="Please write to us.")
    lose_the_partner(world)
    (survivor,), (lost,) = ended(world, "a"), ended(world, "b")
    for told in (survivor, lost):
        assert (told["way_on"], told["message"]) == ("exit", "Please write to us.")
    assert {survivor["completion_code"], lost["completion_code"]} == {"CODE0", "CODE1"}


def test_other_losses_lead_to_the_next_scene_in_the_servers_words():
    world = playing(partner_loss_way_on="exit", partner_loss_message="Please write to us.")
    say(world, "quit", "b", reason="idle")
    (told,) = ended(world, "b")
    assert (told["way_on"], told["completion_code"]) == ("next_scene", None)
    assert told["message"] != "Please write to us."


def test_who_was_out_of_sight_too_long_hears_the_scenes_own_words():
    world = playing(focus_loss_message="You looked elsewhere.")
    say(world, "quit", "b", reason="hidden")
    assert ended(world, "b")[0]["message"] == "You looked elsewhere."


def test_at_an_exit_the_code_stays_the_same_is_stored_and_nothing_follows():
    told = []
    world = playing(
        partner_loss_way_on="exit",
        log_participant=lambda event, subject_id, **fields: told.append(
            (event, subject_id, fields)
        ),
    )
    lose_the_partner(world)
    world.manager.handle_reload("a")
    world.manager.resync("a")
    codes = [payload["completion_code"] for payload in ended(world, "a")]
    assert len(codes) == 2
    assert len(set(codes)) == 1
    assert world.manager.outcome_of("a") is None
    world.join("a")
    assert world.manager.states.state_of("a") is ENDED
    (exited,) = [line for line in told if line[:2] == ("exited", "a")]
    assert exited[2]["completion_code"] == codes[0]
    assert exited[2]["reason"] == "partner_lost"
    assert exited[2]["scene_id"] == "game"


def test_the_way_back_to_the_waitroom_is_a_new_wait():
    world = playing(partner_loss_way_on="waitroom")
    world.clock.advance(60.0)
    lose_the_partner(world)
    assert ended(world, "a")[0]["way_on"] == "waitroom"
    assert world.manager.outcome_of("a") is None
    world.join("a")
    assert world.manager.states.state_of("a") is WAITING
    assert world.sio.to("a", "waitroom_update")[-1]["waited_ms"] == 0
    world.manager.resync("a")
    assert len(ended(world, "a")) == 1
    world.join("b")
    assert len(world.games()) == 2
    assert [line["subject_id"] for line in world.ledger.of("arrival")] == ["a", "b", "a", "b"]


def test_after_other_ends_nobody_gets_back_into_the_waitroom():
    world = playing(partner_loss_way_on="waitroom")
    finish(world, "a", "engine_error")
    world.join("a")
    assert world.manager.states.state_of("a") is ENDED


@pytest.mark.parametrize("reason", ["desync", "engine_error"])
def test_a_game_that_fails_for_both_ends_at_once_with_a_kind_sentence(reason):
    world = playing()
    for who in "ab":
        finish(world, who, reason)
    assert reasons(world, "a") == reasons(world, "b") == [reason]
    (told,) = ended(world, "b")
    assert told["message"].endswith("It is not your fault. You can go on.")
    assert (told["way_on"], told["completion_code"]) == ("next_scene", None)


def test_the_end_is_told_again_after_a_reconnection_until_one_has_moved_on():
    world = playing()
    finish(world, "a", "engine_error")
    world.manager.resync("a")
    assert reasons(world, "a") == ["engine_error"] * 2
    world.manager.forget("a")
    world.manager.resync("a")
    assert reasons(world, "a") == ["engine_error"] * 2
    assert world.manager.states.state_of("a") is IDLE
