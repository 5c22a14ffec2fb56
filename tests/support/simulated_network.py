"""Game loops playing over a seeded, bad network in virtual time, held against a replay.

Virtual time is in milliseconds; nothing sleeps. ``run`` plays to the end and ``verify`` raises
``WrongRecordError`` unless every participant recorded exactly what the replay of the inputs they
really made records.
"""

import dataclasses
import heapq
import itertools
import json
import math
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from interactive_gym.netcode import wire
from interactive_gym.netcode.delay_schedule import DelaySchedule
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop, join_records
from interactive_gym.netcode.input_queue import HIDDEN, LOWER, RAISE, VACANT
from interactive_gym.netcode.resimulation import resimulate

MakeLoop = Callable[[Any, GameConfig, Mapping[str, Any] | None], GameLoop]


class WrongRecordError(AssertionError):
    """A participant's record is not what it must be, or the game did not come to its end."""


@dataclass
class Network:
    """How datagrams travel, over one way or over all."""

    delay_ms: float = 30
    jitter_ms: float = 0
    loss: float = 0
    """Share of datagrams lost outside bursts."""
    burst: float = 0
    """Probability per datagram that a burst begins in which nothing arrives."""
    burst_ms: float = 200
    duplicates: float = 0
    """Share of datagrams that arrive twice."""
    stragglers: float = 0
    """Share of datagrams that arrive half a second late, overtaken by many others."""
    cut: tuple[float, float] = (0, 0)
    """Between these times nothing arrives."""
    bytes_per_s: float = math.inf
    """How much a way carries, with what lower layers add to a datagram. What is more waits."""
    queue_ms: float = 2000
    """For how long a datagram may wait; those that would have to wait longer are lost."""


LOWER_LAYERS_BYTES = 85
"""What IPv4, UDP, DTLS and SCTP add to a datagram of a data channel."""


@dataclass
class Machine:
    """The clock of one participant's machine and how it keeps its ticks."""

    starts_at_ms: float = 0
    speed: float = 1
    """How fast its clock runs."""
    tick_jitter_ms: float = 0
    freezes: tuple[float, float] = (0, 0)
    """Between these times it does not tick."""
    reloads: tuple[tuple[float, float], ...] = ()
    """Times at which its page is reloaded, each with the time at which the new page is ready."""
    leaves_at_ms: float = math.inf
    """From then on it is gone; the others are told to cut it within two seconds."""


@dataclass
class Player:
    """One participant: a loop, a clock and what came of it."""

    seat: int
    loop: GameLoop
    machine: Machine
    rng: Random
    incarnation: int = 0
    is_away: bool = False
    """Whether its page is not there, for now or for good."""
    earlier_rows: list[list[str]] = field(default_factory=list)
    """What earlier incarnations recorded."""
    inbox: list[tuple[int, bytes]] = field(default_factory=list)
    made: dict[int, int] = field(default_factory=dict)
    """The input really made for each frame."""
    rows: list[str] = field(default_factory=list)
    digest: str = ""
    ticks: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    leads: list[tuple[float, int]] = field(default_factory=list)
    """Virtual time and frame count after every tick."""
    network: list[dict[str, Any]] = field(default_factory=list)
    """The rows for network.csv."""
    action: int = 0
    bytes_sent: int = 0
    relayed_bytes: int = 0
    """How much of that was others' inputs."""

    def freezes_ms(self) -> list[float]:
        """For how long each frame but the last was shown."""
        shown_at_ms: dict[int, float] = {}
        for time_ms, frame in self.leads:
            shown_at_ms.setdefault(frame, time_ms)
        times = sorted(shown_at_ms.values())
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    def stalled_share(self) -> float:
        """The share of ticks before the last frame that did not advance the game."""
        frames = [frame for _, frame in self.leads]
        ticks = frames.index(frames[-1]) + 1
        return 1 - len(set(frames[:ticks])) / ticks


def game_config(num_seats: int = 2, **changes: Any) -> GameConfig:
    """A short game for the stub; *changes* replace options."""
    options: dict[str, Any] = {
        "agents": [f"player_{number}" for number in range(num_seats)],
        "seat": 0,
        "seed": 7,
        "session_tag": 0xC0FFEE,
        "num_episodes": 3,
        "max_steps": 40,
        "actions": [0, 1, 2, 5],
        "default_action": 0,
        "fps": 30,
        "input_delay": 2,
        "max_prediction": 8,
    }
    return GameConfig.from_json(json.dumps({**options, **changes}))


def seated(config: GameConfig, seat: int, incarnation: int = 0) -> GameConfig:
    """The same game as another seat sees it."""
    return dataclasses.replace(config, seat=seat, incarnation=incarnation)


class SimulatedGame:
    """Players of one game on one network.

    Args:
        make_env: Makes a fresh environment.
        config: The game; each player gets it with its own seat.
        seed: Decides everything that is random: network, clocks' jitter and actions.
        network: How datagrams travel.
        machines: One per seat.
        make_loop: Makes a player's loop; faults are planted here.
        obeys_wait: Whether the players' ticks are stretched as the loops ask.
        make_namespace: Makes what policies are looked up in.
        ways: The network from one seat to another, where it is not that of all.
    """

    def __init__(
        self,
        make_env: Callable[[], Any],
        config: GameConfig,
        seed: int,
        network: Network,
        machines: list[Machine] | None = None,
        make_loop: MakeLoop = GameLoop,
        obeys_wait: bool = True,
        make_namespace: Callable[[], Mapping[str, Any]] = dict,
        ways: Mapping[tuple[int, int], Network] | None = None,
    ) -> None:
        seats = config.num_seats
        machines = machines or [Machine() for _ in range(seats)]
        self.make_env, self.config, self.network = make_env, config, network
        self.make_loop, self.obeys_wait = make_loop, obeys_wait
        self.make_namespace = make_namespace
        self.ways = ways or {}
        self.rng = Random(seed)
        self.players = [
            Player(
                seat,
                make_loop(make_env(), seated(config, seat), make_namespace()),
                machines[seat],
                Random(seed + seat),
            )
            for seat in range(seats)
        ]
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._burst_until: dict[tuple[int, int], float] = {}
        self._busy_until: dict[tuple[int, int], float] = {}
        self._cut_seats: list[int] = []
        for player in self.players:
            machine = player.machine
            self._start_ticking(player, machine.starts_at_ms)
            for at_ms, ready_at_ms in machine.reloads:
                self._at(at_ms, lambda t, p=player, ready=ready_at_ms: self._reload(p, ready))
            if machine.leaves_at_ms < math.inf:
                self._at(machine.leaves_at_ms, lambda t, p=player: self._leave(p, t))

    def _at(self, time_ms: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time_ms, next(self._order), event))

    def run(self, until_ms: float = 120_000) -> "SimulatedGame":
        """Play until everybody is drained, or until a time."""
        while self._events and self._events[0][0] <= until_ms:
            time_ms, _, event = heapq.heappop(self._events)
            event(time_ms)
        return self

    def _start_ticking(self, player: Player, time_ms: float) -> None:
        incarnation = player.incarnation

        def tick(now_ms: float) -> None:
            if not player.is_away and player.incarnation == incarnation:
                next_ms = self._tick(player, now_ms)
                if next_ms is not None:
                    self._at(next_ms, tick)

        self._at(time_ms, tick)

    def _reload(self, player: Player, ready_at_ms: float) -> None:
        if player.result.get("finished"):
            return
        player.is_away = True
        player.incarnation += 1
        player.earlier_rows.append(player.rows)
        player.rows, player.digest, player.inbox, player.result = [], "", [], {}

        def come_back(time_ms: float) -> None:
            config = seated(self.config, player.seat, player.incarnation)
            player.loop = self.make_loop(self.make_env(), config, self.make_namespace())
            for seat in self._cut_seats:
                player.loop.cut(seat)
            player.is_away = False
            self._start_ticking(player, time_ms)

        self._at(ready_at_ms, come_back)

    def _leave(self, player: Player, time_ms: float) -> None:
        if player.result.get("finished"):
            return
        player.is_away = True
        self._cut_seats.append(player.seat)
        for other in self.survivors:
            told_at_ms = time_ms + self.rng.uniform(0, 2000)
            self._at(told_at_ms, lambda t, other=other: other.loop.cut(player.seat))

    @property
    def survivors(self) -> list[Player]:
        """The players who have not left for good."""
        return [player for player in self.players if player.seat not in self._cut_seats]

    def _tick(self, player: Player, time_ms: float) -> float | None:
        """Tick once; the time of the next tick, or None if there is none."""
        machine = player.machine
        if machine.freezes[0] <= time_ms < machine.freezes[1]:
            return machine.freezes[1]
        if player.rng.random() < 0.4:
            player.action = player.rng.randrange(len(self.config.actions))
        hidden = player.rng.random() < 0.02
        incoming, player.inbox = join_records(player.inbox), []
        clock_ms = 5000 + time_ms * machine.speed
        result = json.loads(player.loop.tick(clock_ms, player.action, hidden, incoming))
        player.ticks += 1
        if result["advanced"]:
            frame = result["frame"] - 1 + self.config.input_delay
            default = self.config.default_action
            # What an earlier incarnation made beyond this is lost, and nobody may have used it.
            player.made = {old: value for old, value in player.made.items() if old < frame}
            player.made[frame] = default | HIDDEN if hidden else player.action
            if self.config.adapts_input_delay:
                # Which inputs are made follows from wishes, which the loop has for itself.
                queue = player.loop._session.local_queue
                player.made = {old: queue.made(old) for old in range(queue.count)}
        self._take(player, result)
        player.leads.append((time_ms, result["frame"]))
        for seat, text in result["packets"]:
            datagram = b64decode(text)
            player.bytes_sent += len(datagram)
            player.relayed_bytes += len(datagram) if datagram[1] == wire.KIND_RELAY else 0
            self._send(player, self.players[seat], datagram, time_ms)
        if result["drained"] or all(other.result.get("desync") for other in self.players):
            return None
        if player.incarnation and self._all_finished_without(player):
            return None
        period_ms = 1000 / self.config.fps + (result["wait_ms"] if self.obeys_wait else 0)
        period_ms += player.rng.uniform(0, machine.tick_jitter_ms)
        return time_ms + period_ms / machine.speed

    def _take(self, player: Player, result: dict[str, Any]) -> None:
        if "rows" in result:
            if result["first_frame"] * len(self.config.agents) != len(player.rows):
                raise WrongRecordError(
                    f"rows begin at {result['first_frame']}, not where they left off"
                )
            player.rows += result["rows"]
            player.digest = result["digest"]
        player.network += result["network"]
        ahead = result["frame"] - (result["confirmed_frame"] + 1)
        if ahead > self.config.max_prediction:
            raise WrongRecordError(f"{ahead} frames beyond the confirmed ones are simulated")
        player.result = result

    def _send(self, sender: Player, receiver: Player, datagram: bytes, time_ms: float) -> None:
        way, rng = (sender.seat, receiver.seat), self.rng
        network = self.ways.get(way, self.network)
        # A burst takes whatever is under way anywhere in the same network.
        outage = way if way in self.ways else (-1, -1)
        if rng.random() < network.burst:
            self._burst_until[outage] = time_ms + network.burst_ms
        lost = rng.random() < network.loss or time_ms < self._burst_until.get(outage, 0)
        if lost or network.cut[0] <= time_ms < network.cut[1]:
            return
        begins_ms = max(time_ms, self._busy_until.get(way, 0))
        if begins_ms - time_ms > network.queue_ms:
            return
        sent_at_ms = begins_ms + 1000 * (len(datagram) + LOWER_LAYERS_BYTES) / network.bytes_per_s
        self._busy_until[way] = sent_at_ms

        def arrive(_: float) -> None:
            if not receiver.is_away:
                receiver.inbox.append((sender.seat, datagram))

        for _ in range(2 if rng.random() < network.duplicates else 1):
            delay_ms = network.delay_ms + rng.uniform(0, network.jitter_ms)
            if rng.random() < network.stragglers:
                delay_ms += 500
            self._at(sent_at_ms + delay_ms, arrive)

    def true_inputs(self) -> list[bytes]:
        """The inputs of every frame as the players made them, as far as they count."""
        frames = max(max(player.made, default=0) for player in self.players) + 1
        cuts = self.cuts()
        default = self.config.default_action
        columns = [
            [
                VACANT
                if frame >= cuts.get(player.seat, frames)
                else player.made.get(frame, default)
                for frame in range(frames)
            ]
            for player in self.players
        ]
        if cuts and self.config.on_cut == "end":
            frames = min(cuts.values())
        if self.config.adapts_input_delay:
            return self._with_delays(columns)[:frames]
        return [bytes([column[frame] for column in columns]) for frame in range(frames)]

    def _with_delays(self, columns: list[list[int]]) -> list[bytes]:
        """The inputs and the input delay of every frame, by the wishes in the inputs."""
        delays = DelaySchedule(
            self.config.input_delay, self.config.max_prediction, round(15 * self.config.fps)
        )
        frames = []
        actions = [self.config.default_action] * len(columns)
        for frame, values in enumerate(zip(*columns, strict=True)):
            delays.take(values)
            wishes = (RAISE, LOWER)
            actions = [
                action if value in wishes else value
                for action, value in zip(actions, values, strict=True)
            ]
            frames.append(bytes([*actions, delays.delay_at(frame)]))
        return frames

    def cuts(self) -> dict[int, int]:
        """The seats cut, with how many of their inputs count.

        Raises:
            WrongRecordError: Two survivors have not come to the same.
        """
        agreed: dict[int, int] = {}
        for player in self.survivors:
            for cut in player.result.get("cuts", ()):
                if cut["frames"] is None:
                    continue
                if agreed.setdefault(cut["seat"], cut["frames"]) != cut["frames"]:
                    raise WrongRecordError(f"seat {player.seat} cut elsewhere than {agreed}: {cut}")
        return agreed

    def replay(self) -> tuple[list[str], str]:
        """The rows, and their digest, of the inputs really made."""
        return resimulate(self.make_env(), self.config, self.true_inputs(), self.make_namespace())

    def verify(self) -> None:
        """Hold every participant's record against the replay.

        Raises:
            WrongRecordError: A game did not finish or drain, or a record is not the replay's.
        """
        rows, digest = self.replay()
        for player in self.players:
            for recorded in (*player.earlier_rows, player.rows):
                if recorded != rows[: len(recorded)]:
                    raise WrongRecordError(
                        f"seat {player.seat} recorded other rows than the replay"
                    )
        for player in self.survivors:
            if player.incarnation and self._all_finished_without(player):
                continue
            result = player.result
            if result["desync"]:
                raise WrongRecordError(f"seat {player.seat} reports {result['desync']}")
            if not (result["finished"] and result["drained"]):
                raise WrongRecordError(f"seat {player.seat} did not finish: {result['frame']}")
            if player.rows != rows or player.digest != (digest if rows else ""):
                raise WrongRecordError(f"seat {player.seat} recorded less than the replay")

    def _all_finished_without(self, player: Player) -> bool:
        """Whether a player came back when the others had the whole game and were gone."""
        others = [other for other in self.survivors if other is not player]
        finished = all(other.result.get("drained") for other in others)
        return finished and not player.result.get("finished")


def bad_network(seed: int) -> tuple[Network, list[float]]:
    """A network drawn from *seed*, and five random numbers for the machines on it."""
    rng = Random(f"network {seed}")
    network = Network(
        delay_ms=rng.uniform(1, 150),
        jitter_ms=rng.uniform(0, 80),
        loss=rng.choice([0, 0.05, 0.15, 0.35]),
        burst=rng.choice([0, 0, 0.01]),
        duplicates=rng.choice([0, 0.1]),
        stragglers=rng.choice([0, 0.05]),
    )
    return network, [rng.random() for _ in range(5)]


def bad_machines(seats: int, draws: list[float]) -> list[Machine]:
    """Machines that start apart and whose clocks differ, from numbers between 0 and 1."""
    return [
        Machine(
            starts_at_ms=1500 * draws[seat % len(draws)] if seat else 0,
            speed=1 + (draws[(seat + 1) % len(draws)] - 0.5) / 50,
            tick_jitter_ms=10 * draws[(seat + 2) % len(draws)],
        )
        for seat in range(seats)
    ]
