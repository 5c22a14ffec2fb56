"""One running experiment: leads every participant from scene to scene.

What happens inside a game scene is left to the scene's GameManager.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from interactive_gym.options.outcomes import Outcome
from interactive_gym.scenes.device_check import DeviceCheck
from interactive_gym.scenes.page_scene import StaticScene
from interactive_gym.scenes.scene import Scene
from interactive_gym.scenes.way import Way
from interactive_gym.server.data.data_store import DataStore
from interactive_gym.server.game_manager import LOOK_AT_CROWD_S, GameManager
from interactive_gym.server.games.events import GameData, GameMessage
from interactive_gym.server.games.late_games import LateGames
from interactive_gym.server.games.uploads import Acknowledgement
from interactive_gym.server.messages.answers import AdvanceScene
from interactive_gym.server.participants.answers import Answers
from interactive_gym.server.participants.device_checks import DeviceChecks
from interactive_gym.server.participants.journal import Place
from interactive_gym.server.participants.load_failures import (
    LoadFailures,
    Resource,
    plain_reason,
)
from interactive_gym.server.participants.recruited import RecruitmentLog
from interactive_gym.server.participants.registry import (
    Arrival,
    Connection,
    Participant,
    ParticipantRegistry,
    Refusal,
)
from interactive_gym.server.participants.server_rtt import FIRST_SAMPLES, ServerRttMeter
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.verifying.rehearsals import Claim, Rehearsals
from interactive_gym.server.verifying.verifier import Verifier

logger = logging.getLogger(__name__)

SWEEP_INTERVAL_S = 0.5
"""How often deadlines are checked."""
RTT_INTERVAL_S = 5.0
"""How often the server RTT of every participant is measured, in seconds."""


class RunningExperiment:
    """The participants of one experiment and the parts that serve them."""

    def __init__(
        self,
        way: Way,
        sio: Any,
        *,
        participants: ParticipantRegistry,
        probe_coordinator: ProbeCoordinator,
        managers: Mapping[str, GameManager],
        data_store: DataStore,
        late_games: LateGames,
        server_rtt: ServerRttMeter,
        rehearsals: Rehearsals,
        verifier: Verifier | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            way: the scenes, and who comes to which of them.
            sio: the Socket.IO server; every participant has a room named by their subject id.
            participants: the registry of participants.
            probe_coordinator: runs the probes of all scenes.
            managers: a GameManager for each GymScene, by scene id.
            data_store: keeps the record of participants' progress.
            late_games: takes what comes of games that are over.
            server_rtt: measures participants' server RTT.
            rehearsals: looks into what pages tell of environments that fail.
            verifier: has games simulated again when they end; None if nobody is to.
        """
        self._participants = participants
        self._probe_coordinator = probe_coordinator
        self._way = way
        self._sio = sio
        self._managers = managers
        self._data_store = data_store
        self._late_games = late_games
        self._server_rtt = server_rtt
        self._rehearsals = rehearsals
        self._verifier = verifier
        self._is_stopping = False
        self._load_failures = LoadFailures()
        self._recruitment_log = RecruitmentLog(data_store.log_recruitment)
        self._answers = Answers(way.scenes, data_store.log_answers)
        self._device_checks = DeviceChecks(server_rtt, data_store.log_participant)

    def scene_of(self, participant: Participant) -> Scene:
        """Return the scene a participant is in."""
        return self._way.scenes[participant.scene_index]

    def manager_of(self, participant: Participant) -> GameManager | None:
        """Return the manager of a participant's scene, or None outside a game scene."""
        return self._managers.get(self.scene_of(participant).scene_id)

    def restore(self, places: Iterable[Place], answers: Iterable[Mapping[str, Any]] = ()) -> None:
        """Take everyone back to where they stood when the server was stopped.

        Whoever was in a scene that the script has no longer begins anew.

        Args:
            places: where they stood.
            answers: the lines of all answers.
        """
        self._answers.restore(answers)
        index_of = {scene.scene_id: index for index, scene in enumerate(self._way.scenes)}
        for place in places:
            scene_index = index_of.get(place.scene_id or "", 0)
            self._participants.restore(place, scene_index)
            self._recruitment_log.restore(place.subject_id)
            manager = self._managers.get(self._way.scenes[scene_index].scene_id)
            if manager is not None:
                manager.restore(place)

    def connect(
        self, token: object, page_id: object, sid: str, *, takes_over: bool = False
    ) -> Refusal | None:
        """Accept a socket, or return why it is refused; see `ParticipantRegistry.connect`."""
        connection = self._participants.connect(token, page_id, sid, takes_over=takes_over)
        if not isinstance(connection, Connection):
            return connection
        participant = connection.participant
        if connection.replaced_sid is not None:
            self._drop_replaced(connection.replaced_sid, participant, connection.arrival)
        self._sio.server.enter_room(sid, participant.subject_id, namespace="/")
        if connection.arrival is Arrival.FIRST:
            self._recruitment_log.note(participant.subject_id, participant.recruited)
            self._data_store.log_participant(
                "started",
                participant.subject_id,
                completion_code=participant.completion_code,
            )
            self._log_scene(participant)
        if connection.arrival is not Arrival.RECONNECTED:
            self._data_store.log_participant(
                "page_loaded", participant.subject_id, page_id=participant.page_id
            )
        elif connection.replaced_sid is None:
            self._data_store.log_participant("reconnected", participant.subject_id)
        manager = self.manager_of(participant)
        if manager is not None and connection.arrival is Arrival.RELOADED:
            manager.handle_reload(participant.subject_id)
        elif manager is not None and connection.arrival is Arrival.RECONNECTED:
            manager.handle_reconnect(participant.subject_id)
        self._send_scene(participant)
        if manager is not None:
            manager.resync(participant.subject_id)
        if self._is_stopping:
            self._sio.emit("server_stopping", {}, to=participant.subject_id)
        self._server_rtt.measure(participant.subject_id, sid, in_a_row=FIRST_SAMPLES)
        return None

    def note_load_failure(self, token: str, resource: Resource, reason: str) -> bool:
        """Keep that a page could not load something; returns whether the token is genuine.

        A page may fail before it connects, so its participant may be unknown: who they are to the
        recruitment platform is kept, too.
        """
        identity = self._participants.identity_of(token)
        if identity is None:
            return False
        if self._load_failures.is_new(identity.subject_id, resource):
            reason = plain_reason(reason)
            logger.warning(
                "A page of participant %s failed to load (%s): %s",
                identity.subject_id,
                resource,
                reason,
            )
            self._recruitment_log.note(identity.subject_id, identity.recruited)
            self._data_store.log_participant(
                "load_failed",
                identity.subject_id,
                resource=resource,
                reason=reason,
            )
            if resource == "game":
                self._rehearse_for(identity.subject_id)
        return True

    def disconnect(self, sid: str, reason: str | None = None) -> None:
        """Note that a socket is gone, unless another one has replaced it.

        Args:
            sid: the socket.
            reason: why the server has ended it, if it has.
        """
        participant = self._participants.disconnect(sid)
        if participant is None:
            return
        if reason is not None and reason not in participant.cut_off_for:
            participant.cut_off_for.add(reason)
            self._data_store.log_participant("cut_off", participant.subject_id, reason=reason)
        self._data_store.log_participant("disconnected", participant.subject_id)
        manager = self.manager_of(participant)
        if manager is not None:
            manager.handle_disconnect(participant.subject_id)
        self._probe_coordinator.handle_disconnect(participant.subject_id)

    def advance(self, participant: Participant, sent: AdvanceScene) -> dict[str, Any] | None:
        """Move a participant on from the scene they say, if they are there and may leave it.

        A game scene may be left only with an outcome, a page with answers that keep its rules.

        Returns:
            What the page is answered: why it cannot be left yet, nothing if it is left, None if
            the participant is not there.
        """
        scene = self.scene_of(participant)
        if scene.scene_id != sent.scene_id or self._way.is_at_end(participant):
            return None
        outcome: Outcome | None = None
        manager = self.manager_of(participant)
        if manager is not None:
            outcome = manager.outcome_of(participant.subject_id)
            if outcome is None:
                return None
            manager.forget(participant.subject_id)
        elif isinstance(scene, DeviceCheck):
            reply = self._device_checks.take(participant, scene, sent.device)
            if reply is not None:
                return reply
            outcome = None if participant.exclusion_message is None else "screened_out"
        elif isinstance(scene, StaticScene):
            taken = self._answers.take(participant.subject_id, scene, sent)
            if taken.stays:
                return taken.reply
            self._answers.forget(participant.subject_id, scene.scene_id)
            outcome = taken.judgement.way_out
        if outcome is not None:
            participant.outcomes[scene.scene_id] = outcome
            self._data_store.log_participant(
                "scene_left", participant.subject_id, scene_id=scene.scene_id, outcome=outcome
            )
        participant.scene_index = self._way.next_index(participant)
        self._log_scene(participant)
        self._send_scene(participant)
        return {}

    def take_game_message(
        self, participant: Participant, message: GameMessage
    ) -> Acknowledgement | None:
        """Take what a page says about a game, also of an earlier scene, or one that is over.

        Returns:
            What the page is answered, if the message was taken.
        """
        subject_id = participant.subject_id
        if isinstance(message, GameData) and message.token is not None:
            identity = self._participants.identity_of(message.token)
            if identity is None:
                return None
            subject_id = identity.subject_id
        for manager in self._managers.values():
            if manager.has_game(message.game_id):
                return manager.handle_game_message(subject_id, message)
        if isinstance(message, GameData):
            return self._late_games.take(subject_id, message)
        return None

    def join(self, participant: Participant, scene_id: str) -> None:
        """Put a participant into the waitroom of their game scene, or back into their game."""
        manager = self._manager_meant(participant, scene_id)
        if manager is not None:
            manager.join(participant.subject_id)

    def leave_waitroom(self, participant: Participant, scene_id: str) -> None:
        """End the wait of a participant who did not answer "are you still there?"."""
        manager = self._manager_meant(participant, scene_id)
        if manager is not None:
            manager.leave_waitroom(participant.subject_id)

    def give_up_waiting(self, participant: Participant, scene_id: str) -> None:
        """End the wait of a participant who chooses to wait no longer, where they may."""
        manager = self._manager_meant(participant, scene_id)
        if manager is not None:
            manager.give_up(participant.subject_id)

    @property
    def open_games(self) -> int:
        """How many games go on, or still accept data."""
        return sum(manager.open_games for manager in self._managers.values())

    def stop_admissions(self) -> None:
        """Let nobody new in and begin no game, as the server is about to be stopped.

        Everyone who is here is told that their place is kept.
        """
        self._is_stopping = True
        self._participants.stop_admissions()
        for manager in self._managers.values():
            manager.stop_matching()
        for participant in self._participants.connected():
            self._sio.emit("server_stopping", {}, to=participant.subject_id)

    def stop_games(self) -> None:
        """End all games; their last frames are still taken."""
        for manager in self._managers.values():
            manager.stop_games()

    def close_games(self) -> None:
        """Close the records of all games, which must have ended."""
        for manager in self._managers.values():
            manager.close_games()

    def close(self) -> None:
        """Bring all data safely onto the disk. Nothing may be written afterwards."""
        self._rehearsals.close()
        if self._verifier is not None:
            self._verifier.close()
        self._data_store.close()

    def run_sweeps(self, sleep: Callable[[float], None]) -> None:
        """Enforce deadlines for as long as the server runs."""
        while True:
            for _ in range(round(SWEEP_INTERVAL_S / LOOK_AT_CROWD_S) - 1):
                sleep(LOOK_AT_CROWD_S)
                for manager in self._managers.values():
                    self._guarded(manager.look_at_crowd)
            sleep(LOOK_AT_CROWD_S)
            self._guarded(self._probe_coordinator.sweep)
            for manager in self._managers.values():
                self._guarded(manager.tick)
            self._guarded(self._rehearse)
            self._guarded(self._verify)
            self._guarded(self._data_store.tick)

    def measure_server_rtts(self, sleep: Callable[[float], None]) -> None:
        """Measure everyone's server RTT for as long as the server runs, one after the other.

        Asked all at once, participants would answer at once, and the last answers would wait for
        the first to be read: the server would measure its own queue.
        """
        while True:
            present = self._participants.connected()
            for participant in present:
                self._guarded(partial(self._measure_server_rtt, participant))
                sleep(RTT_INTERVAL_S / len(present))
            if not present:
                sleep(RTT_INTERVAL_S)

    def _rehearse(self) -> None:
        """Look into what pages tell of environments that fail; close a scene whose own does."""
        for scene_id, manager in self._managers.items():
            for failure in manager.take_engine_failures():
                self._rehearsals.add(Claim(scene_id, failure.subject_id, failure.match))
        confirmed = self._rehearsals.tick()
        if confirmed is None:
            return
        claim = confirmed.claim
        logger.error(
            "THE SCENE %r IS STOPPED, as its environment fails: %s. The server has seen it, too, "
            "with the game %s. Whoever waits or comes is told of a technical problem and led on "
            "with the outcome technical_error. Mend the environment, and start the server again.",
            claim.scene_id,
            confirmed.fault,
            claim.game_id,
        )
        self._managers[claim.scene_id].close_scene(confirmed.fault, claim.subject_id, claim.game_id)

    def _rehearse_for(self, subject_id: str) -> None:
        """Look into a page's claim that the game of its scene could not be loaded."""
        participant = self._participants.get(subject_id)
        if participant is not None and self.manager_of(participant) is not None:
            self._rehearsals.add(Claim(self.scene_of(participant).scene_id, subject_id))

    def _verify(self) -> None:
        closed, amended = self._data_store.take_closed_games(), self._late_games.take_amended()
        if self._verifier is not None:
            self._verifier.tick(closed, amended)

    def _manager_meant(self, participant: Participant, scene_id: str) -> GameManager | None:
        """The manager of a participant's scene, if that scene is *scene_id*."""
        is_present = self.scene_of(participant).scene_id == scene_id
        return self.manager_of(participant) if is_present else None

    def _drop_replaced(self, sid: str, participant: Participant, arrival: Arrival) -> None:
        if arrival is Arrival.RELOADED:
            self._sio.emit("session_replaced", {}, to=sid)
        self._sio.server.leave_room(sid, participant.subject_id, namespace="/")
        self._sio.start_background_task(self._sio.server.disconnect, sid, "/")

    def _send_scene(self, participant: Participant) -> None:
        scene = self.scene_of(participant)
        payload = {
            "index": participant.scene_index,
            "scene": {
                **scene.to_client(participant),
                **(self._way.last_page(participant) if self._way.is_at_end(participant) else {}),
            },
            "own_code": participant.completion_code,
            "tries": self._answers.tries_of(
                participant.subject_id, self.scene_of(participant).scene_id
            ),
        }
        self._sio.emit("scene", payload, to=participant.subject_id)

    def _log_scene(self, participant: Participant) -> None:
        scene, subject_id = self.scene_of(participant), participant.subject_id
        self._data_store.log_participant("scene_entered", subject_id, scene_id=scene.scene_id)
        if self._way.is_at_end(participant):
            code = self._way.completion_code(participant)
            self._data_store.log_participant(
                "completed", subject_id, outcome=participant.outcome, completion_code=code
            )

    def _measure_server_rtt(self, participant: Participant) -> None:
        if participant.sid is not None:
            self._server_rtt.measure(participant.subject_id, participant.sid)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            logger.exception("A sweep failed; the next one follows.")
