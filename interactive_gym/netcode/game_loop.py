"""The entrance of the netcode: one call per tick takes time, the local action and datagrams, and
returns datagrams to send, what to draw and the rows of newly confirmed frames.

It sends nothing and reads no clock. In a browser ``engine_worker.js`` calls it; tests and simulated
participants call it in the same way.
"""

import itertools
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from interactive_gym.netcode import strict_json
from interactive_gym.netcode.checkpoints import CHECKPOINT_INTERVAL, Checkpoints
from interactive_gym.netcode.delay_advisor import LOWER_S, DelayAdvisor
from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.effect_delay import EffectDelay
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.history import history_frames
from interactive_gym.netcode.input_queue import HIDDEN
from interactive_gym.netcode.mesh import Mesh
from interactive_gym.netcode.network_statistics import NetworkStatistics
from interactive_gym.netcode.recorder import Recorder
from interactive_gym.netcode.rollback_session import (
    AdvanceFrame,
    LoadState,
    Request,
    RollbackSession,
)
from interactive_gym.netcode.simulation import FrameResult, Simulation
from interactive_gym.netcode.time_sync import TimeSync

LINGER_TICKS = 90
"""Ticks for which acknowledgements are still sent to a peer that has not said it is complete."""

MAX_RELEASED_ROWS, MAX_RELEASED_CHARS = 2000, 100_000
"""Most rows, and characters in them, that one tick hands out, but for those of a single frame: the
page sends what a tick handed out in one piece."""

MIN_REPLAY, MAX_REPLAY = 8, 512
"""Fewest and most frames that a participant who reloaded simulates again in one tick."""


def create_game_loop(
    env: Any, config_json: str, namespace: Mapping[str, Any] | None = None
) -> "GameLoop":
    """Set up a game; the environment is reset with the first episode's seed.

    Args:
        env: A PettingZoo parallel or a Gymnasium environment.
        config_json: The ``game`` object of docs/protocol.md §2, as JSON.
        namespace: The variables of the environment's code, if the config names a policy of it.

    Raises:
        ValueError: A value of the config is not usable, the environment's agents are not those of
            the config, a policy is not there, or a state cannot be saved.
        TypeError: The object is not an environment.
    """
    return GameLoop(env, GameConfig.from_json(config_json), namespace)


class GameLoop:
    """One participant's copy of a game.

    Args:
        env: A PettingZoo parallel or a Gymnasium environment, which the loop changes.
        config: The game.
        namespace: Where the names of policies are looked up.
    """

    def __init__(
        self, env: Any, config: GameConfig, namespace: Mapping[str, Any] | None = None
    ) -> None:
        self._config = config
        history = history_frames(config)
        self._session = RollbackSession(
            num_seats=config.num_seats,
            local_seat=config.seat,
            default_input=config.default_action,
            input_delay=config.input_delay,
            max_prediction=config.max_prediction,
            recalls=config.incarnation > 0 and config.history is None,
            delays=_delays_of(config, history),
            history=[inputs[: config.num_seats] for inputs in history],
        )
        self._simulation = Simulation(adapt(env, config.agents), config, namespace or {})
        self._recorder = Recorder(config, self._simulation.info_keys)
        peer_seats = [seat for seat in range(config.num_seats) if seat != config.seat]
        self._checkpoints = Checkpoints(peer_seats)
        self._mesh = Mesh(config, self._session, self._checkpoints)
        self._time_sync = TimeSync(config.frame_ms)
        self._statistics = NetworkStatistics(config.input_delay)
        self._effect_delay = EffectDelay(config.frame_ms)
        self._advisor = DelayAdvisor(config.fps, config.max_prediction)
        self._wish: int | None = None
        self._states: dict[int, tuple[Any, ...]] = {}
        self._results: dict[int, FrameResult | None] = {}
        self._unreleased: deque[tuple[list[str], str]] = deque()
        self._rollbacks = 0
        self._ended = False
        self._cut_short = False
        self._ticks_since_acknowledged = 0
        self._replay_limit = MIN_REPLAY
        self._started_at_ms: float | None = None
        self._ticked_at_ms = 0.0

    def tick(self, now_ms: float, action: int, hidden: bool, incoming: bytes) -> str:
        """Take in what has arrived, advance by one frame if possible, and return the results.

        Args:
            now_ms: The time of a clock that never goes back, in milliseconds.
            action: The local participant's action, an index into the table.
            hidden: Whether the participant's page is hidden; the default action is used then.
            incoming: What arrived since the last tick: any number of records of sender's seat
                (uint8), length (uint16, big endian) and datagram.

        Returns:
            A JSON object:

            - ``frame``: how many frames are simulated; ``confirmed_frame``: the last confirmed one,
              or -1; ``advanced``: whether this tick used the action and simulated a new frame
            - ``rollback_frames``: frames simulated again in this tick; ``rollbacks``: rollbacks so
              far
            - ``input_delay``: in frames, of the newest frame
            - ``episode``, ``step``: of the next frame; ``draw``: its draw commands, or null while
              resuming; ``corrected``: after a rollback, what the last tick's ``draw`` would have
              been with the inputs known now, else null
            - ``packets``: list of [seat, datagram in base64] to send
            - ``columns``, ``first_frame``, ``rows``, ``digest``: only if rows were released in this
              tick; CSV lines, and the digest after the last. The rows of a confirmed frame are
              released once every participant who was not cut holds all inputs of it, so that no
              later loss of a participant can contradict them, and has brought its own; after a
              desync, once the latter is so, or never. A tick
              releases so much that a page can send it in one piece, and the next ones the rest
            - ``wait_ms``: how much longer than usual to wait before the next tick
            - ``peers``: list of ``seat``, ``silence_ms``, ``rtt_ms`` (or null), ``frame`` and
              ``resuming`` (whether they reloaded and lack inputs), without those cut
            - ``cuts``: list of ``seat`` and ``frames`` (inputs of theirs that count, or null until
              the others agree)
            - ``resuming``: null, or after a reload the ``frame`` reached and the frame ``of`` which
              the game goes on
            - ``network``: about once a second a list of rows for ``network.csv``, one per peer (see
              ``network_statistics``), else an empty list
            - ``finished``: the rows of every frame of the game are released; ``cut_short``: the
              game has ended at the last frame of a lost participant, before its own end;
              ``drained``: finished, and no peer needs anything from here any more
            - ``desync``: null, or the ``frame`` and ``seat`` of a difference and the ``part`` that
              differs (``rows``, or only the ``state``), after which the loop does not advance. Told
              once all rows are released

        Raises:
            ValueError: ``action`` is not in the table, or a frame makes a row that cannot be
                stored. What arrives from peers never raises.
        """
        if not 0 <= action < len(self._config.actions):
            raise ValueError(
                f"action must be an index into the table of {len(self._config.actions)} actions, "
                f"not {action!r}."
            )
        if self._started_at_ms is None:
            self._started_at_ms = self._ticked_at_ms = now_ms
        self._mesh.receive(split_records(incoming), now_ms)
        self._mesh.settle()
        rollback_frames = 0
        corrected = None
        advanced = False
        if self._checkpoints.desync is None and not self._ended:
            rollback_frames = self._carry_out(self._session.correct())
            if rollback_frames:
                self._rollbacks += 1
                corrected = self._simulation.render()
            self._record()
            self._rebuild(now_ms - self._ticked_at_ms)
            advanced = self._may_advance()
            if advanced:
                local_input = self._config.default_action | HIDDEN if hidden else action
                self._carry_out(self._session.advance(local_input, self._wish))
                self._wish = None
                self._record()
        self._ticked_at_ms = now_ms
        released = self._release()
        result = self._report(now_ms, advanced, rollback_frames)
        self._note_statistics(now_ms, advanced, rollback_frames)
        result["corrected"] = corrected if result["draw"] is not None else None
        result["network"] = self._statistics.take_rows(self._recorder.frames)
        return strict_json.dumps({**result, **released})

    def cut(self, seat: int) -> None:
        """Play on without a participant who is lost for good.

        Every other participant must be told the same, as they agree on the last input that counts:
        the last that any of them holds. Cutting a seat again changes nothing.

        Args:
            seat: The seat of the lost participant.

        Raises:
            ValueError: It is not the seat of another participant.
        """
        if seat == self._config.seat or not 0 <= seat < self._config.num_seats:
            raise ValueError(f"seat must be that of another participant, not {seat!r}.")
        self._mesh.cut(seat)

    def picture(self) -> str:
        """The draw commands of the present state, as JSON: what to show before the first tick."""
        return strict_json.dumps(self._simulation.render())

    def _may_advance(self) -> bool:
        if self._ended or self._simulation.is_over or not self._session.may_advance:
            return False
        last = self._frames_at_most()
        return last is None or self._session.frame < last

    def _frames_at_most(self) -> int | None:
        """How many frames the game has if a cut ends it; None otherwise."""
        if self._config.on_cut != "end":
            return None
        return min(
            (frames for frames in self._mesh.cuts.values() if frames is not None), default=None
        )

    def _rebuild(self, tick_ms: float) -> None:
        """Simulate confirmed frames again after a reload, as many as fit into a tick."""
        if not self._session.may_rebuild:
            return
        if tick_ms > 2 * self._config.frame_ms:
            self._replay_limit = max(MIN_REPLAY, self._replay_limit // 2)
        else:
            self._replay_limit = min(MAX_REPLAY, self._replay_limit * 2)
        for _ in range(self._replay_limit):
            if not self._session.may_rebuild or self._ended:
                break
            self._carry_out(self._session.rebuild())
            self._record()

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

    def _record(self) -> None:
        """Record every newly confirmed frame and forget what only rollback needed."""
        recorder = self._recorder
        confirmed = self._session.confirmed
        last = self._frames_at_most()
        while not self._ended:
            frame = recorder.frames
            if frame == last:
                self._ended = self._cut_short = True
            elif frame < confirmed:
                result = self._results.pop(frame)
                self._states.pop(frame, None)
                assert result is not None, "a frame after the game's end cannot come before it"
                rows = recorder.record(result, self._session.input_delay_at(frame))
                self._unreleased.append((rows, recorder.digest))
                self._ended = result.ends_game
            else:
                break
            if recorder.frames > self._checkpoints.newest[0] and (
                self._ended or recorder.frames % CHECKPOINT_INTERVAL == 0
            ):
                self._add_checkpoint()
        self._session.forget_before(confirmed)

    def _add_checkpoint(self) -> None:
        """Add a checkpoint after the recorded frames.

        The state is the one saved before the next frame, which has seen confirmed inputs only; the
        present one may be further on. Where no frame follows, both are the same.
        """
        frames = self._recorder.frames
        state = self._states[frames] if frames in self._states else self._simulation.save()
        digest = self._simulation.digest(state)
        self._checkpoints.add_local(frames, self._recorder.checksum, digest)

    def _release(self) -> dict[str, Any]:
        """The part of the result with rows; empty if there are none to hand out."""
        first_frame = self._recorder.frames - len(self._unreleased)
        held = self._mesh.held
        if self._checkpoints.desync:
            held = self._mesh.vouched
            # What somebody relayed, and its origin did not say, may be what the desync comes from.
            while held is not None and len(self._unreleased) > max(0, held - first_frame):
                self._unreleased.pop()
        count = len(self._unreleased)
        if held is not None:
            count = max(0, min(count, held - first_frame))
        released: list[tuple[list[str], str]] = []
        rows = chars = 0
        for lines, digest in itertools.islice(self._unreleased, count):
            rows += len(lines)
            chars += sum(map(len, lines))
            if released and (rows > MAX_RELEASED_ROWS or chars > MAX_RELEASED_CHARS):
                break
            released.append((lines, digest))
        if not released:
            return {}
        for _ in released:
            self._unreleased.popleft()
        return {
            "columns": self._recorder.columns,
            "first_frame": first_frame,
            "rows": [row for lines, _ in released for row in lines],
            "digest": released[-1][1],
        }

    def _report(self, now_ms: float, advanced: bool, rollback_frames: int) -> dict[str, Any]:
        frame = self._recorder.frames if self._ended else self._session.frame
        desync = None if self._unreleased else self._checkpoints.desync
        is_resuming = self._session.recalls or self._session.is_behind
        peers = self._mesh.peers.values()
        self._time_sync.observe(
            (peer.estimate_lead(frame, now_ms), peer.lead)
            for peer in peers
            if peer.lead is not None and not peer.resuming and not is_resuming
        )
        complete = self._owes_nothing()
        if complete:
            self._ticks_since_acknowledged += 1
        messages = self._mesh.messages(frame, complete, now_ms)
        return {
            "frame": frame,
            "confirmed_frame": self._recorder.frames - 1,
            "advanced": advanced,
            "rollback_frames": rollback_frames,
            "rollbacks": self._rollbacks,
            "input_delay": self._session.input_delay_at(frame - 1),
            "episode": self._simulation.episode,
            "step": self._simulation.step_number,
            "draw": None if is_resuming else self._simulation.render(),
            "packets": [(seat, b64encode(datagram).decode()) for seat, datagram in messages],
            "wait_ms": self._time_sync.wait_ms() if advanced else 0,
            "peers": [
                {
                    "seat": peer.seat,
                    "silence_ms": peer.silence_ms(now_ms, self._started_at_ms or now_ms),
                    "rtt_ms": peer.rtt_ms,
                    "frame": peer.frame,
                    "resuming": peer.resuming,
                }
                for peer in peers
            ],
            "cuts": [{"seat": seat, "frames": frames} for seat, frames in self._mesh.cuts.items()],
            "resuming": {"frame": frame, "of": self._mesh.recalled_until} if is_resuming else None,
            "finished": self._is_finished(),
            "cut_short": self._cut_short,
            "drained": self._is_drained(),
            "desync": None if desync is None else desync._asdict(),
        }

    def _note_statistics(self, now_ms: float, advanced: bool, rollback_frames: int) -> None:
        if self._ended:
            return
        frame = self._session.frame
        effect_delay, input_delay = self._effect_delay, self._session.input_delay_at(frame - 1)
        self._statistics.input_delay = input_delay
        self._statistics.note_tick(now_ms, frame, advanced, rollback_frames)
        effect_delay.note_tick(now_ms, frame, advanced)
        for seat, peer in self._mesh.peers.items():
            made = self._session.queues[seat].count
            if peer.lead is not None:
                effect_delay.note_lead(seat, (peer.estimate_lead(frame, now_ms) - peer.lead) / 2)
            effects = effect_delay.take_effects(seat, made, input_delay)
            silence_ms = peer.silence_ms(now_ms, self._started_at_ms or now_ms)
            self._statistics.note_peer(seat, max(0, frame - made), silence_ms, peer.rtt_ms, effects)
        effect_delay.forget(list(self._mesh.peers), MAX_INPUT_DELAY)
        if self._config.adapts_input_delay and not self._session.is_behind:
            self._ask_for_delay(now_ms, frame, input_delay)

    def _ask_for_delay(self, now_ms: float, frame: int, input_delay: int) -> None:
        """Find out whether another input delay would be better here."""
        playing = [peer for peer in self._mesh.peers.values() if not peer.resuming]
        if playing and self._wish is None:
            self._wish = self._advisor.wish(
                max(frame - self._session.queues[peer.seat].count for peer in playing),
                max(peer.silence_ms(now_ms, self._started_at_ms or now_ms) for peer in playing),
                input_delay,
            )

    def _is_finished(self) -> bool:
        return self._ended and not self._unreleased

    def _owes_nothing(self) -> bool:
        """Whether every row is out and every peer has acknowledged every input."""
        made, seat = self._session.local_queue.count, self._config.seat
        return self._is_finished() and all(
            peer.counts[seat] == made for peer in self._mesh.peers.values()
        )

    def _is_drained(self) -> bool:
        """Whether to stop sending: the peers are complete, or had enough time to hear from here."""
        if not self._owes_nothing():
            return False
        lingered = self._ticks_since_acknowledged >= LINGER_TICKS
        return lingered or all(peer.complete for peer in self._mesh.peers.values())


def _delays_of(config: GameConfig, history: Sequence[bytes]) -> DelaySchedule | None:
    """How the input delay of a game changes; None if it does not."""
    if not config.adapts_input_delay:
        return None
    # Everyone wishes in their own time, so a wish must count for longer than it takes to form one.
    wish_frames = round(1.5 * LOWER_S * config.fps)
    schedule = DelaySchedule(config.input_delay, config.max_prediction, wish_frames)
    schedule.recall([inputs[config.num_seats] for inputs in history])
    return schedule


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
    """Records of seat and datagram in the form that ``GameLoop.tick`` takes them."""
    return b"".join(
        bytes([seat]) + len(datagram).to_bytes(2, "big") + datagram for seat, datagram in records
    )
