"""Runs a study with the real GameManager and a real matchmaker, in virtual time.

Only the surroundings are simulated: browsers that join, wait, play for an instant and sometimes
close the page, the network, and the server's ticks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from interactive_gym.packages.package import BrowserPackage
from interactive_gym.server.data.line_files import ChainedFile
from interactive_gym.server.game_manager import LOOK_AT_CROWD_S, GameManager
from interactive_gym.server.games.events import GameFinished, GameReady
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.matchmaker import Matchmaker
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.simulation.simulated_probing import SimulatedProbing
from interactive_gym.simulation.study import (
    Fate,
    GameOutcome,
    ParticipantOutcome,
    SimulationResult,
    Study,
    StudySettings,
    stream,
)
from interactive_gym.simulation.virtual_time import VirtualTime

TICK_S = 0.5
"""The interval of the server's ticks while participants wait, in seconds."""

LATEST_END_S = 3600.0
"""How long a simulation may go on after the last patience has ended, in virtual seconds."""

START_WALL_S = 1_700_000_000.0
"""The wall time at which every simulation begins, in seconds since the epoch."""


@dataclass(frozen=True)
class SimulatedScene:
    """The settings of a game scene that matching needs."""

    human_agents: Sequence[str]
    """The agents that participants control."""

    waitroom_timeout_ms: int | None
    """The patience of participants, in milliseconds."""

    scene_id: str = "simulated"
    """The scene's id."""

    waitroom_timeout_message: str | None = None
    """The default message."""

    waitroom_timeout_redirect_url: str | None = None
    """None: the page leads to the next scene."""

    max_probes_per_participant: int | None = None
    """No limit."""

    max_connection_failures: int | None = 3
    """The default."""

    hide_lobby_count: bool = True
    leave_after_ms: int | None = None
    """Not used, as no browser shows it."""

    partner_timeout_ms: int = 8000
    """How long a participant may be disconnected, in milliseconds; none is."""

    return_timeout_ms: int = 60_000
    """Not used, as nobody reloads a page."""

    partner_loss_way_on: Literal["next_scene", "waitroom", "exit"] = "next_scene"
    """Not used, as no participant is lost."""

    partner_loss_message: str | None = None
    """Not used, as no participant is lost."""

    focus_loss_message: str | None = None
    """Not used, as no page is hidden."""

    on_cut: str = "end"
    """Not used, as no participant is lost."""

    input_delay: int = 0
    """Not used, as no game is played."""

    equal_latency: None = None
    """Not used, as no game is played."""

    environment_digest: str = "simulated"
    """There is no environment."""

    packages: tuple[BrowserPackage, ...] = ()
    """Not used, as no browser installs packages."""

    def attributes_of(self, subject_id: str) -> Mapping[str, Any]:
        """Nothing is known of a participant besides their server RTT."""
        return {}

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """What a game needs to be opened, as no browser plays."""
        return {"agents": list(self.human_agents), "fps": 30}


@dataclass(frozen=True)
class SimulatedExperiment:
    """The settings of an experiment that matching needs."""

    experiment_id: str = "simulated"
    """The experiment's id."""

    ice_servers: Sequence[Any] = ()
    """None: nothing is connected."""

    force_relay: bool = False
    """Nothing is connected."""


def simulate(
    settings: StudySettings, matchmaker: Matchmaker, *, ledger: Path | None = None
) -> SimulationResult:
    """Simulate a study and return what became of each participant.

    Args:
        settings: who comes when, and how patient they are.
        matchmaker: a fresh one, as it may remember what it saw.
        ledger: where to write the match ledger, as a served experiment would.

    Raises:
        RuntimeError: if the GameManager lets a participant wait for ever.
    """
    return _Simulation(settings, matchmaker, ledger).run()


class _Simulation:
    """One run: the participants, their browsers and the server around the GameManager."""

    def __init__(
        self, settings: StudySettings, matchmaker: Matchmaker, ledger: Path | None
    ) -> None:
        self._settings = settings
        self._matchmaker = matchmaker
        self._study = Study.draw(settings)
        self._time = VirtualTime()
        self._index_of = {f"s{index:05d}": index for index in range(settings.participants)}
        self._fates: dict[int, tuple[Fate, float]] = {}
        self._games: list[GameOutcome] = []
        self._invited: dict[str, list[str]] = {}
        self._waiting = 0
        self._silent: set[str] = set()
        self._latest_end_s = max(self._study.arrival_s) + settings.patience_s + LATEST_END_S
        self._is_ticking = False
        self._probing = SimulatedProbing(
            self._time,
            settings.probing,
            rtt_ms=lambda a, b: self._study.connections.rtt_ms(
                self._index_of[a], self._index_of[b], self._time()
            ),
            is_rejected=matchmaker.should_reject_for_rtt,
            rng=stream(settings.seed, "probing"),
            can_connect=lambda a, b: self._study.connections.can_connect(
                self._index_of[a], self._index_of[b]
            ),
            is_silent=lambda subject_id: subject_id in self._silent,
        )
        rng = stream(settings.seed, "server RTTs")
        measured_ms = [
            max(0.1, rng.gauss(true_ms, settings.server_rtt_noise_ms))
            for true_ms in self._study.cohort.server_rtt_ms
        ]
        numbers = itertools.count()
        self._manager = GameManager(
            SimulatedScene(
                human_agents=[f"agent_{seat}" for seat in range(settings.group_size)],
                waitroom_timeout_ms=round(settings.patience_s * 1000),
            ),
            SimulatedExperiment(),
            self,
            matchmaker=matchmaker,
            probe_coordinator=self._probing,
            shared=SharedParts(
                ledger_of=lambda scene_id: self._match_logger(ledger),
                server_rtt_ms=lambda subject_id: measured_ms[self._index_of[subject_id]],
                clock=self._time,
                wall_clock=self._wall_time,
                new_seed=lambda: settings.seed,
                new_id=lambda: f"id-{next(numbers)}",
            ),
        )

    def run(self) -> SimulationResult:
        """Let all participants arrive, and time pass until none waits."""
        for subject_id, index in self._index_of.items():
            self._time.at(self._study.arrival_s[index], partial(self._arrive, subject_id))
        self._time.run()
        return SimulationResult(
            study=self._study,
            settings=self._settings,
            threshold_ms=self._matchmaker.max_p2p_rtt_ms,
            participants=tuple(
                ParticipantOutcome(*self._fates[index], self._probing.probes_of[subject_id])
                for subject_id, index in self._index_of.items()
            ),
            games=tuple(self._games),
            probes=self._probing.probes,
        )

    def emit(self, event: str, *args: Any, to: str | None = None) -> None:
        """Do what browsers do when the server sends an event."""
        assert to is not None, "matching speaks to one participant at a time"
        (payload,) = args
        if event == "waitroom_ended":
            self._end_wait(to, "waited_in_vain")
        elif event == "game_created":
            invited = self._invited.setdefault(payload["game_id"], [])
            invited.append(to)
            if len(invited) == self._settings.group_size:
                self._play(payload["game_id"], self._invited.pop(payload["game_id"]))

    def _arrive(self, subject_id: str) -> None:
        self._waiting += 1
        dropout_s = self._study.dropout_s[self._index_of[subject_id]]
        if dropout_s is not None:
            self._time.at(dropout_s, partial(self._close_page, subject_id))
        silent_s = self._study.silent_s[self._index_of[subject_id]]
        if silent_s is not None:
            self._time.at(silent_s, partial(self._fall_silent, subject_id))
        self._manager.join(subject_id)
        self._tick_from_now_on()

    def _close_page(self, subject_id: str) -> None:
        if self._index_of[subject_id] not in self._fates:
            self._end_wait(subject_id, "dropped_out")
            self._manager.handle_disconnect(subject_id)

    def _fall_silent(self, subject_id: str) -> None:
        """Answer nothing any more; for the server the participant waits on."""
        index = self._index_of[subject_id]
        if index not in self._fates:
            self._silent.add(subject_id)
            self._fates[index] = ("dropped_out", self._time() - self._study.arrival_s[index])

    def _play(self, game_id: str, subject_ids: list[str]) -> None:
        """Connect and finish all browsers at once, so that games take no virtual time."""
        members = tuple(self._index_of[subject_id] for subject_id in subject_ids)
        worst_ms = self._study.worst_rtt_ms(members, self._time())
        self._games.append(GameOutcome(self._time(), members, worst_ms))
        for subject_id in subject_ids:
            self._end_wait(subject_id, "matched")
            self._manager.handle_game_message(subject_id, GameReady(game_id))
        for subject_id in subject_ids:
            finished = GameFinished(game_id, reason="completed", frames=0, digest="")
            self._manager.handle_game_message(subject_id, finished)
            self._manager.forget(subject_id)

    def _end_wait(self, subject_id: str, fate: Fate) -> None:
        index = self._index_of[subject_id]
        self._waiting -= 1
        if subject_id in self._silent:
            # What became of them was decided when they fell silent.
            return
        patience_s = self._settings.patience_s
        waited_s = self._time() - self._study.arrival_s[index]
        self._fates[index] = (fate, patience_s if fate == "waited_in_vain" else waited_s)

    def _tick_from_now_on(self) -> None:
        """Have the server tick at whole multiples of its interval while participants wait."""
        if not self._is_ticking and self._waiting:
            self._is_ticking = True
            tick_s = (math.floor(self._time() / TICK_S) + 1) * TICK_S
            self._time.at(tick_s, self._tick)
            self._look_at_crowd_until(tick_s)

    def _look_at_crowd_until(self, tick_s: float) -> None:
        """Have the server look at a crowd between its ticks."""
        self._manager.look_at_crowd()
        if self._manager.has_crowd and self._time() + LOOK_AT_CROWD_S < tick_s:
            look = partial(self._look_at_crowd_until, tick_s)
            self._time.at(self._time() + LOOK_AT_CROWD_S, look)

    def _tick(self) -> None:
        self._is_ticking = False
        if self._time() > self._latest_end_s:
            raise RuntimeError(
                f"{self._waiting} participants still wait, long after patience ended."
            )
        self._manager.tick()
        self._tick_from_now_on()

    def _match_logger(self, ledger: Path | None) -> MatchLogger | None:
        if ledger is None:
            return None
        return MatchLogger(ChainedFile.alone(ledger), clock=self._time, wall_clock=self._wall_time)

    def _wall_time(self) -> float:
        return START_WALL_S + self._time()
