"""Matches the participants of one game scene, from their arrival to their game.

`_match_waiting` asks the matchmaker for groups, reserves them and starts their probes.
`_on_probe_complete` asks for the verdict on an edge, then creates the game or re-pools its members.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from interactive_gym.options.outcomes import Outcome
from interactive_gym.server.games.endings import GameEndings
from interactive_gym.server.games.events import GameFinished, GameMessage, GameQuit
from interactive_gym.server.games.failed_starts import causes_of_failed_start
from interactive_gym.server.games.game_maker import GameMaker
from interactive_gym.server.games.inbox import GameInbox
from interactive_gym.server.games.latency_levels import LatencyLevels
from interactive_gym.server.games.open_game import EngineFailure, OpenGame
from interactive_gym.server.games.running_games import FailedStart, RunningGames
from interactive_gym.server.games.uploads import Acknowledgement
from interactive_gym.server.ledger.decision_log import DecisionLog
from interactive_gym.server.ledger.matchmaker_record import describe_matchmaker
from interactive_gym.server.ledger.plan import matching_plan, plan_digest
from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.latency_graph import LatencyGraph
from interactive_gym.server.matching.prior import teach
from interactive_gym.server.matching.statistics import MatchingStatistics
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.messages.outbox import Emitter, Outbox
from interactive_gym.server.participants.blocklist import Blocklist
from interactive_gym.server.participants.journal import Place
from interactive_gym.server.participants.participant_log import ParticipantLog
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.participants.waiting import Waiting
from interactive_gym.server.probing.probe import Prober, ProbeSettings
from interactive_gym.server.probing.report import ProbeReport
from interactive_gym.server.proposals.candidates import CROWD_ABOVE, Candidates
from interactive_gym.server.proposals.checked_matchmaker import CheckedMatchmaker
from interactive_gym.server.proposals.edge_probing import EdgeProbing
from interactive_gym.server.proposals.pending_match import (
    Complete,
    Dissolved,
    EdgeProbe,
    PendingMatch,
    ProbingOutcome,
    StillProbing,
    pairs_of,
)
from interactive_gym.server.proposals.proposer import Proposer
from interactive_gym.server.proposals.verdicts import Verdicts
from interactive_gym.server.settings import ExperimentSettings, GameScene

logger = logging.getLogger(__name__)

LOOK_AT_CROWD_S = 0.05
"""How often the matchmaker is asked while there is a crowd, in seconds."""


class GameManager:
    """Matches the participants of one game scene and runs their games.

    Every change of state happens inside `Outbox.transaction()`; its effects on the outside world
    are carried out afterwards. The matchmaker is called inside the transaction, so it must not
    block. Call `tick` about twice a second.

    Args:
        scene: the game scene.
        experiment_config: the experiment's id and its WebRTC settings.
        sio: emits to a participant through the room named by the subject id.
        matchmaker: proposes groups and gives verdicts; by default the scene's own, or a
            FIFOMatchmaker.
        probe_coordinator: measures P2P RTTs. Without one, or without a threshold, groups start
            unmeasured.
        shared: the parts that all managers of the experiment share.
        blocklist: pairs that must not be grouped.
        latency_graph: the measurements and verdicts of pairs. Not shared between scenes, as
            verdicts come from the scene's own matchmaker.
        gathers_above: with more free participants than this, a crowd, the matchmaker is asked at
            looks alone; `None` to repeat decisions of versions that never did so.
    """

    def __init__(
        self,
        scene: GameScene,
        experiment_config: ExperimentSettings,
        sio: Emitter,
        *,
        matchmaker: Matchmaker | None = None,
        probe_coordinator: Prober | None = None,
        shared: SharedParts | None = None,
        blocklist: Blocklist | None = None,
        latency_graph: LatencyGraph | None = None,
        gathers_above: int | None = CROWD_ABOVE,
    ) -> None:
        self.scene = scene
        self.matchmaker: Matchmaker = (
            matchmaker or getattr(scene, "matchmaker", None) or FIFOMatchmaker()
        )
        self.probe_coordinator = probe_coordinator
        self.group_size = len(scene.human_agents)
        self._shared = shared = shared or SharedParts()
        self.states = shared.states
        self._blocklist = blocklist or Blocklist((), lambda subject_id: None)
        self._outbox = Outbox(sio, shared.clock)
        self._now_s = self._outbox.now_s
        self._log = DecisionLog(
            shared.ledger_of(scene.scene_id), type(self.matchmaker).__name__, self._outbox
        )
        self._graph = latency_graph or LatencyGraph()
        checked = CheckedMatchmaker(self.matchmaker)
        teach(self._graph.predictor, checked.rules.evidence())
        patience_ms = scene.waitroom_timeout_ms
        self._statistics = MatchingStatistics(None if patience_ms is None else patience_ms / 1000)
        participants = ParticipantLog(scene.scene_id, self._outbox, shared.log_participant)
        self._at_once = at_once = checked.concurrent_probes(self.group_size)
        self._participants = participants
        self._is_closed = False
        self._waiting = Waiting(
            scene, self._outbox, shared.states, participants, self._statistics, self._log, at_once
        )
        self._waitroom = self._waiting.waitroom
        self._candidates = Candidates(
            self._waitroom,
            shared,
            attributes_of=scene.attributes_of,
            crowd_above=gathers_above,
            clock=self._now_s,
        )
        self._probing = EdgeProbing(
            self._waitroom,
            self._outbox,
            max_probes=scene.max_probes_per_participant,
            counts_all=not self._graph.reliability.is_ranking,
            graph=self._graph if at_once > 1 else None,
        )
        self._pending_matches = self._probing.pending
        self._proposer = Proposer(
            checked,
            self._candidates,
            self._waiting,
            self._graph,
            self._statistics,
            self._log,
            group_size=self.group_size,
            at_probe_limit=self._probing.at_limit,
            can_probe=probe_coordinator is not None,
            clock=self._now_s,
        )
        self._verdicts = Verdicts(
            self._graph,
            self._statistics,
            self._log,
            clock=self._now_s,
            wall_clock=shared.wall_clock,
        )
        self._gathers_above = gathers_above
        seed = shared.new_seed()
        plan = self._plan(seed)
        self._endings = GameEndings(scene, self._outbox, participants, shared.new_completion_code)
        self._games = RunningGames(
            scene,
            self._outbox,
            shared,
            participants=participants,
            endings=self._endings,
            log=self._log,
        )
        self._game_maker = GameMaker(
            scene,
            experiment_config,
            shared,
            plan_digest=plan_digest(plan),
            rng=random.Random(seed),
            levels=LatencyLevels(
                () if scene.equal_latency is None else scene.equal_latency.levels_ms,
                # A generator of its own, so that seeds do not depend on the levels.
                random.Random(f"levels of latency {seed}"),
            ),
        )
        self._inbox = GameInbox(self._games, self._outbox)
        with self._outbox.transaction():
            self._log.plan(plan, plan_digest(plan))

    def join(self, subject_id: str) -> None:
        """Match a participant, or return them to their game after a reload of the page.

        Joining again while waiting changes nothing.
        """
        with self._outbox.transaction():
            if self._endings.way_on_of(subject_id) == "waitroom":
                self._games.forget(subject_id)
            if subject_id in self._waitroom:
                self._waiting.tell([subject_id])
            elif self.states.state_of(subject_id) is ParticipantState.IN_GAME:
                self._games.rejoin(subject_id)
            elif self.states.state_of(subject_id) is ParticipantState.IDLE:
                blocked_with = self._blocklist.arrived(subject_id)
                for other in blocked_with:
                    self._graph.block((subject_id, other))
                self._waiting.forget(subject_id)
                server_rtt_ms = self._shared.server_rtt_ms(subject_id)
                self._statistics.arrived(self._now_s(), server_rtt_ms)
                waited_ms = self._waiting.take_waited_before_ms(subject_id)
                if waited_ms:
                    self._add_to_waitroom(subject_id, self._now_s() - waited_ms / 1000)
                self._log.arrival(self._candidates.arrive(subject_id), blocked_with, waited_ms)
                self._add_to_fifo_queue(subject_id)

    def leave(self, subject_id: str, reason: str) -> None:
        """Remove a participant from the waitroom or game; their partners are freed."""
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, reason)
            self._games.depart(subject_id)
            self._take_back_failed_starts()
            self._games.forget(subject_id)

    def leave_waitroom(self, subject_id: str) -> None:
        """End the wait of a participant who did not answer "are you still there?".

        They are told so even if a lost connection has already ended their wait.
        """
        with self._outbox.transaction():
            if self.states.state_of(subject_id) is ParticipantState.IDLE:
                self._waiting.tell_wait_ended(subject_id, "idle")
            else:
                self._leave_waitroom(subject_id, "idle")

    def give_up(self, subject_id: str) -> None:
        """End the wait of a participant who chooses to wait no longer, if the scene lets them.

        Their choice counts even if a lost connection has already ended their wait.
        """
        with self._outbox.transaction():
            if self._waiting.leave_in_ms(subject_id) != 0:
                self._waiting.tell([subject_id])
            elif self.states.state_of(subject_id) is ParticipantState.IDLE:
                self._waiting.give_up_waited(subject_id)
            else:
                self._leave_waitroom(subject_id, "gave_up")

    def restore(self, place: Place) -> None:
        """Take a participant back to where they stood when the server was stopped."""
        with self._outbox.transaction():
            if place.waiting_since_wall_s is not None:
                waited_s = self._shared.wall_clock() - place.waiting_since_wall_s
                self.restore_wait(place.subject_id, waited_s)
            if place.waited_in_vain is not None:
                self._waiting.restore_outcome(place.subject_id, place.waited_in_vain)
            self._games.restore(place)

    def restore_game(self, match: dict[str, Any], events: Sequence[dict[str, Any]]) -> bool:
        """Go on with a game that was going on when the server was stopped, before `restore`.

        Args:
            match: the content of its `match.json`.
            events: the lines of its `events.jsonl`.

        Returns:
            Whether it can go on.
        """
        try:
            with self._outbox.transaction():
                new = self._game_maker.remake(match, events, self._now_s())
                if new is None:
                    return False
                self._games.take_up(new)
                return True
        except (OSError, LookupError, AttributeError, TypeError, ValueError) as error:
            # Another version has written its files, or somebody has changed them.
            logger.error("Game %s cannot be read: %s", match.get("game_id"), error)
            return False

    def restore_wait(self, subject_id: str, waited_s: float) -> None:
        """Let the next wait of a participant begin as if they had waited so long already."""
        self._waiting.restore(subject_id, waited_s)

    def handle_disconnect(self, subject_id: str) -> None:
        """A participant's connection is lost: their wait ends, but their game goes on."""
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, "disconnected")
            self._games.disconnect(subject_id)

    def handle_reconnect(self, subject_id: str) -> None:
        """The page of a participant whose connection was lost is back."""
        with self._outbox.transaction():
            self._games.reconnect(subject_id)

    def handle_reload(self, subject_id: str) -> None:
        """A participant reloaded the page, which lost its state.

        Their wait ends. They can come back to a game that has begun.
        """
        with self._outbox.transaction():
            self._leave_waitroom(subject_id, "reloaded")
            self._games.reload(subject_id)
            self._take_back_failed_starts()
            if self.states.state_of(subject_id) is ParticipantState.IDLE:
                self._games.forget(subject_id)

    def resync(self, subject_id: str) -> None:
        """Send a participant who has just connected their present state."""
        with self._outbox.transaction():
            self._waiting.tell([subject_id])
            self._games.resync(subject_id)
            if self._games.missed_the_return(subject_id):
                self.join(subject_id)

    def outcome_of(self, subject_id: str) -> Outcome | None:
        """How the scene ended for a participant; `None` while they may not go to the next one."""
        with self._outbox.transaction():
            state = self.states.state_of(subject_id)
            if state is ParticipantState.IDLE:
                return self._waiting.outcome_of(subject_id)
            if state is ParticipantState.GAME_ENDED:
                return self._endings.outcome_of(subject_id)
            return None

    def forget(self, subject_id: str) -> None:
        """Drop the state of a participant who has moved on to the next scene."""
        with self._outbox.transaction():
            self._games.forget(subject_id)
            self._waiting.forget(subject_id)

    def has_game(self, game_id: str) -> bool:
        """Whether a game of this scene goes on, or still accepts data."""
        return self._games.meant(game_id) is not None

    def handle_game_message(self, subject_id: str, message: GameMessage) -> Acknowledgement | None:
        """Take what a participant's page says of their game; returns what it is answered."""
        if not isinstance(message, GameQuit | GameFinished):
            return self._inbox.take(subject_id, message)
        # These may end a game that has not started.
        with self._outbox.transaction():
            answer = self._inbox.take(subject_id, message)
            self._take_back_failed_starts()
            return answer

    def tick(self) -> None:
        """Enforce time limits, and ask the matchmaker again if that is due."""
        with self._outbox.transaction():
            self.enforce_limits()
            if self._proposer.is_due():
                self.look_again()
            if self.has_crowd:
                self._waiting.update_in_turn()
            else:
                self._waiting.update(self._now_s())

    def look_at_crowd(self) -> None:
        """Ask the matchmaker if there is a crowd, and tell some of it how they wait.

        In a crowd single events do not make the matchmaker look. Call it every `LOOK_AT_CROWD_S`.
        """
        with self._outbox.transaction():
            if self.has_crowd:
                if self._proposer.is_look_over_crowd_due:
                    self.look_again()
                self._waiting.update_in_turn()

    @property
    def has_crowd(self) -> bool:
        """Whether so many are free that the matchmaker is asked at looks alone."""
        return self._proposer.is_crowd

    def enforce_limits(self) -> None:
        """End games, probes and waits whose time is over, and update server RTTs."""
        with self._outbox.transaction():
            self._games.tick()
            self._take_back_failed_starts()
            self._expire_probes()
            if self._waiting.end_too_long():
                self._match_waiting()
            self._waiting.end_unsuitable(self._graph.reliability)
            if self._is_closed:
                self._waiting.end_all("scene_failed")
            for candidate in self._candidates.refresh():
                self._log.server_rtt(candidate)

    @property
    def open_games(self) -> int:
        """How many games go on, or still accept data."""
        return self._games.open_count

    def stop_matching(self) -> None:
        """Propose nobody any more; those who wait keep their place."""
        with self._outbox.transaction():
            if self._is_closed:
                return
            self._log.stop()
            self._proposer.stop()
            for pending in list(self._pending_matches.values()):
                self._give_up(pending, "the server stops")

    def take_engine_failures(self) -> list[EngineFailure]:
        """What pages have told of environments that fail, since the last call."""
        with self._outbox.transaction():
            return self._games.take_engine_failures()

    def close_scene(self, fault: str, subject_id: str, game_id: str | None) -> None:
        """Begin no game any more, as the environment fails; whoever waits or comes is led on.

        Games that go on are left alone.

        Args:
            fault: how it fails, as a sentence without its full stop.
            subject_id: the participant whose page told of it first.
            game_id: the game in which it did, if one had been made.
        """
        with self._outbox.transaction():
            if self._is_closed:
                return
            self.stop_matching()
            self._is_closed = True
            self._participants.note("scene_stopped", subject_id, game_id=game_id, fault=fault)
            self._waiting.end_all("scene_failed")

    def stop_games(self) -> None:
        """End all games; their last frames are still taken."""
        with self._outbox.transaction():
            self._games.stop()
            self._take_back_failed_starts()

    def close_games(self) -> None:
        """Close the records of all games, which must have ended."""
        with self._outbox.transaction():
            self._games.close()

    def look_again(self) -> None:
        """Ask the matchmaker again if the passing of time alone calls for it."""
        with self._outbox.transaction():
            self._log.look()
            self._match_waiting(is_look=True)

    def probe_settings(self, subject_a: str, subject_b: str) -> ProbeSettings:
        """How the browsers of two participants run their probe.

        The threshold lets them stop early. It is left out where a matchmaker overrides
        `should_reject_for_rtt`, as the verdict may then depend on something else.
        """
        with self._outbox.transaction():
            if not self._proposer.verdict_follows_threshold:
                return ProbeSettings(threshold_ms=None)
            probe = self._pending_matches.probing((subject_a, subject_b))
            group = [] if probe is None else probe.pending["matched"]
            return ProbeSettings(threshold_ms=self._proposer.threshold_ms(group))

    def _add_to_fifo_queue(self, subject_id: str) -> None:
        """Ask for a group for a participant who arrives; if there is none, they wait."""
        with self._outbox.transaction():
            if self._waiting.is_free(subject_id):
                self._match_waiting(self._candidates.candidate_of(subject_id))
                if self._waiting.is_free(subject_id):
                    self._add_to_waitroom(subject_id)

    def _add_to_waitroom(self, subject_id: str, since_s: float | None = None) -> None:
        """Start a participant's wait, from now or from `since_s`, and tell them."""
        with self._outbox.transaction():
            self._waiting.begin(subject_id, since_s)

    def _match_waiting(
        self, arriving: MatchCandidate | None = None, *, is_look: bool = False
    ) -> None:
        """Ask the matchmaker for groups, and start their probes or games."""
        self._waiting.end_unsuitable(self._graph.reliability)
        # An answer has a participant in one group at most. Where they may be in n, a group shares
        # its members with 2(n − 1) others at most, so by then it has been answered.
        # Of a crowd there is one at every look, so that each look takes a bounded while.
        for _ in range(1 if self.has_crowd else 2 * self._at_once - 1):
            groups = self._proposer.groups(arriving, is_look=is_look)
            for group in groups:
                # The matchmaker is user code and may have called back, so much may have changed.
                if self._waiting.can_be_grouped(group, arriving) and not self._is_pending(group):
                    self._begin(group, arriving)
            if not groups:
                return
        if self._at_once > 1:
            self._proposer.look_soon()

    def _is_pending(self, group: Sequence[MatchCandidate]) -> bool:
        """Whether a pair of a group is being measured."""
        return any(self._pending_matches.probing(pair) for pair in pairs_of(group))

    def _begin(self, group: list[MatchCandidate], arriving: MatchCandidate | None) -> None:
        """Measure a proposed group, or let it play if there is no threshold."""
        newest = arriving if arriving in group else max(group, key=_waiting_since_s)
        if self._proposer.is_probing:
            self._probe_and_create_game(group, newest.subject_id)
        else:
            self._proposer.log_proposal(self._shared.new_id(), newest.subject_id, group)
            self._create_game_for_match(group)

    def _probe_and_create_game(
        self, matched: list[MatchCandidate], arriving_subject_id: str
    ) -> None:
        """Reserve a proposed group and measure its unknown edges."""
        with self._outbox.transaction():
            self._add_to_waitroom(arriving_subject_id)
            proposal_id = self._shared.new_id()
            self._proposer.log_proposal(proposal_id, arriving_subject_id, matched)
            unknown = self._proposer.unknown_edges(matched)
            if unknown:
                self._carry_out(
                    self._probing.open(proposal_id, matched, arriving_subject_id, unknown)
                )
            else:
                self._create_game_for_match(matched)

    def _start_probe(self, probe: EdgeProbe) -> None:
        """Effect: have the coordinator probe an edge. It may report the end before the id."""
        if not self._probing.is_running(probe):
            return
        assert self.probe_coordinator is not None, "only a manager with a coordinator probes"
        probe_session_id, has_failed = None, False
        try:
            probe_session_id = self.probe_coordinator.create_probe(
                subject_a=probe.pair[0],
                subject_b=probe.pair[1],
                on_complete=self._on_probe_complete,
            )
        except Exception:
            logger.exception("A probe could not be created")
            has_failed = True
        with self._outbox.transaction():
            if not self._probing.is_running(probe):
                if not has_failed:
                    self._cancel_probes([probe_session_id])
                return
            end = self._probing.started(probe, probe_session_id)
            if has_failed:
                self._on_probe_complete(*probe.pair, None)
            elif end is not None:
                self._on_probe_complete(*probe.pair, end.rtt_ms, report=end.report)

    def _on_probe_complete(
        self,
        subject_a: str,
        subject_b: str,
        rtt_ms: float | None,
        *,
        report: ProbeReport | None = None,
    ) -> None:
        """A probe has ended, with its P2P RTT in milliseconds, or `None` if it failed.

        May be called from any thread, even before `create_probe` has returned. A call for a pair
        that is not being probed, such as a repeated one, is ignored.
        """
        with self._outbox.transaction():
            probe = self._probing.ended((subject_a, subject_b), rtt_ms, report)
            if probe is None:
                return
            if report is not None:
                self._log.probe(report)
            self._proposer.lapse()
            threshold_ms = self._proposer.threshold_ms(probe.pending["matched"])
            is_fault = False
            try:
                rejected = bool(self.matchmaker.should_reject_for_rtt(probe.rtt_ms))
            except Exception as error:
                rejected = is_fault = True
                fault = f"should_reject_for_rtt raised {type(error).__name__}: {error}"
                self._log.fault(probe.pending["arriving_subject_id"], fault)
            if not self._probing.is_running(probe):
                # The matchmaker is user code and may have made a participant leave.
                return
            if (
                probe.rtt_ms is not None
                and threshold_ms is not None
                and self._proposer.is_relaxed(threshold_ms)
            ):
                # The matchmaker judges by its base threshold; waiting has relaxed it.
                rejected = probe.rtt_ms > threshold_ms
            self._verdicts.record(probe, threshold_ms, rejected=rejected, is_fault=is_fault)
            self._carry_out(self._probing.conclude(probe, rejected=rejected))

    def _carry_out(self, outcome: ProbingOutcome) -> None:
        """Carry out the outcome for a pending match: more probes, the game, or re-pooling."""
        match outcome:
            case StillProbing(to_start):
                for probe in to_start:
                    self._outbox.add(partial(self._start_probe, probe))
            case Complete(group):
                self._create_game_for_match(group)
            case Dissolved(candidates, unneeded_probes):
                self._cancel_probes(unneeded_probes)
                self._repool_candidates(candidates)

    def _cancel_probes(self, probe_session_ids: Sequence[str | None]) -> None:
        """Cancel probes that are no longer needed, if the coordinator can."""
        cancel = getattr(self.probe_coordinator, "cancel", None)
        if cancel is not None:
            for probe_session_id in probe_session_ids:
                self._outbox.add(partial(cancel, probe_session_id))

    def _repool_candidates(self, candidates: Sequence[MatchCandidate]) -> None:
        """Make candidates available again: those still waiting keep their place, others join."""
        with self._outbox.transaction():
            returning = []
            for candidate in candidates:
                if self._waiting.is_free(candidate.subject_id):
                    self._add_to_waitroom(candidate.subject_id, candidate.waiting_since_s)
                    returning.append(candidate.subject_id)
            self._log.repool(returning)
            self._match_waiting()

    def _create_game_for_match(self, matched: list[MatchCandidate]) -> None:
        """Begin a game for a group; its members leave the waitroom."""
        with self._outbox.transaction():
            now_s = self._now_s()
            new = self._game_maker.make(
                matched,
                now_s,
                matchmaker=describe_matchmaker(self.matchmaker),
                threshold_ms=self._proposer.threshold_ms(matched),
                since_s=self._waitroom.since_s,
                edge_of=partial(self._graph.edge, now_s=now_s),
                connections=self._probing.take_connections(matched),
            )
            for seat in new.game.seats:
                waited_s = now_s - seat.waiting_since_s
                self._waiting.end_in_game(seat.subject_id, waited_s, new.game.game_id)
            self._log.matched(new.match)
            open_game = self._games.create(new)
            self._outbox.add(partial(self._begin_record, open_game))
            self._games.invite(open_game)
            members = [member.subject_id for member in matched]
            for pending in self._probing.also_reserving(matched):
                self._give_up(pending, "a participant plays with another", without=members)

    def _begin_record(self, open_game: OpenGame) -> None:
        """Effect: begin a game's record. If that fails, the game does not start."""
        try:
            self._games.begin_record(open_game)
        except Exception:
            logger.exception("The record of game %s cannot be begun", open_game.game.game_id)
            with self._outbox.transaction():
                self._games.give_up(open_game)
                self._take_back_failed_starts()

    def _take_back_failed_starts(self) -> None:
        """Return participants whose game could not start to the waitroom."""
        for failed in self._games.take_failed_starts():
            self._return_to_waitroom(failed)

    def _return_to_waitroom(self, failed: FailedStart) -> None:
        """Return a group to the waitroom, and remember which of its pairs could not connect."""
        for seat in failed.back:
            self._add_to_waitroom(seat.subject_id, seat.waiting_since_s)
        back = [seat.subject_id for seat in failed.back]
        causes = causes_of_failed_start(self._games.meant(failed.game_id), back, self._now_s())
        self._log.repool(back, failed.game_id, failed.unconnected, causes)
        self._proposer.lapse()
        self._verdicts.record_failed_start(failed.unconnected, causes)
        # A participant who plays alone has no pair whose backoff would slow down a start that
        # keeps failing, so the next look has to do.
        if self.group_size > 1:
            self._match_waiting()

    def _leave_waitroom(self, subject_id: str, reason: str) -> None:
        """End a participant's wait; those reserved with them are free again."""
        if not self._waiting.end(subject_id, reason):
            return
        reserving = self._pending_matches.reserving(subject_id)
        if not reserving:
            self._match_waiting()
        for pending in reserving:
            self._give_up(pending, f"a participant left: {reason}", without=[subject_id])

    def _give_up(self, pending: PendingMatch, why: str, *, without: Collection[str] = ()) -> None:
        """End a pending match before its verdict; its members are free again, without some."""
        if not self._pending_matches.holds(pending):
            # What followed from another end has ended this one.
            return
        self._verdicts.record_end(pending["probing"][0], "cancelled", why)
        self._carry_out(self._probing.dissolve(pending, without=without))

    def _expire_probes(self) -> None:
        while (probe := self._probing.expired()) is not None:
            self._proposer.lapse()
            self._verdicts.record_failure(probe.pair)
            self._verdicts.record_end(probe, "expired", "the probe never ended")
            self._carry_out(self._probing.dissolve(probe.pending))

    def _plan(self, seed: int) -> dict[str, Any]:
        """The frozen matching plan."""
        return matching_plan(
            self.matchmaker,
            agents=self.scene.human_agents,
            is_probing=self._proposer.is_probing,
            patience_ms=self.scene.waitroom_timeout_ms,
            max_probes_per_participant=self.scene.max_probes_per_participant,
            max_connection_failures=self.scene.max_connection_failures,
            blocked_pairs=self._blocklist.pair_count,
            environment_digest=self.scene.environment_digest,
            gathers_above=self._gathers_above,
            seed=seed,
        )


def _waiting_since_s(candidate: MatchCandidate) -> float:
    return candidate.waiting_since_s or 0.0
