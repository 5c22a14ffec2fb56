"""Whether conditions and latency levels got as many people, and as many games, as each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from interactive_gym.reporting.exclusion import Seeker
from interactive_gym.reporting.flow import members_of, unusable
from interactive_gym.reporting.rows import Row, Tables, rows_of

MOST_VALUES = 12
"""An attribute with more values is no condition, but an age or the like."""

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Level:
    """A value of a condition."""

    scene_id: str
    """The scene."""
    condition: str
    """The condition: an attribute of participants, or the latency level of games."""
    value: str
    """Its value."""
    asked: int | None
    """How many asked for a game; `None` where games are assigned, not people."""
    matched: int
    """How many got one."""
    games: int | None
    """How many games there were; `None` where people have it, not games."""
    analysable: int
    """How many of the matched, or of the games, can be analysed."""


def balance_of(tables: Tables, seekers: list[Seeker]) -> list[Level]:
    """Every value of every condition, in order.

    Args:
        tables: the tables of a study.
        seekers: everybody who asked for a game.
    """
    games = rows_of(tables, "games")
    return [*_latency_levels(games), *_attributes(tables, games, seekers)]


def _latency_levels(games: list[Row]) -> list[Level]:
    of_level: dict[tuple[str, float], list[Row]] = {}
    for game in games:
        level_ms = (game["latency"] or {}).get("level_ms")
        if level_ms is not None:
            of_level.setdefault((game["scene_id"], level_ms), []).append(game)
    return [
        Level(
            scene_id,
            "latency level",
            f"{level_ms:g} ms",
            None,
            sum(len(members_of(game)) for game in found),
            len(found),
            sum(unusable(game) is None for game in found),
        )
        for (scene_id, level_ms), found in sorted(of_level.items())
    ]


def _attributes(tables: Tables, games: list[Row], seekers: list[Seeker]) -> list[Level]:
    fates = {(it.scene_id, it.subject_id): it.fate for it in seekers}
    sound = {
        (game["scene_id"], subject)
        for game in games
        if unusable(game) is None
        for subject in members_of(game)
    }
    asked = Counter[_Key]()
    matched = Counter[_Key]()
    analysable = Counter[_Key]()
    seen = set()
    for row in rows_of(tables, "arrivals"):
        who = (row["scene_id"], row["subject_id"])
        if who in seen:
            continue
        seen.add(who)
        for name, value in (row["attributes"] or {}).items():
            key = (row["scene_id"], str(name), str(value))
            asked[key] += 1
            matched[key] += fates.get(who) == "matched"
            analysable[key] += who in sound
    values = Counter((scene_id, name) for scene_id, name, _ in asked)
    return [
        Level(*key, count, matched[key], None, analysable[key])
        for key, count in sorted(asked.items())
        if values[key[:2]] <= MOST_VALUES
    ]
