"""Everything about the games of one scene, put together: made, run, heard from, told about.

Only the construction of four parts that belong together; each does its own work. The GameManager
makes one and speaks with the parts.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.games.endings import GameEndings
from interactive_gym.server.games.game_maker import GameMaker
from interactive_gym.server.games.inbox import GameInbox
from interactive_gym.server.games.running_games import RunningGames, StartFailed
from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.messages.outbox import Outbox
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.participants.participant_state import ParticipantStates
from interactive_gym.server.settings import ExperimentSettings, GameScene


class SceneGames:
    """The parts that serve the games of one scene.

    Args:
        scene: the game scene.
        settings: the experiment's id and its WebRTC settings.
        outbox: the manager's outbox.
        matchmaker: named in `match.json`.
        plan_digest: the digest of the matching plan.
        states: where every participant stands.
        history: who played with whom last.
        log: the match ledger.
        data_store: keeps the data of games; `None` keeps nothing.
        log_participant: appends to the account of participants' ways.
        new_completion_code: makes the codes of those for whom the experiment ends with a game.
        seed: from which the seeds and session tags of games are drawn.
        new_id: makes the ids of games.
        wall_clock: seconds since the epoch.
        on_start_failed: called under the lock for a game that could not start.
    """

    def __init__(
        self,
        scene: GameScene,
        settings: ExperimentSettings,
        outbox: Outbox,
        *,
        matchmaker: Any,
        plan_digest: str,
        states: ParticipantStates,
        history: GroupHistory,
        log: DecisionLog,
        data_store: DataStore | None,
        log_participant: Callable[..., object],
        new_completion_code: Callable[[], str],
        seed: int,
        new_id: Callable[[], str],
        wall_clock: Callable[[], float],
        on_start_failed: StartFailed,
    ) -> None:
        self.endings = GameEndings(
            scene,
            outbox,
            log_participant=log_participant,
            new_completion_code=new_completion_code,
        )
        self.running = RunningGames(
            scene,
            outbox,
            endings=self.endings,
            states=states,
            log=log,
            data_store=data_store,
            clock=outbox.now_s,
            on_start_failed=on_start_failed,
            on_started=history.record,
        )
        self.inbox = GameInbox(self.running, outbox)
        self.maker = GameMaker(
            scene,
            settings,
            matchmaker,
            plan_digest=plan_digest,
            rng=random.Random(seed),
            new_id=new_id,
            wall_clock=wall_clock,
        )
