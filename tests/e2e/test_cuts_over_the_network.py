"""Games whose network is cut, for a moment or for good, between real browsers."""

from pathlib import Path

import pytest

from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.data_checks import assert_complete, assert_without_holes
from tests.support.e2e.networked_play import (
    FPS,
    Playing,
    assert_no_errors,
    ended_game,
    frame,
    lead_on,
    link_states,
)
from tests.support.netlab import NetworkLab

pytestmark = [pytest.mark.e2e, pytest.mark.netlab]


def test_a_game_outlasts_cuts_of_two_seconds_to_the_server_and_to_the_partner(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann = playing.people[0]
    with playing.serve(seconds=10) as product:
        playing.begin(product)
        lab.set_way(playing.hosts[0], playing.server, cut=True)
        before = frame(ann)
        playing.play_for(2)
        assert frame(ann) > before + 1.5 * FPS
        lab.set_way(playing.hosts[0], playing.server, cut=False)

        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            person.wait_for_phase("paused")
            assert "partner" in person.text()
        playing.play_for(1.5)
        lab.set_way(*playing.hosts, cut=False)
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert game.match["frames"] == 10 * FPS
    assert_complete(game, playing.people[0].invitation())
    kinds = {event["kind"] for event in game.events}
    assert {"peer_silent", "peer_heard"} <= kinds
    assert_no_errors(playing.people)


@pytest.mark.sweep
def test_a_cut_long_enough_for_the_connection_to_break_is_mended_within_the_limit(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=8, partner_timeout_ms=60_000) as product:
        playing.begin(product)
        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            person.wait_for_phase("paused")
        # Chromium notices after five seconds or more, and the pages then try another way.
        product.wait_for(lambda it: "disconnected" in link_states(it.games[0]))
        playing.play_for(2)
        lab.set_way(*playing.hosts, cut=False)
        for person in playing.people:
            person.wait_for_phase("playing")
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert_complete(game, playing.people[0].invitation())
    assert_no_errors(playing.people)


def test_participants_whose_addresses_both_change_find_each_other_again(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=6, partner_timeout_ms=60_000) as product:
        playing.begin(product)
        # Neither can reach the other where they were: they need the server to tell them.
        for host in playing.hosts:
            lab.move(host)
        for person in playing.people:
            person.wait_for_phase("paused")
        for person in playing.people:
            person.wait_for_phase("playing")
        playing.play_to_the_end()
        game = ended_game(product)
    assert (game.match["end_reason"], game.match["cuts"]) == ("completed", [])
    assert_complete(game, playing.people[0].invitation())


@pytest.mark.sweep
def test_a_cut_for_good_ends_the_game_for_both_with_the_data_they_agree_on(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    with playing.serve(seconds=60, partner_timeout_ms=3000) as product:
        playing.begin(product)
        lab.set_way(*playing.hosts, cut=True)
        for person in playing.people:
            lead_on(person)
        game = ended_game(product)
    assert {cut["reason"] for cut in game.match["cuts"]} == {"connection_lost"}
    assert game.match["frames"] > FPS
    assert_without_holes(game)
    assert game.match["agreed"] is True
    assert_no_errors(playing.people)


def test_whoever_stays_has_the_data_up_to_the_last_input_of_one_who_vanished(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann, ben = playing.people
    with playing.serve(seconds=60, partner_timeout_ms=3000) as product:
        playing.begin(product)
        playing.hosts[1].cut()
        ann.wait_for_phase("paused")
        lead_on(ann)
        game = ended_game(product)
        playing.hosts[1].restore()
        ben.wait_for_phase("ended")
    assert game.match["end_reason"] == "partner_lost"
    assert game.match["frames"] > FPS
    assert game.match["agreed"] is True
    assert_without_holes(game)
    assert_no_errors([ann])


@pytest.mark.sweep
def test_a_participant_who_reloads_the_page_comes_back_to_the_same_seat(
    lab: NetworkLab, participant: ParticipantFactory, tmp_path: Path
) -> None:
    playing = Playing(lab, participant, tmp_path)
    ann, ben = playing.people
    with playing.serve(seconds=12, partner_timeout_ms=60_000) as product:
        playing.begin(product)
        seat = ben.snapshot()["seat"]
        playing.play_for(2)
        ben.reload()
        ann.wait_for_phase("paused")
        ben.wait_for("window.interactiveGym?.snapshot().frame > 0")
        for person in playing.people:
            person.wait_for_phase("playing")
        assert ben.snapshot()["seat"] == seat
        assert ben.invitation()["game"]["incarnation"] == 1
        playing.play_to_the_end()
        game = ended_game(product)
    assert game.match["end_reason"] == "completed"
    assert game.match["frames"] == 12 * FPS
    assert_complete(game, ann.invitation())
    assert_no_errors(playing.people)
