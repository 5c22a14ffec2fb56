"""Brings the participants of one game scene together: from their arrival to their game.

Asks the matchmaker, has proposals probed, obeys the verdicts, re-pools, creates games, and logs
each step. It never measures, renders or sleeps; it knows Socket.IO only as something that emits.
The app hands it what participants do and calls `tick` about twice a second.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from interactive_gym import __version__
from interactive_gym.server.effects import Effects
from interactive_gym.server.game_inbox import GameInbox
from interactive_gym.server.interfaces import (
    Emitter,
    ExperimentSettings,
    GameScene,
    GameStore,
    Prober,
)
from interactive_gym.server.latency_graph import LatencyGraph, Pair
from interactive_gym.server.match_logger import LedgerKind, MatchLogger, utc_iso
from interactive_gym.server.match_record import (
    created_payload,
    describe_edges,
    describe_matchmaker,
)
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate, Matchmaker
from interactive_gym.server.participant_state import ParticipantState, ParticipantStates
from interactive_gym.server.pending_match import (
    EarlyVerdict,
    PendingMatch,
    edges_to_probe,
    pairs_of,
)
from interactive_gym.server.probe import ProbeSettings
from interactive_gym.server.probe_report import ProbeOutcome, ProbeReport, is_rtt
from interactive_gym.server.proposal import MatchmakerError, ask_for_group
from interactive_gym.server.remote_game import RemoteGame, Seat
from interactive_gym.server.running_games import RunningGames
from interactive_gym.server.waitroom import Waitroom

logger = logging.getLogger(__name__)

MATCHING_INTERVAL_S = 2.0
"""Matching runs at least this often, in seconds, for matchmakers whose answer depends on time."""

PROBE_EXPIRY_S = 30.0
"""After how many seconds a probe is given up whose coordinator never says how it ended. Longer
than the coordinator's own deadline, so it only matters when the coordinator fails."""

WAIT_ENDED_MESSAGE = "We could not find a partner for you in time. Thank you for waiting."
"""What somebody is told whose wait ended without a game, unless the scene says otherwise."""

UPDATE_INTERVAL_S = 5.0
"""How often waiting participants are told that they still wait, in seconds."""


class GameManager:
    """Matches the participants of one game scene and runs their games.

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
        self.states = states or ParticipantStates()
        self._settings = experiment_config
        self._sio = sio
        self._ledger = match_logger or MatchLogger(None)
        self._graph = latency_graph or LatencyGraph()
        self._server_rtt_ms = server_rtt_ms or (lambda subject_id: None)
        self._clock = clock
        self._wall_clock = wall_clock
        self._rng = rng or random.Random()
        self._new_id = new_id
        self._effects = Effects()
        self._waitroom = Waitroom()
        self._pending_matches: dict[str, PendingMatch] = {}
        self._reports: dict[Pair, ProbeReport] = {}
        self._connections: dict[Pair, str] = {}
        self._faults_logged: set[tuple[str, str]] = set()
        self._next_matching_s = 0.0
        self._next_update_s = 0.0
        self._games = RunningGames(
            scene,
            sio,
            self._effects,
            states=self.states,
            data_store=data_store,
            clock=clock,
            on_start_failed=self._return_to_waitroom,
        )
        self._inbox = GameInbox(self._games, sio, self._effects)

    @property
    def group_size(self) -> int:
        """How many participants play together."""
        return len(self.scene.human_agents)

    # What participants do

    def join(self, subject_id: str) -> None:
        """A participant asks for a game. Asking again while waiting changes nothing."""
        with self._effects.deciding():
            if subject_id in self._waitroom:
                self._tell_waiting([subject_id])
            elif self.states.of(subject_id) is ParticipantState.IDLE:
                self._games.forget(subject_id)
                self._log(
                    "arrival", subject_id=subject_id, server_rtt_ms=self._server_rtt_ms(subject_id)
                )
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
            if subject_id in self._waitroom:
                self._tell_waiting([subject_id])
                return
            self._games.resync(subject_id)
            if self._games.missed_the_return(subject_id):
                self.join(subject_id)

    def may_advance(self, subject_id: str) -> bool:
        """Whether a participant may leave the scene: neither waiting nor playing."""
        with self._effects.deciding():
            return self.states.of(subject_id) in (
                ParticipantState.IDLE,
                ParticipantState.GAME_ENDED,
            )

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
            self._end_long_waits(now_s)
            if self._graph.lapse(now_s) or now_s >= self._next_matching_s:
                self._match_waiting()
            if now_s >= self._next_update_s:
                self._tell_waiting(self._waitroom.available())
                self._next_update_s = now_s + UPDATE_INTERVAL_S

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

    # Probes

    def probe_settings(self, subject_a: str, subject_b: str) -> ProbeSettings:
        """How to probe two participants.

        The threshold helps the browsers to stop early, but only the base class's verdict is known
        to follow from it.
        """
        overridden = (
            getattr(type(self.matchmaker), "should_reject_for_rtt", None)
            is not Matchmaker.should_reject_for_rtt
        )
        return ProbeSettings(threshold_ms=None if overridden else self.matchmaker.max_p2p_rtt_ms)

    def on_probe_report(self, report: ProbeReport) -> None:
        """Keep the full account of a probe of this scene for the verdict that follows it."""
        with self._effects.deciding():
            pair = (report.offerer, report.answerer)
            if self._find_pending(pair) is not None:
                self._reports[pair] = report
                self._log("probe", **report.as_record())

    # Matching

    def _add_to_fifo_queue(self, subject_id: str) -> None:
        """Ask for a group for somebody who arrives; without one they wait."""
        with self._effects.deciding():
            if not self._propose_for(subject_id):
                self._add_to_waitroom(subject_id)

    def _add_to_waitroom(self, subject_id: str, since_s: float | None = None) -> None:
        """Let a participant wait, since now unless told otherwise, and tell them."""
        with self._effects.deciding():
            if subject_id not in self._waitroom:
                if self.states.of(subject_id) is not ParticipantState.IN_WAITROOM:
                    self.states.move(subject_id, ParticipantState.IN_WAITROOM)
                self._waitroom.add(subject_id, self._clock() if since_s is None else since_s)
            self._tell_waiting([subject_id])

    def _match_waiting(self) -> None:
        """Ask for a group for everybody available, in order, until nothing more is proposed."""
        self._next_matching_s = self._clock() + MATCHING_INTERVAL_S
        proposed = True
        while proposed:
            proposed = False
            for subject_id in self._waitroom.available():
                is_free = subject_id in self._waitroom and not self._waitroom.is_reserved(
                    subject_id
                )
                if is_free and self._propose_for(subject_id):
                    proposed = True

    def _propose_for(self, subject_id: str) -> bool:
        """Ask the matchmaker for a group for this participant and act on it, if there is one."""
        now_s = self._clock()
        others = [other for other in self._waitroom.available() if other != subject_id]
        try:
            matched = ask_for_group(
                self.matchmaker,
                self._candidate(subject_id),
                [self._candidate(other) for other in others if not self._is_out_of_time(other)],
                self.group_size,
                partial(self._graph.is_blocked, now_s=now_s),
            )
        except MatchmakerError as error:
            self._note_fault(subject_id, str(error))
            return False
        if matched is None or not self._are_free(matched, subject_id):
            return False
        self._log("proposal", arriving=subject_id, matched=[c.subject_id for c in matched])
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
            to_probe = edges_to_probe(matched, partial(self._graph.is_known_good, now_s=now_s))
            if not to_probe:
                self._create_game_for_match(matched)
                return
            proposal_id = self._new_id()
            pending = PendingMatch(
                key=proposal_id,
                proposal_id=proposal_id,
                matched=matched,
                arriving_subject_id=arriving_subject_id,
                timestamp_s=now_s,
                unprobed=to_probe,
                probing=to_probe[0],
                probe_session_id=None,
                expires_at_s=now_s + PROBE_EXPIRY_S,
                early_verdict=None,
            )
            self._waitroom.reserve(candidate.subject_id for candidate in matched)
            self._pending_matches[proposal_id] = pending
            self._probe_next(pending)

    def _probe_next(self, pending: PendingMatch) -> None:
        """Go on with the first edge still to be measured."""
        pending["probing"] = pending["unprobed"].pop(0)
        pending["probe_session_id"] = None
        pending["early_verdict"] = None
        pending["expires_at_s"] = self._clock() + PROBE_EXPIRY_S
        self._effects.add(partial(self._start_probe, pending, pending["probing"]))

    def _start_probe(self, pending: PendingMatch, pair: Pair) -> None:
        """Effect: have the coordinator probe a pair, and learn the probe's id."""
        if not self._is_pending(pending) or self.probe_coordinator is None:
            return
        try:
            probe_session_id = self.probe_coordinator.create_probe(
                subject_a=pair[0], subject_b=pair[1], on_complete=self._on_probe_complete
            )
        except Exception:
            logger.exception("A probe could not be created")
            with self._effects.deciding():
                if self._is_pending(pending):
                    self._judge(pending, None)
            return
        with self._effects.deciding():
            if not self._is_pending(pending):
                self._cancel_probe(probe_session_id)
                return
            pending["probe_session_id"] = probe_session_id
            if probe_session_id not in self._pending_matches:
                del self._pending_matches[pending["key"]]
                pending["key"] = probe_session_id
                self._pending_matches[probe_session_id] = pending
            if pending["early_verdict"] is not None:
                self._judge(pending, pending["early_verdict"]["rtt_ms"])

    def _on_probe_complete(self, subject_a: str, subject_b: str, rtt_ms: float | None) -> None:
        """A probe has ended: with its P2P RTT in milliseconds, or `None` if it failed.

        May be called from anywhere, also before `create_probe` has returned. A verdict on a pair
        that is not being probed, as after a second call, is ignored.
        """
        with self._effects.deciding():
            pending = self._find_pending((subject_a, subject_b))
            if pending is None:
                logger.debug("A verdict for a pending match that is over")
                return
            valid_rtt_ms = rtt_ms if is_rtt(rtt_ms) else None
            if pending["probe_session_id"] is not None:
                self._judge(pending, valid_rtt_ms)
            elif pending["early_verdict"] is None:
                pending["early_verdict"] = EarlyVerdict(rtt_ms=valid_rtt_ms)

    def _judge(self, pending: PendingMatch, rtt_ms: float | None) -> None:
        """Obey the matchmaker's verdict on the edge just probed."""
        pair, now_s = pending["probing"], self._clock()
        report = self._reports.pop(pair, None)
        measured = rtt_ms is not None
        try:
            rejected = bool(self.matchmaker.should_reject_for_rtt(rtt_ms))
        except Exception as error:
            self._note_fault(
                pending["arriving_subject_id"],
                f"should_reject_for_rtt raised {type(error).__name__}: {error}",
            )
            rejected, rtt_ms = True, None
        if not self._is_pending(pending):
            return
        if rtt_ms is not None:
            self._graph.record_measurement(
                pair,
                rtt_ms,
                accepted=not rejected,
                now_s=now_s,
                wall_s=self._wall_clock(),
                report=report,
            )
        elif rejected:
            self._graph.record_failure(pair, now_s=now_s)
        reason = self._verdict_reason(rejected, rtt_ms)
        self._log_verdict(pending, "rejected" if rejected else "accepted", reason, rtt_ms)
        if rejected:
            logger.info("RTT rejection: %s", reason)
            if measured:
                self._close_connection(pair, pending["probe_session_id"], "rejected")
            self._dissolve(pending)
            return
        if rtt_ms is not None and pending["probe_session_id"] is not None:
            self._connections[pair] = pending["probe_session_id"]
        if pending["unprobed"]:
            self._probe_next(pending)
        else:
            self._end_pending(pending)
            self._create_game_for_match(pending["matched"])

    def _repool_candidates(self, candidates: Sequence[MatchCandidate]) -> None:
        """Give candidates back to the matchmaker: who still waits stays in place, others join."""
        with self._effects.deciding():
            subject_ids = [candidate.subject_id for candidate in candidates]
            self._waitroom.release(subject_ids)
            returning = []
            for candidate in candidates:
                subject_id = candidate.subject_id
                if subject_id in self._waitroom:
                    self._tell_waiting([subject_id])
                elif self.states.of(subject_id) is ParticipantState.IDLE:
                    self._add_to_waitroom(subject_id, candidate.waiting_since_s)
                else:
                    continue
                returning.append(subject_id)
            self._log("repool", subject_ids=returning)
            self._match_waiting()

    def _dissolve(self, pending: PendingMatch, *, without: str | None = None) -> None:
        """End a pending match that leads to no game and re-pool its members, but for who left."""
        self._end_pending(pending)
        for pair in pairs_of(pending["matched"]):
            self._close_connection(pair, self._connections.pop(pair, None), "cancelled")
        self._repool_candidates(
            [member for member in pending["matched"] if member.subject_id != without]
        )

    def _end_pending(self, pending: PendingMatch) -> None:
        del self._pending_matches[pending["key"]]
        self._waitroom.release(member.subject_id for member in pending["matched"])
        for pair in pairs_of(pending["matched"]):
            self._reports.pop(pair, None)

    def _create_game_for_match(self, matched: list[MatchCandidate]) -> None:
        """Begin a game for a group; its members leave the waitroom."""
        with self._effects.deciding():
            now_s = self._clock()
            connections = {
                pair: self._connections.pop(pair)
                for pair in pairs_of(matched)
                if pair in self._connections
            }
            seats = [
                Seat(index, agent, member.subject_id, self._begin_playing(member.subject_id))
                for index, (agent, member) in enumerate(
                    zip(self.scene.human_agents, matched, strict=True)
                )
            ]
            game = RemoteGame(self._new_id(), seats, now_s)
            seed, session_tag = self._rng.getrandbits(31), self._rng.getrandbits(32)
            match = {
                "game_id": game.game_id,
                "scene_id": self.scene.scene_id,
                "experiment_id": self._settings.experiment_id,
                "agents": [seat.agent for seat in seats],
                "group": [
                    {
                        "seat": seat.seat,
                        "agent": seat.agent,
                        "subject_id": seat.subject_id,
                        "waited_ms": round((now_s - seat.waiting_since_s) * 1000),
                    }
                    for seat in seats
                ],
                "threshold_ms": self.matchmaker.max_p2p_rtt_ms,
                "matchmaker": describe_matchmaker(self.matchmaker),
                "edges": describe_edges(game, partial(self._graph.edge, now_s=now_s)),
                "seed": seed,
                "session_tag": session_tag,
                "environment_digest": self.scene.environment_digest,
                "package_version": __version__,
                "created_at": utc_iso(self._wall_clock()),
            }
            payloads = {
                seat.subject_id: created_payload(
                    game,
                    seat,
                    scene=self.scene,
                    settings=self._settings,
                    seed=seed,
                    session_tag=session_tag,
                    connections=connections,
                )
                for seat in seats
            }
            self._log("matched", game_id=game.game_id, group=match["group"], edges=match["edges"])
            self._games.create(game, match, payloads)

    def _begin_playing(self, subject_id: str) -> float:
        """Move a participant from the waitroom into a game; returns since when they waited."""
        since_s = self._waitroom.remove(subject_id)
        if self.states.of(subject_id) is ParticipantState.IDLE:
            self.states.move(subject_id, ParticipantState.IN_WAITROOM)
        self.states.move(subject_id, ParticipantState.IN_GAME)
        return self._clock() if since_s is None else since_s

    def _return_to_waitroom(
        self, game: RemoteGame, back: list[Seat], unconnected: list[Pair]
    ) -> None:
        """Take back those whose game could not start, and remember who could not connect."""
        for pair in unconnected:
            self._graph.record_failure(pair, now_s=self._clock())
        for seat in back:
            self._add_to_waitroom(seat.subject_id, seat.waiting_since_s)
        self._log(
            "repool",
            subject_ids=[seat.subject_id for seat in back],
            game_id=game.game_id,
            unconnected=unconnected,
        )
        # Somebody who plays alone has no pair to hold back from a start that keeps failing: for
        # them the next pass is soon enough.
        if self.group_size > 1:
            self._match_waiting()

    def _leave_waitroom(self, subject_id: str, reason: str) -> None:
        since_s = self._waitroom.remove(subject_id)
        if since_s is not None:
            self.states.move(subject_id, ParticipantState.IDLE)
            waited_ms = round((self._clock() - since_s) * 1000)
            self._log("exit", subject_id=subject_id, reason=reason, waited_ms=waited_ms)
        pending = next(
            (
                pending
                for pending in self._pending_matches.values()
                if any(member.subject_id == subject_id for member in pending["matched"])
            ),
            None,
        )
        if pending is not None:
            self._cancel_probe(pending["probe_session_id"])
            self._log_verdict(pending, "cancelled", f"a participant left: {reason}")
            self._dissolve(pending, without=subject_id)

    def _expire_probes(self, now_s: float) -> None:
        for pending in list(self._pending_matches.values()):
            if pending["expires_at_s"] <= now_s and self._is_pending(pending):
                self._cancel_probe(pending["probe_session_id"])
                self._graph.record_failure(pending["probing"], now_s=now_s)
                self._log_verdict(pending, "expired", "the probe never ended")
                self._dissolve(pending)

    def _end_long_waits(self, now_s: float) -> None:
        for subject_id in self._waitroom.available():
            if not self._is_out_of_time(subject_id):
                continue
            self._leave_waitroom(subject_id, "waitroom_timeout")
            ended = {
                "reason": "waitroom_timeout",
                "message": self.scene.waitroom_timeout_message or WAIT_ENDED_MESSAGE,
                "redirect_url": self.scene.waitroom_timeout_redirect_url,
            }
            self._emit("waitroom_ended", subject_id, ended)

    def _is_out_of_time(self, subject_id: str) -> bool:
        timeout_ms, since_s = self.scene.waitroom_timeout_ms, self._waitroom.since_s(subject_id)
        if timeout_ms is None or since_s is None:
            return False
        return (self._clock() - since_s) * 1000 >= timeout_ms

    def _candidate(self, subject_id: str) -> MatchCandidate:
        since_s = self._waitroom.since_s(subject_id)
        return MatchCandidate(
            subject_id=subject_id,
            rtt_ms=self._server_rtt_ms(subject_id),
            waiting_since_s=self._clock() if since_s is None else since_s,
        )

    def _find_pending(self, pair: Pair) -> PendingMatch | None:
        return next(
            (p for p in self._pending_matches.values() if set(p["probing"]) == set(pair)), None
        )

    def _are_free(self, matched: Sequence[MatchCandidate], arriving_subject_id: str) -> bool:
        """Whether a group can still be made: user code was asked, and may have called back."""
        available = {*self._waitroom.available(), arriving_subject_id}
        return all(member.subject_id in available for member in matched) and not any(
            self._waitroom.is_reserved(member.subject_id)
            or self.states.of(member.subject_id) is ParticipantState.IN_GAME
            for member in matched
        )

    def _is_pending(self, pending: PendingMatch) -> bool:
        return self._pending_matches.get(pending["key"]) is pending

    def _cancel_probe(self, probe_session_id: str | None) -> None:
        cancel = getattr(self.probe_coordinator, "cancel", None)
        if probe_session_id is not None and cancel is not None:
            self._effects.add(partial(cancel, probe_session_id))

    def _close_connection(
        self, pair: Pair, probe_session_id: str | None, outcome: ProbeOutcome
    ) -> None:
        """Have both browsers close the connection of a measured probe, if there is one."""
        if probe_session_id is not None:
            for subject_id in pair:
                self._emit(
                    "probe_close",
                    subject_id,
                    {"probe_session_id": probe_session_id, "outcome": outcome},
                )

    def _tell_waiting(self, subject_ids: Iterable[str]) -> None:
        hidden = self.scene.hide_lobby_count
        for subject_id in subject_ids:
            since_s = self._waitroom.since_s(subject_id)
            if since_s is not None and not self._waitroom.is_reserved(subject_id):
                self._emit(
                    "waitroom_update",
                    subject_id,
                    {
                        "waiting": None if hidden else len(self._waitroom),
                        "group_size": self.group_size,
                        "waited_ms": round((self._clock() - since_s) * 1000),
                        "timeout_ms": self.scene.waitroom_timeout_ms,
                    },
                )

    def _verdict_reason(self, rejected: bool, rtt_ms: float | None) -> str:
        threshold_ms = self.matchmaker.max_p2p_rtt_ms
        if rtt_ms is None:
            return "the measurement failed"
        if threshold_ms is not None and rejected == (rtt_ms > threshold_ms):
            return f"{rtt_ms:.1f} ms {'>' if rejected else '<='} {threshold_ms:g} ms"
        return f"{rtt_ms:.1f} ms, by {type(self.matchmaker).__name__}"

    def _note_fault(self, subject_id: str, fault: str) -> None:
        """Log what a matchmaker did wrong, once per participant and kind of fault."""
        name = type(self.matchmaker).__name__
        kind = fault.split(":", 1)[0]
        if (subject_id, kind) not in self._faults_logged:
            self._faults_logged.add((subject_id, kind))
            logger.error("Matchmaker %s: %s", name, fault)
            self._log("matchmaker_error", matchmaker=name, arriving=subject_id, fault=fault)

    def _log_verdict(
        self, pending: PendingMatch, verdict: str, reason: str, rtt_ms: float | None = None
    ) -> None:
        self._log(
            "verdict",
            proposal_id=pending["proposal_id"],
            probe_session_id=pending["probe_session_id"],
            pair=pending["probing"],
            rtt_ms=rtt_ms,
            threshold_ms=self.matchmaker.max_p2p_rtt_ms,
            verdict=verdict,
            reason=reason,
        )

    def _log(self, kind: LedgerKind, **fields: Any) -> None:
        self._effects.add(partial(self._ledger.log, kind, **fields))

    def _emit(self, event: str, subject_id: str, payload: dict[str, Any]) -> None:
        self._effects.add(partial(self._sio.emit, event, payload, to=subject_id))
