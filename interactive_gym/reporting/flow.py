"""The flow of participants from the link to the analysis.

As in the CONSORT statement (K. Schulz, D. Altman and D. Moher, "CONSORT 2010 statement", 2010): at
every stage it says how many came so far, and why the others did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from interactive_gym.reporting.rows import Row, Tables, rows_of


@dataclass(frozen=True)
class Stage:
    """A stage of the flow."""

    name: str
    """What those who came so far have done."""
    people: frozenset[str]
    """Their subject ids."""
    left: dict[str, int]
    """Of those of the stage before, how many did not come so far, by reason, most first."""


def flow_of(tables: Tables) -> list[Stage]:
    """The stages: opened, asked for a game, in a group, game began, data can be analysed.

    Every stage is part of the one before, and those who are missing are its `left`.

    Args:
        tables: the tables of a study.
    """
    events = [row for row in rows_of(tables, "participants") if row["subject_id"] is not None]
    games = rows_of(tables, "games")
    waits = rows_of(tables, "waits")
    arrived = {row["subject_id"] for row in rows_of(tables, "arrivals")}
    arrived |= _with_event(events, "waitroom_entered", "waitroom_ended")
    grouped = _with_event(events, "game_entered", "game_started")
    grouped |= {row["subject_id"] for row in waits if row["reason"] == "matched"}
    grouped |= {subject for game in games for subject in members_of(game)}
    steps = tables["steps"]
    began = _with_event(events, "game_started")
    began |= set(steps["subject_id"].dropna().unique())
    opened = {row["subject_id"] for row in events} | arrived | grouped | began
    analysable = {
        subject for game in games if unusable(game) is None for subject in members_of(game)
    }
    stages = [Stage("opened the study", frozenset(opened), {})]
    for name, people, reason in (
        ("asked for a game", arrived | grouped | began, _last(events, _ended_before_games)),
        ("were put in a group", grouped | began, _last(waits, _ended_wait)),
        ("began a game", began, _last_game(games, _not_begun)),
        ("have games that can be analysed", analysable, _last_game(games, unusable)),
    ):
        before = stages[-1].people
        now = before & people
        reasons = Counter(reason(subject) for subject in sorted(before - now))
        stages.append(Stage(name, frozenset(now), dict(reasons.most_common())))
    return stages


def members_of(game: Row) -> list[str]:
    """The subject ids of a game.

    Args:
        game: a row of the table `games`.
    """
    return [member["subject_id"] for member in game["group"] or []]


def unusable(game: Row) -> str | None:
    """Why a game is not one to analyse; `None` if it is.

    Args:
        game: a row of the table `games`.
    """
    verified = (game["verified"] or {}).get("status")
    if game["ended_at"] is None:
        return "game not ended yet"
    if not game["frames"]:
        return "game without a frame"
    if verified == "differs":
        return "game that its inputs do not confirm"
    if game["desync"] is not None:
        return "copies of the game differ"
    if not game["agreed"]:
        return "game not uploaded in full"
    return None


def _with_event(events: Iterable[Row], *names: str) -> set[str]:
    return {row["subject_id"] for row in events if row["event"] in names}


def _last(rows: Iterable[Row], say: Callable[[list[Row]], str]) -> Callable[[str], str]:
    """Says of a subject what follows from their rows."""
    of_subject: dict[str, list[Row]] = {}
    for row in rows:
        of_subject.setdefault(row["subject_id"], []).append(row)
    return lambda subject: say(of_subject.get(subject, []))


def _ended_before_games(events: list[Row]) -> str:
    said = [row["outcome"] for row in events if row["outcome"] is not None]
    said += [row["event"] for row in events if row["event"] == "load_failed" and not said]
    return _words(said[-1]) if said else "left, or still on a page"


def _ended_wait(waits: list[Row]) -> str:
    said = [row["reason"] for row in waits if row["reason"] is not None]
    return _words(said[-1]) if said else "left, or still waiting"


def _last_game(games: Iterable[Row], say: Callable[[Row], str | None]) -> Callable[[str], str]:
    last: dict[str, Row] = {}
    for game in sorted(games, key=lambda it: str(it["created_at"])):
        last |= dict.fromkeys(members_of(game), game)
    return lambda subject: (say(last[subject]) if subject in last else None) or "game not kept"


def _not_begun(game: Row) -> str:
    return "about to begin" if game["end_reason"] is None else _words(game["end_reason"])


def _words(name: str) -> str:
    return name.replace("_", " ")
