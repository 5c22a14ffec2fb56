"""Finds out whether environments fail as pages tell, by playing the beginnings of their games.

A page may lie, so its word alone stops nothing. The beginnings are played one after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interactive_gym.server.verifying.rehearsal import (
    SEED,
    Rehearsal,
    RehearsedScene,
    rehearsed_config,
)

logger = logging.getLogger(__name__)

MOST_OF_A_SCENE = 20
"""How many claims about a scene are looked into while the server runs."""
NICENESS = 10
"""The niceness of rehearsals while participants play."""


@dataclass(frozen=True)
class Claim:
    """A page's claim that a scene's environment fails."""

    scene_id: str
    """The scene."""
    subject_id: str
    """The page's participant."""
    match: Mapping[str, Any] | None = None
    """The content of the game's `match.json`; `None` if no game had been made yet."""

    @property
    def game_id(self) -> str | None:
        """The game's id."""
        return None if self.match is None else str(self.match["game_id"])


@dataclass(frozen=True)
class ConfirmedFault:
    """A claim that is true."""

    claim: Claim
    """What was claimed."""
    fault: str
    """How the environment fails, as a sentence without its full stop."""


class Rehearsals:
    """The claims that are looked into, one after the other. Call `tick` twice a second.

    Args:
        scenes: the scenes of games by their ids.
    """

    def __init__(self, scenes: Mapping[str, RehearsedScene]) -> None:
        self._scenes = scenes
        self._claims: list[Claim] = []
        self._taken: dict[str, int] = {}
        self._confirmed: set[str] = set()
        self._running: tuple[Claim, Rehearsal] | None = None

    def add(self, claim: Claim) -> None:
        """Look into a claim as soon as it is its turn, unless there were too many."""
        taken = self._taken.get(claim.scene_id, 0)
        if claim.scene_id not in self._confirmed and taken < MOST_OF_A_SCENE:
            self._taken[claim.scene_id] = taken + 1
            self._claims.append(claim)

    def tick(self) -> ConfirmedFault | None:
        """Go on; returns a claim that has turned out to be true."""
        confirmed = self._take()
        if self._running is None and self._claims:
            claim = self._claims.pop(0)
            if claim.scene_id not in self._confirmed:
                self._start(claim)
        return confirmed

    def close(self) -> None:
        """End the process that plays, if one does."""
        if self._running is not None:
            self._running[1].stop()
            self._running = None

    def _start(self, claim: Claim) -> None:
        scene = self._scenes[claim.scene_id]
        common = scene.game_config()
        config = rehearsed_config(common, SEED)
        if claim.match is not None:
            given = {name: claim.match[name] for name in common if name in claim.match}
            config = rehearsed_config({**common, **given}, claim.match["seed"])
        try:
            rehearsal = Rehearsal(scene.game_code(), config, is_thorough=True, niceness=NICENESS)
        except OSError as error:
            logger.error("The scene %r cannot be rehearsed: %s.", claim.scene_id, error)
        else:
            self._running = claim, rehearsal

    def _take(self) -> ConfirmedFault | None:
        if self._running is None or not self._running[1].is_over:
            return None
        claim, rehearsal = self._running
        self._running = None
        fault, untried = rehearsal.take()
        where = f"scene {claim.scene_id!r}, game {claim.game_id}"
        if fault is not None:
            self._confirmed.add(claim.scene_id)
            return ConfirmedFault(claim, fault)
        if untried is not None:
            logger.error(
                "A page told that the environment failed (%s). The server cannot play it to see "
                "whether that is so (%s), and lets the scene go on.",
                where,
                untried,
            )
        else:
            logger.warning(
                "A page told that the environment failed (%s), but its beginning plays here. The "
                "scene goes on.",
                where,
            )
        return None
