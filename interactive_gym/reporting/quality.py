"""What speaks against the data of each game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from interactive_gym.reporting.flow import unusable
from interactive_gym.reporting.rows import Row, Tables, rows_of

STALLED_SHARE = 0.05
"""A larger share of ticks that could not advance is flagged."""

ROLLED_BACK_SHARE = 0.5
"""More frames simulated again, for each frame that was played, are flagged."""

HIDDEN_SHARE = 0.05
"""A larger share of frames in which a page was out of sight is flagged."""

IDLE_SHARE = 0.95
"""A larger share of frames with the default action, by any participant, is flagged."""


@dataclass(frozen=True)
class GameQuality:
    """How sound a game is."""

    scene_id: str
    """Its scene."""
    game_id: str
    """The game."""
    end_reason: str | None
    """Why it ended; `None` while it is open."""
    frames: int
    """How many frames of it are in `steps`."""
    rtt_ms: float | None
    """The median RTT of its links, in milliseconds."""
    rolled_back: float | None
    """How many frames were simulated again for each frame and page; `None` if nothing is known."""
    stalled: float | None
    """The share of ticks that could not advance."""
    hidden: float | None
    """The share of participants' frames in which their page was out of sight."""
    idle: float | None
    """The largest share of frames with the default action of any participant."""
    verified: str
    """What came of simulating it again; ``not yet`` before that."""
    flags: tuple[str, ...]
    """What speaks against it."""


def quality_of(tables: Tables) -> list[GameQuality]:
    """How sound every game is, in the order of the table `games`.

    Args:
        tables: the tables of a study.
    """
    network = _by_game(tables["network"])
    steps = _by_game(tables["steps"][tables["steps"]["seat"].notna()])
    found = []
    for game in rows_of(tables, "games"):
        key = (game["scene_id"], game["game_id"])
        found.append(_game_quality(game, network.get(key), steps.get(key)))
    return found


def _by_game(table: Any) -> dict[tuple[str, str], Any]:
    return dict(list(table.groupby(["scene_id", "game_id"], sort=False)))


def _game_quality(game: Row, network: Any, steps: Any) -> GameQuality:
    rtt_ms = rolled_back = stalled = hidden = idle = None
    frames = 0
    if network is not None:
        # A page with several partners has a row for each, with the same figures of its own.
        pages = network.drop_duplicates(["seat", "incarnation", "time_ms"])
        stalled = _ratio(pages["stalled_ticks"].sum(), pages["ticks"].sum())
        played = pages.groupby("seat")["frame"].max().sum()
        rolled_back = _ratio(pages["rollback_frames"].sum(), played)
        links = network["link_rtt_ms"].dropna()
        rtt_ms = None if links.empty else float(links.median())
    if steps is not None:
        frames = int(steps["frame"].max()) + 1
        hidden = _ratio(steps["hidden"].fillna(False).sum(), len(steps))
        default = _default_action(game)
        shares = (steps["action"] == default).groupby(steps["seat"]).mean()
        idle = None if default is None else float(shares.max())
    verified = (game["verified"] or {}).get("status") or "not yet"
    flags = [] if (why := unusable(game)) is None else [why]
    flags += [] if not game["cuts"] else [f"{len(game['cuts'])} lost"]
    for name, share, limit in (
        ("stalled", stalled, STALLED_SHARE),
        ("rolled back", rolled_back, ROLLED_BACK_SHARE),
        ("hidden", hidden, HIDDEN_SHARE),
        ("idle", idle, IDLE_SHARE),
    ):
        if share is not None and share > limit:
            flags.append(name)
    return GameQuality(
        game["scene_id"],
        game["game_id"],
        game["end_reason"],
        frames,
        rtt_ms,
        rolled_back,
        stalled,
        hidden,
        idle,
        verified,
        tuple(flags),
    )


def _default_action(game: Row) -> str | None:
    from interactive_gym.netcode.cells import text_of

    actions, index = game["actions"], game["default_action"]
    return text_of(actions[index]) if actions and isinstance(index, int) else None


def _ratio(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None
