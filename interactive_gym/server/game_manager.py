"""Brings the participants of one game scene together: from their arrival to their game.

Has the matchmaker propose whenever something changes, has proposals probed, obeys the verdicts,
re-pools, and creates games. It never measures, renders or sleeps; it knows Socket.IO only as
something that emits. The app hands it what participants do and calls `tick` about twice a second.
"""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.games.remote_game import Seat
from interactive_gym.server.ledger.decision_log import DecisionLog, Ledger
from interactive_gym.server.ledger.match_logger import MatchLogger
from interactive_gym.server.ledger.plan import matching_plan, plan_digest
from interactive_gym.server.matching.candidate import MatchCandidate, Pair
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.statistics import MatchingPace
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.messages.outbox import Emitter, Outbox
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.participants.participant_state import (
    ParticipantState,
    ParticipantStates,
)
from interactive_gym.server.participants.waiting import Waits
from interactive_gym.server.probing.probe import Prober, ProbeSettings
from interactive_gym.server.probing.report import ProbeReport
from interactive_gym.server.proposals.candidates import Candidates
from interactive_gym.server.proposals.checked_matchmaker import as_matchmaker
from interactive_gym.server.proposals.edge_probing import ProposalProbing
from interactive_gym.server.proposals.proposer import Proposer
from interactive_gym.server.proposals.verdicts import Verdicts
from interactive_gym.server.scene_games import SceneGames
from interactive_gym.server.settings import ExperimentSettings, GameScene


class GameManager:
    """Matches the participants of one game scene and runs their games.

    Every change of state happens inside `Outbox.transaction()`; what follows from it for the outside
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
        history: who played with whom last, shared by the experiment's managers.
        latency_graph: what is known of pairs; of this scene alone, as verdicts are its
            matchmaker's.
        server_rtt_ms: looks up a participant's server RTT in milliseconds.
        attributes_of: looks up what else a matchmaker may know of a participant.
        blocked_on_arrival: told of everybody who arrives; returns the subject ids of those they
            must not be grouped with, of all who came before.
        blocked_pairs: how many pairs that is about, for the plan.
        max_probes_per_participant: how often one participant is probed at most; `None` for no
            limit.
        log_participant: appends to the account of participants' ways, as
            `DataStore.log_participant` does.
        new_completion_code: makes the codes of those for whom the experiment ends with a game.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch.
        seed: from which the seeds and session tags of games are drawn; a new one if not given.
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
        data_store: DataStore | None = None,
        match_logger: Ledger | None = None,
        states: ParticipantStates | None = None,
        history: GroupHistory | None = None,
        latency_graph: LatencyGraph | None = None,
        server_rtt_ms: Callable[[str], float | None] = lambda subject_id: None,
        attributes_of: Callable[[str], Mapping[str, Any]] = lambda subject_id: {},
        blocked_on_arrival: Callable[[str], Sequence[str]] = lambda subject_id: (),
        blocked_pairs: int = 0,
        max_probes_per_participant: int | None = None,
        log_participant: Callable[..., object] = lambda *event, **fields: None,
        new_completion_code: Callable[[], str] = lambda: secrets.token_hex(5).upper(),
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        seed: int | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.scene = scene
        self.matchmaker: Matchmaker = (
            matchmaker or getattr(scene, "matchmaker", None) or FIFOMatchmaker()
        )
        self.probe_coordinator = probe_coordinator
        self.group_size = len(scene.human_agents)
        self.states = states or ParticipantStates()
        seed = random.SystemRandom().getrandbits(53) if seed is None else seed
        plan = matching_plan(
            self.matchmaker,
            agents=scene.human_agents,
            is_probing=self._is_probing(),
            patience_ms=scene.waitroom_timeout_ms,
            max_probes_per_participant=max_probes_per_participant,
            blocked_pairs=blocked_pairs,
            environment_digest=scene.environment_digest,
            seed=seed,
        )
        self._graph = latency_graph or LatencyGraph()
        self._new_id = new_id
        self._blocked_on_arrival = blocked_on_arrival
        self._outbox = Outbox(sio, clock)
        self._now_s = self._outbox.now_s
        self._log = DecisionLog(
            match_logger or MatchLogger(None), type(self.matchmaker).__name__, self._outbox
        )
        self._pace = MatchingPace()
        self._waits = Waits(
            scene,
            self._outbox,
            states=self.states,
            pace=self._pace,
            log=self._log,
            log_participant=log_participant,
        )
        self._waitroom, self._desk = self._waits.waitroom, self._waits.desk
        self._candidates = Candidates(
            self._waitroom,
            server_rtt_ms=server_rtt_ms,
            attributes_of=attributes_of,
            partners_of=(history := history or GroupHistory()).partners_of,
            clock=self._now_s,
        )
        self._probing = ProposalProbing(
            self._waitroom,
            self._outbox,
            self._log,
            max_probes=max_probes_per_participant,
            create_probe=self._create_probe,
            cancel_probe=self._cancel_probe,
            judge=lambda *edge: self._verdicts.judge(*edge),
            begin=lambda pending: self._create_game_for_match(pending["matched"]),
            give_back=lambda candidates: self._repool_candidates(candidates),
        )
        self._pending_matches = self._probing.pending
        self._proposer = Proposer(
            lambda: as_matchmaker(self.matchmaker),
            self._candidates,
            self._graph,
            self._pace,
            self._log,
            group_size=self.group_size,
            at_probe_limit=self._probing.at_limit,
            is_probing=self._is_probing,
            patience_ends_before_s=self._desk.patience_ends_before_s,
            clock=self._now_s,
        )
        self._verdicts = Verdicts(
            should_reject=lambda rtt_ms: self.matchmaker.should_reject_for_rtt(rtt_ms),
            threshold_ms=self._proposer.threshold_ms,
            is_relaxed=lambda threshold_ms: threshold_ms != self.matchmaker.max_p2p_rtt_ms,
            lapse=self._proposer.lapse,
            graph=self._graph,
            pace=self._pace,
            log=self._log,
            clock=self._now_s,
            wall_clock=wall_clock,
        )
        games = SceneGames(
            scene,
            experiment_config,
            self._outbox,
            matchmaker=self.matchmaker,
            plan_digest=plan_digest(plan),
            states=self.states,
            history=history,
            log=self._log,
            data_store=data_store,
            log_participant=log_participant,
            new_completion_code=new_completion_code,
            seed=seed,
            new_id=new_id,
            wall_clock=wall_clock,
            on_start_failed=self._return_to_waitroom,
        )
        self._games, self._endings, self._game_maker = games.running, games.endings, games.maker
        self.handle_game_signal = games.inbox.signal
        self.handle_game_ready = games.inbox.ready
        self.handle_game_resumed = games.inbox.resumed
        self.handle_game_peer_lost = games.inbox.peer_lost
        self.handle_game_quit = games.inbox.quit
        self.handle_game_frames = games.inbox.frames
        self.handle_game_event = games.inbox.event
        self.handle_game_network = games.inbox.network
        self.handle_game_finished = games.inbox.finished
        with self._outbox.transaction():
            self._log.plan(plan, plan_digest(plan))

    def join(self, subject_id: str) -> None:
        """A participant asks for a game, or for theirs after a reload of the page.

        Asking again while waiting changes nothing.
        """
        with self._outbox.transaction():
            if self._endings.way_on_of(subject_id) == "waitroom":
                self._games.forget(subject_id)
            if subject_id in self._waitroom:
                self._desk.tell([subject_id])
            elif self.states.of(subject_id) is ParticipantState.IN_GAME:
                self._games.rejoin(subject_id)
            elif self.states.of(subject_id) is ParticipantState.IDLE:
                blocked_with = self._blocked_on_arrival(subject_id)
                for other in blocked_with:
                    self._graph.block((subject_id, other))
                self._pace.arrived(self._now_s())
                self._log.arrival(self._candidates.arrive(subject_id), blocked_with)
                self._add_to_fifo_queue(subject_id)

    def leave(self, subject_id: str, reason: str) -> None:
        """A participant leaves the scene, from wherever they are; their partners are freed."""
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, reason)
            self._games.depart(subject_id)
            self._games.forget(subject_id)

    def leave_waitroom(self, subject_id: str) -> None:
        """A participant did not answer when the page asked whether they were still there.

        They are told that they wait no longer also if their connection was lost meanwhile, and
        their wait with it.
        """
        with self._outbox.transaction():
            if self.states.of(subject_id) is ParticipantState.IDLE:
                self._desk.tell_wait_ended(subject_id, "idle")
            else:
                self._leave_waitroom(subject_id, "idle")

    def handle_disconnect(self, subject_id: str) -> None:
        """A participant's connection is lost: they wait no longer; a game they are in goes on."""
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, "disconnected")
            self._games.disconnect(subject_id)

    def handle_reconnect(self, subject_id: str) -> None:
        """The page of a participant whose connection was lost is back."""
        with self._outbox.transaction():
            self._games.reconnect(subject_id)

    def handle_reload(self, subject_id: str) -> None:
        """A participant loaded the page anew, so what it held is gone.

        They wait no longer; to a game that has begun they can come back.
        """
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, "reloaded")
            self._games.reload(subject_id)
            if self.states.of(subject_id) is ParticipantState.IDLE:
                self._games.forget(subject_id)

    def resync(self, subject_id: str) -> None:
        """Tell a participant who has just connected what is still true of them."""
        with self._outbox.transaction():
            self._desk.tell([subject_id])
            self._games.resync(subject_id)
            if self._games.missed_the_return(subject_id):
                self.join(subject_id)

    def may_advance(self, subject_id: str) -> bool:
        """Whether a participant may go to the next scene: not out of a wait or a game."""
        with self._outbox.transaction():
            state = self.states.of(subject_id)
            if state is ParticipantState.GAME_ENDED:
                return self._endings.way_on_of(subject_id) == "next_scene"
            return state is ParticipantState.IDLE

    def forget(self, subject_id: str) -> None:
        """A participant has moved on to the next scene."""
        with self._outbox.transaction():
            self._games.forget(subject_id)

    def tick(self) -> None:
        """Do what is due. Called about twice a second."""
        with self._outbox.transaction():
            self.enforce_limits()
            if self._proposer.is_due():
                self.look_again()
            self._desk.update(self._now_s())

    def enforce_limits(self) -> None:
        """End games, probes and waits whose time is over, and look at server RTTs again."""
        with self._outbox.transaction():
            self._games.tick()
            self._expire_probes()
            if self._waits.end_too_long():
                self._match_waiting()
            for candidate in self._candidates.refresh():
                self._log.server_rtt(candidate)

    def look_again(self) -> None:
        """Have the matchmaker propose although nothing happened but time."""
        with self._outbox.transaction():
            self._log.look()
            self._match_waiting()

    def probe_settings(self, subject_a: str, subject_b: str) -> ProbeSettings:
        """How to probe two participants.

        The threshold helps the browsers to stop early, but only the base class's verdict is known
        to follow from it.
        """
        with self._outbox.transaction():
            if not as_matchmaker(self.matchmaker).verdict_follows_threshold:
                return ProbeSettings(threshold_ms=None)
            pending = self._pending_matches.of(subject_a)
            group = [] if pending is None else pending["matched"]
            return ProbeSettings(threshold_ms=self._proposer.threshold_ms(group))

    def on_probe_report(self, report: ProbeReport) -> None:
        """Keep the full account of a probe of this scene for the verdict that follows it."""
        with self._outbox.transaction():
            if self._probing.report(report):
                self._log.probe(report)

    def _add_to_fifo_queue(self, subject_id: str) -> None:
        """Ask for a group for somebody who arrives; without one they wait."""
        with self._outbox.transaction():
            if self._waits.is_free(subject_id):
                self._match_waiting(self._candidates.of(subject_id))
                if self._waits.is_free(subject_id):
                    self._add_to_waitroom(subject_id)

    def _add_to_waitroom(self, subject_id: str, since_s: float | None = None) -> None:
        """Let a participant wait, since now unless told otherwise, and tell them."""
        with self._outbox.transaction():
            self._waits.begin(subject_id, since_s)

    def _match_waiting(self, arriving: MatchCandidate | None = None) -> None:
        """Have the matchmaker propose, on an arrival or over everybody, and act on its answer."""
        for group in self._proposer.groups(arriving):
            # User code was asked and may have called back, so what it was told may have changed.
            if not self._can_still_be_made(group, arriving):
                continue
            newest = arriving if arriving in group else max(group, key=_waiting_since_s)
            if self._is_probing():
                self._probe_and_create_game(group, newest.subject_id)
            else:
                self._proposer.log_proposal(self._new_id(), newest.subject_id, group)
                self._create_game_for_match(group)

    def _probe_and_create_game(
        self, matched: list[MatchCandidate], arriving_subject_id: str
    ) -> None:
        """Reserve a proposed group and measure its unknown edges."""
        with self._outbox.transaction():
            self._add_to_waitroom(arriving_subject_id)
            proposal_id = self._new_id()
            self._proposer.log_proposal(proposal_id, arriving_subject_id, matched)
            unknown = self._proposer.unknown_edges(matched)
            if unknown:
                self._probing.open(proposal_id, matched, arriving_subject_id, unknown)
            else:
                self._create_game_for_match(matched)

    def _create_probe(self, pair: Pair) -> str:
        """Effect: have a pair probed, the first as the offerer."""
        assert self.probe_coordinator is not None, "only a manager with a coordinator probes"
        return self.probe_coordinator.create_probe(
            subject_a=pair[0], subject_b=pair[1], on_complete=self._on_probe_complete
        )

    def _cancel_probe(self, probe_session_id: str) -> None:
        cancel = getattr(self.probe_coordinator, "cancel", None)
        if cancel is not None:
            self._outbox.add(partial(cancel, probe_session_id))

    def _on_probe_complete(self, subject_a: str, subject_b: str, rtt_ms: float | None) -> None:
        """A probe has ended: with its P2P RTT in milliseconds, or `None` if it failed.

        May be called from anywhere, also before `create_probe` has returned. A verdict on a pair
        that is not being probed, as after a second call, is ignored.
        """
        with self._outbox.transaction():
            self._probing.complete((subject_a, subject_b), rtt_ms)

    def _repool_candidates(self, candidates: Sequence[MatchCandidate]) -> None:
        """Give candidates back to the matchmaker: who still waits stays in place, others join."""
        with self._outbox.transaction():
            returning = []
            for candidate in candidates:
                if self._waits.is_free(candidate.subject_id):
                    self._add_to_waitroom(candidate.subject_id, candidate.waiting_since_s)
                    returning.append(candidate.subject_id)
            self._log.repool(returning)
            self._match_waiting()

    def _return_to_waitroom(
        self, game_id: str, back: Sequence[Seat], unconnected: Sequence[Pair]
    ) -> None:
        """Take back those whose game could not start, and remember who could not connect."""
        for seat in back:
            self._add_to_waitroom(seat.subject_id, seat.waiting_since_s)
        self._log.repool([seat.subject_id for seat in back], game_id, unconnected)
        for pair in unconnected:
            self._verdicts.fail(pair)
        # Somebody who plays alone has no pair to hold back from a start that keeps failing; for
        # them the next look is soon enough.
        if self.group_size > 1:
            self._match_waiting()

    def _create_game_for_match(self, matched: list[MatchCandidate]) -> None:
        """Begin a game for a group; its members leave the waitroom."""
        with self._outbox.transaction():
            now_s = self._now_s()
            new = self._game_maker.make(
                matched,
                now_s,
                threshold_ms=self._proposer.threshold_ms(matched),
                since_s=self._waitroom.since_s,
                edge_of=partial(self._graph.edge, now_s=now_s),
                connections=self._probing.take_connections(matched),
            )
            for seat in new.game.seats:
                self._waits.end_in_game(seat.subject_id, now_s - seat.waiting_since_s)
            self._log.matched(new.match)
            self._games.create(new)

    def _leave_waitroom(self, subject_id: str, reason: str) -> None:
        """Somebody waits no longer; who was reserved with them is free again."""
        if not self._waits.end(subject_id, reason):
            return
        pending = self._pending_matches.of(subject_id)
        if pending is None:
            self._match_waiting()
        else:
            why = f"a participant left: {reason}"
            probe = pending["probing"][0]
            self._probing.abandon(pending, probe, "cancelled", why, without=[subject_id])

    def _expire_probes(self) -> None:
        while (expired := self._probing.expired()) is not None:
            pending, probe = expired
            self._verdicts.fail(probe.pair)
            self._probing.abandon(pending, probe, "expired", "the probe never ended")

    def _is_probing(self) -> bool:
        """Whether groups are measured before they play."""
        return self.probe_coordinator is not None and self.matchmaker.max_p2p_rtt_ms is not None

    def _can_still_be_made(
        self, group: Sequence[MatchCandidate], arriving: MatchCandidate | None
    ) -> bool:
        return all(
            self._waits.is_free(member.subject_id)
            and (member is arriving or member.subject_id in self._waitroom)
            for member in group
        )


def _waiting_since_s(candidate: MatchCandidate) -> float:
    return candidate.waiting_since_s or 0.0
