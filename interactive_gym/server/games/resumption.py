"""Rebuilds a game that was going on when the server was stopped, from its `match.json` and events.

What happened is told to a new RemoteGame again, in its order. Pure: it is given the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interactive_gym.server.data.wall_times import wall_s_of
from interactive_gym.server.games.remote_game import Cut, Departure, RemoteGame, Seat


def resumed_game(
    match: Mapping[str, Any],
    events: Iterable[Mapping[str, Any]],
    *,
    now_s: float,
    wall_now_s: float,
) -> RemoteGame | None:
    """The game as it was, with all who are still in it away since now; `None` before its start.

    Args:
        match: the content of its `match.json`.
        events: the lines of its `events.jsonl`, in order.
        now_s: now, in seconds of the manager's clock.
        wall_now_s: now, in seconds since 1970.
    """

    def at_s(time: str) -> float:
        return now_s - (wall_now_s - wall_s_of(time))

    created_at_s = at_s(match["created_at"])
    seats = [
        Seat(
            member["seat"],
            member["agent"],
            member["subject_id"],
            created_at_s - member["waited_ms"] / 1000,
        )
        for member in match["group"]
    ]
    game = RemoteGame(match["game_id"], seats, created_at_s, ends_on_cut=match["on_cut"] == "end")
    for event in events:
        _follow(game, event, at_s(event["time"]))
    if not game.started:
        return None
    for seat in game.remaining:
        game.mark_away(seat.subject_id, now_s)
    return game


def _follow(game: RemoteGame, event: Mapping[str, Any], at_s: float) -> None:
    match event["kind"]:
        case "game_start":
            for subject_id in game.subject_ids:
                game.mark_ready(subject_id, at_s)
        case "cut":
            game.cut(Cut(event["seat"], event["reason"]), at_s)
        case "left":
            game.release(Departure(event["seat"], "finished"), at_s)
        case "restored":
            game.restore(at_s)
        case "game_ended":
            game.end(event["reason"], at_s)
        case kind if "seat" in event:
            _follow_page(game, kind, game.subject_ids[event["seat"]], event, at_s)


def _follow_page(
    game: RemoteGame, kind: str, subject_id: str, event: Mapping[str, Any], at_s: float
) -> None:
    match kind:
        case "disconnected":
            game.mark_away(subject_id, at_s)
        case "reconnected":
            game.mark_back(subject_id, at_s)
        case "reloaded" if game.is_finishing:
            game.dismiss(subject_id)
        case "reloaded":
            game.mark_reloaded(subject_id, at_s)
        case "rejoined":
            # Whether it has been ready since is not written. If it was not, it will be.
            game.note_asked(subject_id, at_s)
            game.invite_again(subject_id)
            game.mark_ready(subject_id, at_s)
        case "resumed":
            game.mark_resumed(subject_id, at_s)
        case "desync":
            game.report_desync(subject_id, at_s)
        case "finished":
            game.report_finished(
                subject_id, event["reason"], at_s, completeness=event["completeness"]
            )
