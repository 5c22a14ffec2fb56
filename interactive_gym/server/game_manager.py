"""Brings the participants of one game scene together: from their arrival to their game.

Asks the matchmaker, has proposals probed, obeys the verdicts, re-pools, and creates games. It
never measures, renders or sleeps; it knows Socket.IO only as something that emits. The app hands
it what participants do and calls `tick` about twice a second.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from interactive_gym.server.decision_log import DecisionLog, Verdict
from interactive_gym.server.effects import Effects
from interactive_gym.server.game_inbox import GameInbox
from interactive_gym.server.game_maker import GameMaker
from interactive_gym.server.interfaces import (
    Emitter,
    ExperimentSettings,
    GameScene,
    GameStore,
    Prober,
)
from interactive_gym.server.latency_graph import LatencyGraph, Pair
from interactive_gym.server.match_logger import MatchLogger
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.participant_state import ParticipantState, ParticipantStates
from interactive_gym.server.pending_match import (
    EarlyVerdict,
    PendingMatch,
    PendingMatches,
    edges_to_probe,
    pairs_of,
)
from interactive_gym.server.probe import ProbeSettings
from interactive_gym.server.probe_report import ProbeOutcome, ProbeReport, is_rtt
from interactive_gym.server.proposal import MatchmakerError, ask_for_group
from interactive_gym.server.remote_game import Seat
from interactive_gym.server.running_games import RunningGames
from interactive_gym.server.waitroom import Waitroom
from interactive_gym.server.waitroom_desk import WaitroomDesk

logger = logging.getLogger(__name__)

MATCHING_INTERVAL_S = 2.0
"""Matching runs at least this often, in seconds, for matchmakers whose answer depends on time."""

PROBE_EXPIRY_S = 30.0
"""After how many seconds a probe is given up whose coordinator never says how it ended. Longer
than the coordinator's own deadline, so it only matters when the coordinator fails."""


class GameManager:
    """Matches the participants of one game scene and runs their games.

    Every change of state happens inside `Effects.deciding()`; what follows from it for the outside
    world is carried out after it. The matchmaker is asked inside, so it must not wait for anything.

    Args:
        scene: the game scene.
        experiment_config: the experiment's id and its WebRTC settings.
        sio: emits to a participant through the room named by the subject id.
        matchmaker: proposes groups and gives verdicts; the scene's own, or first come first
            served, if not given.
        probe_coordinator: measures P2P RTTs. Without one, or without a threshold, groups start
            unmeasured.
        data_store: keeps the data of games; `None` keeps nothing.
        match_logger: the ledger; none is kept if not given.
        states: where every participant of the experiment stands, shared by its managers.
        latency_graph: what is known of pairs; of this scene alone, as verdicts are its
            matchmaker's.
        server_rtt_ms: looks up a participant's server RTT in milliseconds.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch.
        rng: draws seeds and session tags.
        new_id: makes the ids of games and proposals.
    """

    def __init__(
        self,
        scene: GameScene,
        experiment_config: ExperimentSettings,
        sio: Emitter,
        *,
        matchmaker: Matchmaker | None = None,
        probe_coordinator: Prober | None = None,
        data_store: GameStore | None = None,
        match_logger: MatchLogger | None = None,
        states: ParticipantStates | None = None,
        latency_graph: LatencyGraph | None = None,
        server_rtt_ms: Callable[[str], float | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.scene = scene
        self.matchmaker: Matchmaker = (
            matchmaker or getattr(scene, "matchmaker", None) or FIFOMatchmaker()
        )
        self.probe_coordinator = probe_coordinator
        self.group_size = len(scene.human_agents)
        self.states = states or ParticipantStates()
        self._graph = latency_graph or LatencyGraph()
        self._clock = clock
        self._wall_clock = wall_clock
        self._new_id = new_id
        self._effects = Effects(sio)
        self._log = DecisionLog(match_logger or MatchLogger(None), self.matchmaker, self._effects)
        self._waitroom = Waitroom()
        self._desk = WaitroomDesk(
            scene,
            self._waitroom,
            self._effects,
            server_rtt_ms=server_rtt_ms or (lambda subject_id: None),
            clock=clock,
        )
        self._pending_matches = PendingMatches()
        self._connections: dict[Pair, str] = {}
        self._next_matching_s = 0.0
        self._games = RunningGames(
            scene,
            self._effects,
            states=self.states,
            data_store=data_store,
            clock=clock,
            on_start_failed=self._return_to_waitroom,
        )
        self._inbox = GameInbox(self._games, self._effects)
        self._game_maker = GameMaker(
            scene,
            experiment_config,
            self.matchmaker,
            rng=rng or random.Random(),
            new_id=new_id,
            wall_clock=wall_clock,
        )

    def join(self, subject_id: str) -> None:
        """A participant asks for a game. Asking again while waiting changes nothing."""
        with self._effects.deciding():
            if subject_id in self._waitroom:
                self._desk.tell([subject_id])
            elif self.states.of(subject_id) is ParticipantState.IDLE:
                self._games.forget(subject_id)
                self._log.arrival(self._desk.candidate(subject_id))
                self._add_to_fifo_queue(subject_id)

    def leave(self, subject_id: str, reason: str) -> None:
        """A participant leaves the scene, from wherever they are; their partners are freed."""
        with self._effects.deciding():
            self._leave_waitroom(subject_id, reason)
            self._games.depart(subject_id, "partner_left")
            self._games.forget(subject_id)

    def handle_disconnect(self, subject_id: str) -> None:
        """A participant's connection is lost: they wait no longer; a game they are in goes on."""
        with self._effects.deciding():
            self._leave_waitroom(subject_id, "disconnected")
            self._games.disconnect(subject_id)

    def handle_reconnect(self, subject_id: str) -> None:
        """The page of a participant whose connection was lost is back."""
        with self._effects.deciding():
            self._games.reconnect(subject_id)

    def handle_reload(self, subject_id: str) -> None:
        """A participant loaded the page anew, so what it held is gone: its probes and its game."""
        with self._effects.deciding():
            self._leave_waitroom(subject_id, "reloaded")
            self._games.depart(subject_id, "reloaded")
            if self.states.of(subject_id) is ParticipantState.IDLE:
                self._games.forget(subject_id)

    def resync(self, subject_id: str) -> None:
        """Tell a participant who has just connected what is still true of them."""
        with self._effects.deciding():
            self._desk.tell([subject_id])
            self._games.resync(subject_id)
            if self._games.missed_the_return(subject_id):
                self.join(subject_id)

    def may_advance(self, subject_id: str) -> bool:
        """Whether a participant may leave the scene: neither waiting nor playing."""
        with self._effects.deciding():
            state = self.states.of(subject_id)
            return state in (ParticipantState.IDLE, ParticipantState.GAME_ENDED)

    def forget(self, subject_id: str) -> None:
        """A participant has moved on to the next scene."""
        with self._effects.deciding():
            self._games.forget(subject_id)

    def tick(self) -> None:
        """Enforce every time limit. Called about twice a second."""
        now_s = self._clock()
        with self._effects.deciding():
            self._games.tick(now_s)
            self._expire_probes(now_s)
            self._end_long_waits()
            if self._graph.lapse(now_s) or now_s >= self._next_matching_s:
                self._match_waiting()
            self._desk.update(now_s)

    def handle_game_signal(self, subject_id: str, payload: Any) -> None:
        """A participant's `game_signal`, relayed to another seat."""
        self._inbox.signal(subject_id, payload)

    def handle_game_ready(self, subject_id: str, payload: Any) -> None:
        """A participant's `game_ready`; play begins when everybody is."""
        self._inbox.ready(subject_id, payload)

    def handle_game_frames(self, subject_id: str, payload: Any) -> dict[str, int] | None:
        """A participant's `game_frames`; returns the acknowledgement, `None` for bad input."""
        return self._inbox.frames(subject_id, payload)

    def handle_game_event(self, subject_id: str, payload: Any) -> None:
        """A participant's `game_event`, kept with the data."""
        self._inbox.event(subject_id, payload)

    def handle_game_finished(self, subject_id: str, payload: Any) -> dict[str, Any] | None:
        """A participant's `game_finished`; returns the acknowledgement, `None` for bad input."""
        return self._inbox.finished(subject_id, payload)

    def probe_settings(self, subject_a: str, subject_b: str) -> ProbeSettings:
        """How to probe two participants.

        The threshold helps the browsers to stop early, but only the base class's verdict is known
        to follow from it.
        """
        verdict = getattr(type(self.matchmaker), "should_reject_for_rtt", None)
        follows_threshold = verdict is Matchmaker.should_reject_for_rtt
        return ProbeSettings(
            threshold_ms=self.matchmaker.max_p2p_rtt_ms if follows_threshold else None
        )

    def on_probe_report(self, report: ProbeReport) -> None:
        """Keep the full account of a probe of this scene for the verdict that follows it."""
        with self._effects.deciding():
            pending = self._pending_matches.probing((report.offerer, report.answerer))
            if pending is not None:
                pending["report"] = report
                self._log.probe(report)

    def _add_to_fifo_queue(self, subject_id: str) -> None:
        """Ask for a group for somebody who arrives; without one they wait."""
        with self._effects.deciding():
            if self._is_free(subject_id):
                arriving, waiting = self._desk.candidate(subject_id), self._desk.candidates()
                if not self._propose_for(arriving, waiting):
                    self._add_to_waitroom(subject_id)

    def _add_to_waitroom(self, subject_id: str, since_s: float | None = None) -> None:
        """Let a participant wait, since now unless told otherwise, and tell them."""
        with self._effects.deciding():
            if subject_id not in self._waitroom:
                if self.states.of(subject_id) is not ParticipantState.IN_WAITROOM:
                    self.states.move(subject_id, ParticipantState.IN_WAITROOM)
                self._waitroom.add(subject_id, self._clock() if since_s is None else since_s)
            self._desk.tell([subject_id])

    def _match_waiting(self) -> None:
        """Ask for a group for everybody available, in order, until nothing more is proposed."""
        self._next_matching_s = self._clock() + MATCHING_INTERVAL_S
        proposed = True
        while proposed and len(self._waitroom.available()) >= self.group_size:
            proposed = False
            candidates = self._desk.candidates()
            for arriving in candidates:
                if self._is_available(arriving.subject_id) and self._propose_for(
                    arriving, candidates
                ):
                    proposed = True
                    candidates = self._desk.candidates()

    def _propose_for(self, arriving: MatchCandidate, waiting: Sequence[MatchCandidate]) -> bool:
        """Ask the matchmaker for a group for this participant and act on it, if there is one."""
        subject_id = arriving.subject_id
        is_blocked = partial(self._graph.is_blocked, now_s=self._clock())
        try:
            matched = ask_for_group(self.matchmaker, arriving, waiting, self.group_size, is_blocked)
        except MatchmakerError as error:
            self._log.fault(subject_id, str(error))
            return False
        # User code was asked and may have called back, so what it was told may have changed.
        if matched is None or not self._can_still_be_made(matched, subject_id):
            return False
        self._log.proposal(subject_id, matched)
        if self.probe_coordinator is not None and self.matchmaker.max_p2p_rtt_ms is not None:
            self._probe_and_create_game(matched, subject_id)
        else:
            self._create_game_for_match(matched)
        return True

    def _probe_and_create_game(
        self, matched: list[MatchCandidate], arriving_subject_id: str
    ) -> None:
        """Reserve a proposed group and measure its unknown edges, one after the other."""
        with self._effects.deciding():
            self._add_to_waitroom(arriving_subject_id)
            now_s = self._clock()
            unprobed = edges_to_probe(matched, partial(self._graph.is_known_good, now_s=now_s))
            if not unprobed:
                self._create_game_for_match(matched)
                return
            proposal_id = self._new_id()
            pending = PendingMatch(
                key=proposal_id,
                proposal_id=proposal_id,
                matched=matched,
                arriving_subject_id=arriving_subject_id,
                timestamp_s=now_s,
                unprobed=unprobed,
                probing=unprobed[0],
                probe_session_id=None,
                probe_is_starting=True,
                expires_at_s=now_s,
                report=None,
                early_verdict=None,
            )
            self._waitroom.reserve(member.subject_id for member in matched)
            self._pending_matches[proposal_id] = pending
            self._probe_next(pending)

    def _probe_next(self, pending: PendingMatch) -> None:
        """Go on with the first edge still to be measured."""
        pending["probing"] = pending["unprobed"].pop(0)
        pending["probe_session_id"] = None
        pending["probe_is_starting"] = True
        pending["expires_at_s"] = self._clock() + PROBE_EXPIRY_S
        pending["report"] = None
        pending["early_verdict"] = None
        self._effects.add(partial(self._start_probe, pending))

    def _start_probe(self, pending: PendingMatch) -> None:
        """Effect: have the coordinator probe a pair, and learn the probe's id."""
        if self.probe_coordinator is None or not self._pending_matches.holds(pending):
            return
        subject_a, subject_b = pending["probing"]
        try:
            probe_session_id = self.probe_coordinator.create_probe(
                subject_a=subject_a, subject_b=subject_b, on_complete=self._on_probe_complete
            )
        except Exception:
            logger.exception("A probe could not be created")
            with self._effects.deciding():
                if self._pending_matches.holds(pending):
                    self._judge(pending, None)
            return
        with self._effects.deciding():
            if not self._pending_matches.holds(pending):
                self._cancel_probe(probe_session_id)
                return
            pending["probe_is_starting"] = False
            if probe_session_id is not None:
                pending["probe_session_id"] = probe_session_id
                self._pending_matches.rekey(pending, probe_session_id)
            if pending["early_verdict"] is not None:
                self._judge(pending, pending["early_verdict"]["rtt_ms"])

    def _on_probe_complete(self, subject_a: str, subject_b: str, rtt_ms: float | None) -> None:
        """A probe has ended: with its P2P RTT in milliseconds, or `None` if it failed.

        May be called from anywhere, also before `create_probe` has returned. A verdict on a pair
        that is not being probed, as after a second call, is ignored.
        """
        with self._effects.deciding():
            pending = self._pending_matches.probing((subject_a, subject_b))
            if pending is None:
                logger.debug("A verdict for a pending match that is over")
                return
            valid_rtt_ms = rtt_ms if is_rtt(rtt_ms) else None
            if not pending["probe_is_starting"]:
                self._judge(pending, valid_rtt_ms)
            elif pending["early_verdict"] is None:
                pending["early_verdict"] = EarlyVerdict(rtt_ms=valid_rtt_ms)

    def _judge(self, pending: PendingMatch, rtt_ms: float | None) -> None:
        """Obey the matchmaker's verdict on the edge just probed."""
        is_fault = False
        try:
            rejected = bool(self.matchmaker.should_reject_for_rtt(rtt_ms))
        except Exception as error:
            fault = f"should_reject_for_rtt raised {type(error).__name__}: {error}"
            self._log.fault(pending["arriving_subject_id"], fault)
            rejected = is_fault = True
        if not self._pending_matches.holds(pending):
            return
        self._remember(pending, rtt_ms, rejected=rejected, is_fault=is_fault)
        self._log.measured(pending, rtt_ms, rejected=rejected)
        if rejected:
            if rtt_ms is not None:
                self._close(pending["probing"], pending["probe_session_id"], "rejected")
            self._dissolve(pending)
            return
        if rtt_ms is not None and pending["probe_session_id"] is not None:
            self._connections[pending["probing"]] = pending["probe_session_id"]
        if pending["unprobed"]:
            self._probe_next(pending)
        else:
            self._end_pending(pending)
            self._create_game_for_match(pending["matched"])

    def _remember(
        self, pending: PendingMatch, rtt_ms: float | None, *, rejected: bool, is_fault: bool
    ) -> None:
        """Keep what was learnt of an edge: a measurement, or when to try again."""
        if rtt_ms is not None and not is_fault:
            self._graph.record_measurement(
                pending["probing"],
                rtt_ms,
                accepted=not rejected,
                now_s=self._clock(),
                wall_s=self._wall_clock(),
                report=pending["report"],
            )
        elif rejected:
            self._graph.record_failure(pending["probing"], now_s=self._clock())

    def _repool_candidates(self, candidates: Sequence[MatchCandidate]) -> None:
        """Give candidates back to the matchmaker: who still waits stays in place, others join."""
        with self._effects.deciding():
            returning = []
            for candidate in candidates:
                if self._is_free(candidate.subject_id):
                    self._add_to_waitroom(candidate.subject_id, candidate.waiting_since_s)
                    returning.append(candidate.subject_id)
            self._log.repool(returning)
            self._match_waiting()

    def _return_to_waitroom(self, back: Sequence[Seat], unconnected: Sequence[Pair]) -> None:
        """Take back those whose game could not start, and remember who could not connect."""
        for pair in unconnected:
            self._graph.record_failure(pair, now_s=self._clock())
        for seat in back:
            self._add_to_waitroom(seat.subject_id, seat.waiting_since_s)
        self._log.repool([seat.subject_id for seat in back], unconnected)
        # Somebody who plays alone has no pair to hold back from a start that keeps failing; for
        # them the next pass is soon enough.
        if self.group_size > 1:
            self._match_waiting()

    def _dissolve(self, pending: PendingMatch, *, without: Collection[str] = ()) -> None:
        """End a pending match that leads to no game and re-pool its members, but for who left."""
        self._end_pending(pending)
        for pair in pairs_of(pending["matched"]):
            self._close(pair, self._connections.pop(pair, None), "cancelled")
        self._repool_candidates([m for m in pending["matched"] if m.subject_id not in without])

    def _end_pending(self, pending: PendingMatch) -> None:
        del self._pending_matches[pending["key"]]
        self._waitroom.release(member.subject_id for member in pending["matched"])

    def _abandon(
        self, pending: PendingMatch, verdict: Verdict, reason: str, *, without: Collection[str] = ()
    ) -> None:
        """End a pending match whose probe is still running."""
        self._cancel_probe(pending["probe_session_id"])
        self._log.verdict(pending, verdict, reason)
        self._dissolve(pending, without=without)

    def _create_game_for_match(self, matched: list[MatchCandidate]) -> None:
        """Begin a game for a group; its members leave the waitroom."""
        with self._effects.deciding():
            now_s = self._clock()
            connections = {
                pair: probe_session_id
                for pair in pairs_of(matched)
                if (probe_session_id := self._connections.pop(pair, None)) is not None
            }
            new = self._game_maker.make(
                matched,
                now_s,
                since_s=self._waitroom.since_s,
                edge_of=partial(self._graph.edge, now_s=now_s),
                connections=connections,
            )
            for subject_id in new.game.subject_ids:
                if self._waitroom.remove(subject_id) is None:
                    self.states.move(subject_id, ParticipantState.IN_WAITROOM)
                self.states.move(subject_id, ParticipantState.IN_GAME)
            self._log.matched(new.match)
            self._games.create(new)

    def _leave_waitroom(self, subject_id: str, reason: str) -> None:
        since_s = self._waitroom.remove(subject_id)
        if since_s is not None:
            self.states.move(subject_id, ParticipantState.IDLE)
            self._log.exit(subject_id, reason, self._clock() - since_s)
        pending = self._pending_matches.of(subject_id)
        if pending is not None:
            why = f"a participant left: {reason}"
            self._abandon(pending, "cancelled", why, without=[subject_id])

    def _expire_probes(self, now_s: float) -> None:
        for pending in list(self._pending_matches.values()):
            if pending["expires_at_s"] <= now_s:
                self._graph.record_failure(pending["probing"], now_s=now_s)
                self._abandon(pending, "expired", "the probe never ended")

    def _end_long_waits(self) -> None:
        for subject_id in self._waitroom.available():
            if self._desk.is_out_of_time(subject_id):
                self._leave_waitroom(subject_id, "waitroom_timeout")
                self._desk.say_wait_ended(subject_id)

    def _is_free(self, subject_id: str) -> bool:
        """Whether a participant can be proposed: idle or waiting, and not reserved."""
        state = self.states.of(subject_id)
        is_here = state is ParticipantState.IDLE or subject_id in self._waitroom
        return is_here and not self._waitroom.is_reserved(subject_id)

    def _is_available(self, subject_id: str) -> bool:
        """Whether a participant waits and is not reserved."""
        return subject_id in self._waitroom and not self._waitroom.is_reserved(subject_id)

    def _can_still_be_made(
        self, matched: Sequence[MatchCandidate], arriving_subject_id: str
    ) -> bool:
        return self._is_free(arriving_subject_id) and all(
            member.subject_id == arriving_subject_id or self._is_available(member.subject_id)
            for member in matched
        )

    def _cancel_probe(self, probe_session_id: str | None) -> None:
        cancel = getattr(self.probe_coordinator, "cancel", None)
        if probe_session_id is not None and cancel is not None:
            self._effects.add(partial(cancel, probe_session_id))

    def _close(self, pair: Pair, probe_session_id: str | None, outcome: ProbeOutcome) -> None:
        """Have both browsers close the connection of a measured probe, if there is one."""
        if probe_session_id is not None:
            payload = {"probe_session_id": probe_session_id, "outcome": outcome}
            for subject_id in pair:
                self._effects.emit("probe_close", subject_id, payload)
