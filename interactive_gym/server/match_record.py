"""What is said of a new game: `match.json` for the data, `game_created` for each browser.

Pure functions from the game and the measured edges to JSON-compatible fields; nothing is decided,
sent or stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from interactive_gym import __version__
from interactive_gym.server.interfaces import ExperimentSettings, GameScene
from interactive_gym.server.latency_graph import Edge, Pair
from interactive_gym.server.match_logger import utc_iso
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.server.remote_game import RemoteGame, Seat


def seat_pairs(game: RemoteGame) -> list[tuple[Seat, Seat]]:
    """All pairs of seats of a game, the lower seat first."""
    return list(combinations(game.seats, 2))


def describe_matchmaker(matchmaker: Any) -> dict[str, Any]:
    """A matchmaker's qualified class name and its public attributes, which are its parameters."""
    cls = type(matchmaker)
    parameters = {
        name: _plain(value) for name, value in vars(matchmaker).items() if not name.startswith("_")
    }
    return {"class": f"{cls.__module__}.{cls.__qualname__}", "parameters": parameters}


def _plain(value: Any) -> Any:
    """A parameter as JSON has it; what JSON has not is described, or named by its type."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Matchmaker):
        return describe_matchmaker(value)
    if hasattr(value, "__qualname__"):
        return {"function": f"{value.__module__}:{value.__qualname__}"}
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


def describe_edges(
    game: RemoteGame, edge_of: Callable[[Pair], Edge | None]
) -> list[dict[str, Any]]:
    """Every measured edge of a game: who, how long, by which route, from which samples.

    All of them were acceptable for the game, or there would be none.
    """
    edges = []
    for lower, higher in seat_pairs(game):
        edge = edge_of((lower.subject_id, higher.subject_id))
        if edge is None:
            continue
        report = edge.report
        sides = {} if report is None else {side.subject_id: side for side in report.sides}
        edges.append(
            {
                "seats": [lower.seat, higher.seat],
                "rtt_ms": edge.rtt_ms,
                "verdict": "accepted",
                "route": edge.route,
                "measured_at": utc_iso(edge.measured_at_wall_s),
                "probe_session_id": None if report is None else report.probe_session_id,
                "disagreement": None if report is None else report.disagreement,
                "sides": [
                    {
                        "seat": seat.seat,
                        "samples_ms": list(sides[seat.subject_id].samples_ms),
                        "median_ms": sides[seat.subject_id].median_ms,
                        "minimum_ms": sides[seat.subject_id].minimum_ms,
                        "jitter_ms": sides[seat.subject_id].jitter_ms,
                        "local_candidate_type": sides[seat.subject_id].local_candidate_type,
                        "remote_candidate_type": sides[seat.subject_id].remote_candidate_type,
                    }
                    for seat in (lower, higher)
                    if seat.subject_id in sides
                ],
            }
        )
    return edges


def largest_rtt_ms(game: RemoteGame, edge_of: Callable[[Pair], Edge | None]) -> float | None:
    """The largest P2P RTT measured between any two of a game; `None` if nothing was measured."""
    edges = [edge_of((lower.subject_id, higher.subject_id)) for lower, higher in seat_pairs(game)]
    return max((edge.rtt_ms for edge in edges if edge is not None), default=None)


def match_content(
    game: RemoteGame,
    *,
    scene: GameScene,
    game_config: Mapping[str, Any],
    input_delay_rtt_ms: float | None,
    settings: ExperimentSettings,
    matchmaker: Any,
    threshold_ms: float | None,
    plan_digest: str,
    edge_of: Callable[[Pair], Edge | None],
    seed: int,
    session_tag: int,
    created_at_wall_s: float,
) -> dict[str, Any]:
    """The content of `match.json` of a new game.

    All of the game's config is in it, so that the stored frames can be replayed. `agents` and
    `policies` name every agent, `group` those of participants.
    """
    return {
        "game_id": game.game_id,
        "scene_id": scene.scene_id,
        "experiment_id": settings.experiment_id,
        **game_config,
        "input_delay_chosen": "auto" if scene.input_delay == "auto" else "fixed",
        "input_delay_rtt_ms": input_delay_rtt_ms if scene.input_delay == "auto" else None,
        "group": [
            {
                "seat": seat.seat,
                "agent": seat.agent,
                "subject_id": seat.subject_id,
                "waited_ms": round((game.created_at_s - seat.waiting_since_s) * 1000),
            }
            for seat in game.seats
        ],
        "threshold_ms": threshold_ms,
        "matchmaker": describe_matchmaker(matchmaker),
        "plan_digest": plan_digest,
        "edges": describe_edges(game, edge_of),
        "seed": seed,
        "session_tag": session_tag,
        "environment_digest": scene.environment_digest,
        "packages": [package.as_record() for package in scene.packages],
        "package_version": __version__,
        "created_at": utc_iso(created_at_wall_s),
    }


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

    In every connection the lower seat is the offerer, as in the probes; `connections` holds the
    probes whose connections are open, by subject ids with the lower seat first.
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
    first: Mapping[str, Any], *, seat: int, incarnations: Mapping[int, int]
) -> dict[str, Any]:
    """The `game_created` event for a participant who reloaded the page during the game.

    The same game, but with the present incarnations, without the seats that were cut, and with
    connections that are all to be made anew.

    Args:
        first: their event at the beginning of the game.
        seat: their seat.
        incarnations: how often the page of every seat that was not cut has been reloaded.
    """
    return {
        **first,
        "game": {**first["game"], "incarnation": incarnations[seat]},
        "peers": [
            {**peer, "probe_session_id": None, "incarnation": incarnations[peer["seat"]]}
            for peer in first["peers"]
            if peer["seat"] in incarnations
        ],
    }
