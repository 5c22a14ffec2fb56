"""The content of `match.json`: the participants of a game, their measured edges and the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from interactive_gym import __version__
from interactive_gym.server.data.wall_times import utc_iso
from interactive_gym.server.games.remote_game import RemoteGame, seat_pairs
from interactive_gym.server.matching.candidate import Pair
from interactive_gym.server.matching.latency_graph import Edge
from interactive_gym.server.settings import ExperimentSettings, GameScene


def describe_edges(
    game: RemoteGame, edge_of: Callable[[Pair], Edge | None]
) -> list[dict[str, Any]]:
    """Every measured edge of a game: its pair, P2P RTT, route and samples."""
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
                "doubts": list(edge.doubts),
                "disputed_seats": [
                    seat.seat for seat in (lower, higher) if seat.subject_id in edge.disputed
                ],
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
    """The largest P2P RTT measured between participants of a game; `None` without measurements."""
    edges = [edge_of((lower.subject_id, higher.subject_id)) for lower, higher in seat_pairs(game)]
    return max((edge.rtt_ms for edge in edges if edge is not None), default=None)


def match_content(
    game: RemoteGame,
    *,
    scene: GameScene,
    game_config: Mapping[str, Any],
    input_delay_rtt_ms: float | None,
    level_ms: float | None,
    settings: ExperimentSettings,
    matchmaker: Mapping[str, Any],
    threshold_ms: float | None,
    plan_digest: str,
    edge_of: Callable[[Pair], Edge | None],
    seed: int,
    session_tag: int,
    created_at_wall_s: float,
) -> dict[str, Any]:
    """The content of `match.json` of a new game.

    All of the game's config is in it, so that the stored frames can be resimulated. `agents` and
    `policies` name every agent, `group` those of participants.
    """
    return {
        "game_id": game.game_id,
        "scene_id": scene.scene_id,
        "experiment_id": settings.experiment_id,
        **game_config,
        "input_delay_chosen": _chosen_by(scene),
        "input_delay_rtt_ms": input_delay_rtt_ms if _chosen_by(scene) == "auto" else None,
        "latency": None if scene.equal_latency is None else scene.equal_latency.record(level_ms),
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
        "matchmaker": matchmaker,
        "plan_digest": plan_digest,
        "edges": describe_edges(game, edge_of),
        "seed": seed,
        "session_tag": session_tag,
        "environment_digest": scene.environment_digest,
        "packages": [package.as_record() for package in scene.packages],
        "package_version": __version__,
        "created_at": utc_iso(created_at_wall_s),
    }


def _chosen_by(scene: GameScene) -> Literal["equal", "auto", "fixed"]:
    """What decides the input delay of a scene's games."""
    if scene.equal_latency is not None:
        return "equal"
    return "auto" if scene.input_delay == "auto" else "fixed"
