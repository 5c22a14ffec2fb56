"""The netcode's front: one call per tick takes time, the local action and datagrams, and answers
with datagrams to send, what to draw and the rows of newly confirmed frames.

It never sends, sleeps or reads a clock. In a browser ``engine_worker.js`` is the caller; tests and
simulated participants call it just so.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from interactive_gym.netcode import strict_json, wire
from interactive_gym.netcode.checkpoints import CHECKPOINT_INTERVAL, Checkpoints
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, HIDDEN
from interactive_gym.netcode.peer import Peer
from interactive_gym.netcode.recorder import Recorder
from interactive_gym.netcode.rollback_session import (
    AdvanceFrame,
    LoadState,
    Request,
    RollbackSession,
)
from interactive_gym.netcode.simulation import FrameResult, Simulation
from interactive_gym.netcode.time_sync import TimeSync

LINGER_TICKS = 30
"""Ticks for which acknowledgements are still sent to a peer that has not said it is complete."""


def create_game_loop(env: Any, config_json: str) -> "GameLoop":
    """Set up a game of the researcher's environment; it is reset with the first episode's seed.

    Args:
        env: A PettingZoo parallel or a Gymnasium environment.
        config_json: The ``game`` object of docs/protocol.md §2, as JSON.

    Raises:
        ValueError: A value of the config is not usable, the environment's agents are not those of
            the config, or its state cannot be saved.
        TypeError: The object is no environment.
    """
    return GameLoop(env, GameConfig.from_json(config_json))


class GameLoop:
    """One participant's copy of a game.

    Args:
        env: A PettingZoo parallel or a Gymnasium environment, of which the loop takes possession.
        config: The game.
    """

    def __init__(self, env: Any, config: GameConfig) -> None:
        self._config = config
        frame_ms = 1000 / config.fps
        self._session = RollbackSession(
            num_seats=len(config.agents),
            local_seat=config.seat,
            default_input=config.default_action,
            input_delay=config.input_delay,
            max_prediction=config.max_prediction,
        )
        self._simulation = Simulation(adapt(env, config.agents), config)
        self._recorder = Recorder(config.agents, config.actions, self._simulation.info_keys)
        self._peers = {
            seat: Peer(seat, frame_ms) for seat in range(len(config.agents)) if seat != config.seat
        }
        self._checkpoints = Checkpoints(list(self._peers))
        self._time_sync = TimeSync(frame_ms)
        self._states: dict[int, tuple[Any, ...]] = {}
        self._results: dict[int, FrameResult | None] = {}
        self._rollbacks = 0
        self._finished = False
        self._ticks_since_acknowledged = 0
        self._started_at_ms: float | None = None

    def tick(self, now_ms: float, action: int, hidden: bool, incoming: bytes) -> str:
        """Take in what has arrived, advance by one frame if possible, and say what came of it.

        Args:
            now_ms: The time of a clock that never goes back, in milliseconds.
            action: The local participant's action, an index into the table.
            hidden: Whether the participant's page is hidden: the neutral action is used instead.
            incoming: What arrived since the last tick: any number of records of sender's seat
                (uint8), length (uint16, big endian) and datagram.

        Returns:
            A JSON object:

            - ``frame``: how many frames are simulated; ``confirmed_frame``: the last confirmed one,
              or -1; ``advanced``: whether this tick simulated a new frame
            - ``rollback_frames``: frames simulated again in this tick; ``rollbacks``: rollbacks so
              far
            - ``episode``, ``step``: of the next frame; ``draw``: its draw commands
            - ``packets``: list of [seat, datagram in base64] to send
            - ``columns``, ``first_frame``, ``rows``, ``digest``: only if frames were confirmed in
              this tick; their CSV lines, and the digest after the last
            - ``wait_ms``: how much longer than usual to wait before the next tick
            - ``peers``: list of ``seat``, ``silence_ms``, ``rtt_ms`` (or null) and ``frame``
            - ``finished``: every frame of the last episode is confirmed; ``drained``: and no peer
              needs anything from here any more
            - ``desync``: null, or the ``frame`` and ``seat`` of a difference and the ``part`` that
              differs (``rows``, or only the ``state``), after which the loop does not advance

        Raises:
            ValueError: ``action`` is not in the table. What arrives from peers never raises.
        """
        if not 0 <= action < len(self._config.actions):
            raise ValueError(
                f"action must be an index into the table of {len(self._config.actions)} actions, "
                f"not {action!r}."
            )
        if self._started_at_ms is None:
            self._started_at_ms = now_ms
        self._receive(incoming, now_ms)
        rollback_frames = 0
        advanced = False
        rows: list[str] = []
        first_frame = self._recorder.frames
        if self._checkpoints.desync is None and not self._finished:
            rollback_frames = self._carry_out(self._session.correct())
            if rollback_frames:
                self._rollbacks += 1
            advanced = self._session.may_advance and not self._simulation.is_over
            if advanced:
                local_input = self._config.default_action | HIDDEN if hidden else action
                self._carry_out(self._session.advance(local_input))
            rows = self._record()
        result = self._report(now_ms, advanced, rollback_frames)
        if rows:
            result["columns"] = self._recorder.columns
            result["first_frame"] = first_frame
            result["rows"] = rows
            result["digest"] = self._recorder.digest
        return strict_json.dumps(result)

    def picture(self) -> str:
        """The draw commands of the present state, as JSON: what to show before the first tick."""
        return strict_json.dumps(self._simulation.render())

    def _receive(self, incoming: bytes, now_ms: float) -> None:
        for seat, datagram in split_records(incoming):
            message = wire.decode(datagram, self._config.session_tag)
            peer = self._peers.get(seat)
            if message is None or peer is None or message.seat != seat:
                continue
            if not self._is_possible(message):
                continue
            if not self._session.add_remote_inputs(seat, message.first_input, message.inputs):
                continue
            peer.hear(message, now_ms)
            self._checkpoints.add_remote(seat, message.checkpoint, message.checksums)

    def _is_possible(self, message: wire.InputMessage) -> bool:
        """Whether a peer that follows the rules can have sent this.

        Nobody can acknowledge or confirm a frame whose input was not made here yet, nor simulate
        further beyond it than the prediction limit, nor use an action that is not in the table.
        """
        made = self._session.local_queue.count
        furthest = made + self._config.max_prediction
        if message.acknowledged > made or message.checkpoint > made or message.frame > furthest:
            return False
        if message.first_input + len(message.inputs) > furthest + MAX_INPUT_DELAY:
            return False
        num_actions = len(self._config.actions)
        return all(value & ACTION_MASK < num_actions for value in message.inputs)

    def _carry_out(self, requests: Iterable[Request]) -> int:
        """Do what the session asks for; return how many frames were simulated."""
        simulated = 0
        for request in requests:
            if isinstance(request, AdvanceFrame):
                self._results[request.frame] = self._simulation.step(request.inputs)
                simulated += 1
            elif isinstance(request, LoadState):
                self._simulation.load(self._states[request.frame])
            else:
                self._states[request.frame] = self._simulation.save()
        return simulated

    def _record(self) -> list[str]:
        """Record every newly confirmed frame, forget what only rollback needed; return the rows."""
        rows: list[str] = []
        recorder = self._recorder
        confirmed = self._session.confirmed
        while recorder.frames < confirmed and not self._finished:
            frame = recorder.frames
            result = self._results.pop(frame)
            del self._states[frame]
            assert result is not None, "a frame after the game's end cannot come before it"
            rows += recorder.record(result)
            self._finished = result.ends_game
            if self._finished or recorder.frames % CHECKPOINT_INTERVAL == 0:
                self._add_checkpoint()
        self._session.forget_before(confirmed)
        return rows

    def _add_checkpoint(self) -> None:
        """Add a checkpoint after the recorded frames.

        The state is the one saved before the next frame, which has seen confirmed inputs only; the
        present one may be further on. Where no frame follows, both are the same.
        """
        frames = self._recorder.frames
        state = self._states[frames] if frames in self._states else self._simulation.save()
        digest = self._simulation.digest(state)
        self._checkpoints.add_local(frames, self._recorder.checksum, digest)

    def _report(self, now_ms: float, advanced: bool, rollback_frames: int) -> dict[str, Any]:
        frame = self._recorder.frames if self._finished else self._session.frame
        desync = self._checkpoints.desync
        self._time_sync.observe(
            (peer.estimate_lead(frame, now_ms), peer.lead)
            for peer in self._peers.values()
            if peer.lead is not None
        )
        packets = self._packets(frame, now_ms)
        return {
            "frame": frame,
            "confirmed_frame": self._recorder.frames - 1,
            "advanced": advanced,
            "rollback_frames": rollback_frames,
            "rollbacks": self._rollbacks,
            "episode": self._simulation.episode,
            "step": self._simulation.step_number,
            "draw": self._simulation.render(),
            "packets": packets,
            "wait_ms": self._time_sync.wait_ms() if advanced else 0,
            "peers": [
                {
                    "seat": peer.seat,
                    "silence_ms": peer.silence_ms(now_ms, self._started_at_ms or now_ms),
                    "rtt_ms": peer.rtt_ms,
                    "frame": peer.frame,
                }
                for peer in self._peers.values()
            ],
            "finished": self._finished,
            "drained": self._is_drained(),
            "desync": None if desync is None else desync._asdict(),
        }

    def _packets(self, frame: int, now_ms: float) -> list[tuple[int, str]]:
        complete = self._owes_nothing()
        if complete:
            self._ticks_since_acknowledged += 1
        checkpoint, checksums = self._checkpoints.newest
        packets = []
        for seat, peer in self._peers.items():
            message = wire.InputMessage(
                seat=self._config.seat,
                complete=complete,
                frame=frame,
                lead=peer.estimate_lead(frame, now_ms),
                sent_at=wire.clock_stamp(now_ms),
                echo=peer.echo(now_ms),
                acknowledged=self._session.queues[seat].count,
                checkpoint=checkpoint,
                checksums=checksums,
                first_input=peer.acknowledged,
                inputs=self._session.local_queue.since(peer.acknowledged),
            )
            datagram = wire.encode(message, self._config.session_tag)
            packets.append((seat, b64encode(datagram).decode()))
        return packets

    def _owes_nothing(self) -> bool:
        """Whether every frame is confirmed here and every peer has acknowledged every input."""
        made = self._session.local_queue.count
        return self._finished and all(peer.acknowledged == made for peer in self._peers.values())

    def _is_drained(self) -> bool:
        """Whether to stop sending: the peers are complete, or have had ample time to hear it."""
        if not self._owes_nothing():
            return False
        lingered = self._ticks_since_acknowledged >= LINGER_TICKS
        return lingered or all(peer.complete for peer in self._peers.values())


def split_records(incoming: bytes) -> Iterator[tuple[int, bytes]]:
    """The seat and datagram of every record; a truncated tail is left out."""
    position = 0
    while position + 3 <= len(incoming):
        size = int.from_bytes(incoming[position + 1 : position + 3], "big")
        end = position + 3 + size
        if end > len(incoming):
            return
        yield incoming[position], incoming[position + 3 : end]
        position = end


def join_records(records: Sequence[tuple[int, bytes]]) -> bytes:
    """Records of seat and datagram in the form that ``tick`` takes them."""
    return b"".join(
        bytes([seat]) + len(datagram).to_bytes(2, "big") + datagram for seat, datagram in records
    )
