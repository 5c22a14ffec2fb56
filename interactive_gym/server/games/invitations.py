"""The `game_created` event for each participant, at the start of a game and after a reload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interactive_gym.server.games.remote_game import RemoteGame, Seat, seat_pairs
from interactive_gym.server.matching.candidate import Pair
from interactive_gym.server.settings import ExperimentSettings


def created_payload(
    game: RemoteGame,
    receiver: Seat,
    *,
    game_config: Mapping[str, Any],
    settings: ExperimentSettings,
    seed: int,
    session_tag: int,
    connections: Mapping[Pair, str],
) -> dict[str, Any]:
    """The `game_created` event for one participant.

    In every connection the lower seat is the offerer, as in the probes. `connections` holds the
    ids of probes whose connections are still open, by pair, the lower seat first.
    """
    peers = []
    for lower, higher in seat_pairs(game):
        if receiver in (lower, higher):
            is_offerer = receiver is lower
            peers.append(
                {
                    "seat": higher.seat if is_offerer else lower.seat,
                    "role": "offerer" if is_offerer else "answerer",
                    "probe_session_id": connections.get((lower.subject_id, higher.subject_id)),
                }
            )
    return {
        "game_id": game.game_id,
        "game": {
            **game_config,
            "seat": receiver.seat,
            "seed": seed,
            "session_tag": session_tag,
        },
        "peers": peers,
        "ice_servers": settings.ice_servers,
        "force_relay": settings.force_relay,
    }


def recreated_payload(
    first: Mapping[str, Any],
    *,
    seat: int,
    incarnations: Mapping[int, int],
    history: str | None = None,
) -> dict[str, Any]:
    """The `game_created` event for a participant who reloaded the page during the game.

    It has the present incarnations, leaves out the seats that were cut, and makes all connections
    anew.

    Args:
        first: the participant's event at the beginning of the game.
        seat: the participant's seat.
        incarnations: how often the page of each seat was reloaded, by seat; without cut seats.
        history: the inputs from which all go on; `None` if a partner has them.
    """
    given = {} if history is None else {"history": history}
    return {
        **first,
        "game": {**first["game"], "incarnation": incarnations[seat], **given},
        "peers": [
            {**peer, "probe_session_id": None, "incarnation": incarnations[peer["seat"]]}
            for peer in first["peers"]
            if peer["seat"] in incarnations
        ],
    }
