"""The `game_created` event, at the beginning of a game and after a reload."""

from types import SimpleNamespace

from interactive_gym.server.games.invitations import created_payload, recreated_payload
from interactive_gym.server.games.remote_game import RemoteGame, Seat

SETTINGS = SimpleNamespace(
    experiment_id="study", ice_servers=[{"urls": "stun:s.example"}], force_relay=True
)
CONFIG = {"agents": ["cat", "one", "two", "three"], "fps": 30}
GAME = RemoteGame(
    "game-1",
    [Seat(number, agent, "abc"[number], 0.0) for number, agent in enumerate(CONFIG["agents"][1:])],
    created_at_s=100.0,
)


def invited(seat: int, connections=None):
    return created_payload(
        GAME,
        GAME.seats[seat],
        game_config=CONFIG,
        settings=SETTINGS,
        seed=7,
        session_tag=9,
        connections=connections or {},
    )


def test_an_invitation_has_the_game_as_this_participant_plays_it_and_how_to_connect():
    payload = invited(1)
    assert payload["game_id"] == "game-1"
    assert payload["game"] == {**CONFIG, "seat": 1, "seed": 7, "session_tag": 9}
    assert payload["ice_servers"] == [{"urls": "stun:s.example"}]
    assert payload["force_relay"] is True


def test_the_lower_seat_of_each_connection_makes_the_offer():
    roles = [{peer["seat"]: peer["role"] for peer in invited(seat)["peers"]} for seat in range(3)]
    assert roles == [
        {1: "offerer", 2: "offerer"},
        {0: "answerer", 2: "offerer"},
        {0: "answerer", 1: "answerer"},
    ]


def test_both_ends_of_an_open_connection_are_told_its_probe_and_the_third_is_not():
    connections = {("a", "c"): "probe-1"}
    probes = [
        {peer["seat"]: peer["probe_session_id"] for peer in invited(seat, connections)["peers"]}
        for seat in range(3)
    ]
    assert probes == [{1: None, 2: "probe-1"}, {0: None, 2: None}, {0: "probe-1", 1: None}]


def test_no_invitation_says_who_the_partners_are():
    said = str(invited(0, {("a", "b"): "probe-1"}))
    assert not any(f"'{subject_id}'" in said for subject_id in "abc")


def test_after_a_reload_the_same_game_goes_on_over_new_connections():
    first = invited(0, {("a", "b"): "probe-1", ("a", "c"): "probe-2"})
    again = recreated_payload(first, seat=0, incarnations={0: 2, 1: 0, 2: 1})
    assert again["game"] == {**first["game"], "incarnation": 2}
    assert again["peers"] == [
        {"seat": 1, "role": "offerer", "probe_session_id": None, "incarnation": 0},
        {"seat": 2, "role": "offerer", "probe_session_id": None, "incarnation": 1},
    ]
    assert {name: again[name] for name in ("game_id", "ice_servers", "force_relay")} == {
        name: first[name] for name in ("game_id", "ice_servers", "force_relay")
    }
    assert first["peers"][0]["probe_session_id"] == "probe-1", "the first stays as it was"


def test_after_a_reload_there_is_no_connection_to_seats_that_were_cut():
    again = recreated_payload(invited(0), seat=0, incarnations={0: 1, 2: 0})
    assert [peer["seat"] for peer in again["peers"]] == [2]
