"""Makes a game out of a group: its seats, its seed, its `match.json` and its invitations.

The GameManager hands the new game to RunningGames, which begins it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from interactive_gym.server.games.invitations import created_payload
from interactive_gym.server.games.latency_levels import LatencyLevels
from interactive_gym.server.games.match_json import largest_rtt_ms, match_content
from interactive_gym.server.games.open_game import NewGame
from interactive_gym.server.games.remote_game import RemoteGame, Seat
from interactive_gym.server.games.resumption import resumed_game
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import Edge
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.settings import ExperimentSettings, GameScene


class GameMaker:
    """Makes the games of one scene.

    Args:
        scene: the game scene.
        settings: the experiment's id and its WebRTC settings.
        shared: makes the ids of games, and tells the wall time.
        plan_digest: the digest of the matching plan, for `match.json`.
        rng: draws seeds and session tags.
        levels: draws the level of latency of each game, where it is manipulated.
    """

    def __init__(
        self,
        scene: GameScene,
        settings: ExperimentSettings,
        shared: SharedParts,
        *,
        plan_digest: str,
        rng: random.Random,
        levels: LatencyLevels,
    ) -> None:
        self._scene = scene
        self._settings = settings
        self._shared = shared
        self._plan_digest = plan_digest
        self._rng = rng
        self._levels = levels

    def make(
        self,
        group: Sequence[MatchCandidate],
        now_s: float,
        *,
        matchmaker: Mapping[str, Any],
        threshold_ms: float | None,
        since_s: Callable[[str], float | None],
        edge_of: Callable[[Pair], Edge | None],
        connections: Mapping[Pair, str],
    ) -> NewGame:
        """Make a game for a group. The order of the group gives the seats.

        Args:
            group: one candidate for every agent that participants control.
            now_s: now, in seconds of the manager's clock.
            matchmaker: the record of the matchmaker, as `describe_matchmaker` makes it.
            threshold_ms: the threshold that held for the group, in milliseconds.
            since_s: looks up since when a participant has waited.
            edge_of: looks up what was measured of a pair.
            connections: the probes whose connections carry the game, by pair.
        """
        seats = []
        for index, (agent, member) in enumerate(zip(self._scene.human_agents, group, strict=True)):
            waiting_since_s = since_s(member.subject_id)
            if waiting_since_s is None:
                waiting_since_s = now_s
            seats.append(Seat(index, agent, member.subject_id, waiting_since_s))
        game = RemoteGame(
            self._shared.new_id(), seats, now_s, ends_on_cut=self._scene.on_cut == "end"
        )
        seed, session_tag = self._rng.getrandbits(31), self._rng.getrandbits(32)
        rtt_ms = largest_rtt_ms(game, edge_of)
        game_config = self._scene.game_config(rtt_ms)
        level_ms = self._levels.draw()
        if self._scene.equal_latency is not None:
            game_config["input_delay"] = self._scene.equal_latency.input_delay(level_ms)
        match = match_content(
            game,
            scene=self._scene,
            game_config=game_config,
            input_delay_rtt_ms=rtt_ms,
            level_ms=level_ms,
            settings=self._settings,
            matchmaker=matchmaker,
            threshold_ms=threshold_ms,
            plan_digest=self._plan_digest,
            edge_of=edge_of,
            seed=seed,
            session_tag=session_tag,
            created_at_wall_s=self._shared.wall_clock(),
        )
        return NewGame(game, match, self._payloads(game, match, connections))

    def remake(
        self, match: Mapping[str, Any], events: Iterable[Mapping[str, Any]], now_s: float
    ) -> NewGame | None:
        """Make a game again that was going on when the server was stopped.

        Args:
            match: the content of its `match.json`.
            events: the lines of its `events.jsonl`.
            now_s: now, in seconds of the manager's clock.

        Returns:
            The game; `None` if it had not begun, or if its environment is not the scene's any more,
            so that a page that is loaded anew would play another game.

        Raises:
            LookupError, AttributeError, TypeError, ValueError: its files are not as this version
                writes them.
        """
        if match.get("environment_digest") != self._scene.environment_digest:
            return None
        wall_now_s = self._shared.wall_clock()
        game = resumed_game(match, events, now_s=now_s, wall_now_s=wall_now_s)
        return None if game is None else NewGame(game, dict(match), self._payloads(game, match, {}))

    def _payloads(
        self, game: RemoteGame, match: Mapping[str, Any], connections: Mapping[Pair, str]
    ) -> dict[str, dict[str, Any]]:
        """The `game_created` event for each participant, by subject id."""
        return {
            seat.subject_id: created_payload(
                game,
                seat,
                # Of an earlier version, it lacks what games did not have then.
                game_config={
                    name: match[name] for name in self._scene.game_config() if name in match
                },
                settings=self._settings,
                seed=match["seed"],
                session_tag=match["session_tag"],
                connections=connections,
            )
            for seat in game.seats
        }
