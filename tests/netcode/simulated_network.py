"""Game loops playing over a seeded, bad network in virtual time, held against a replay.

Virtual time is in milliseconds; nothing sleeps. ``run`` plays to the end and ``verify`` raises
``WrongRecordError`` unless every participant recorded exactly what the replay of the inputs they
really made records.
"""

import heapq
import itertools
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.game_loop import GameLoop, join_records
from interactive_gym.netcode.input_queue import HIDDEN
from interactive_gym.netcode.replay import replay

MakeLoop = Callable[[Any, GameConfig], GameLoop]


class WrongRecordError(AssertionError):
    """A participant's record is not what it must be, or the game did not come to its end."""


@dataclass
class Network:
    """How datagrams travel, the same in every direction."""

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


@dataclass
class Machine:
    """The clock of one participant's machine and how it keeps its ticks."""

    starts_at_ms: float = 0
    speed: float = 1
    """How fast its clock runs."""
    tick_jitter_ms: float = 0
    freezes: tuple[float, float] = (0, 0)
    """Between these times it does not tick."""


@dataclass
class Player:
    """One participant: a loop, a clock and what came of it."""

    loop: GameLoop
    machine: Machine
    rng: Random
    inbox: list[tuple[int, bytes]] = field(default_factory=list)
    made: dict[int, int] = field(default_factory=dict)
    """The input really made for each frame."""
    rows: list[str] = field(default_factory=list)
    digest: str = ""
    ticks: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    leads: list[tuple[float, int]] = field(default_factory=list)
    """Virtual time and frame count after every tick."""
    action: int = 0
    bytes_sent: int = 0


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


def seated(config: GameConfig, seat: int) -> GameConfig:
    """The same game as another seat sees it."""
    options = {**config.__dict__, "seat": seat}
    return GameConfig(**options)


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
    ) -> None:
        seats = len(config.agents)
        machines = machines or [Machine() for _ in range(seats)]
        self.make_env, self.config, self.network = make_env, config, network
        self.obeys_wait = obeys_wait
        self.rng = Random(seed)
        self.players = [
            Player(make_loop(make_env(), seated(config, seat)), machines[seat], Random(seed + seat))
            for seat in range(seats)
        ]
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._burst_until = 0.0
        for player in self.players:
            self._at(player.machine.starts_at_ms, lambda t, p=player: self._tick(p, t))

    def _at(self, time_ms: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time_ms, next(self._order), event))

    def run(self, until_ms: float = 120_000) -> "SimulatedGame":
        """Play until everybody is drained, or until a time."""
        while self._events and self._events[0][0] <= until_ms:
            time_ms, _, event = heapq.heappop(self._events)
            event(time_ms)
        return self

    def _tick(self, player: Player, time_ms: float) -> None:
        machine = player.machine
        if machine.freezes[0] <= time_ms < machine.freezes[1]:
            self._at(machine.freezes[1], lambda t: self._tick(player, t))
            return
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
            player.made[frame] = default | HIDDEN if hidden else player.action
        self._take(player, result)
        player.leads.append((time_ms, result["frame"]))
        for seat, datagram in result["packets"]:
            player.bytes_sent += len(b64decode(datagram))
            self._send(player, self.players[seat], b64decode(datagram), time_ms)
        all_apart = all(other.result.get("desync") for other in self.players)
        if not result["drained"] and not all_apart:
            period_ms = 1000 / self.config.fps + (result["wait_ms"] if self.obeys_wait else 0)
            period_ms += player.rng.uniform(0, machine.tick_jitter_ms)
            self._at(time_ms + period_ms / machine.speed, lambda t: self._tick(player, t))

    def _take(self, player: Player, result: dict[str, Any]) -> None:
        if "rows" in result:
            if result["first_frame"] * len(self.players) != len(player.rows):
                raise WrongRecordError(
                    f"rows begin at {result['first_frame']}, not where they left off"
                )
            player.rows += result["rows"]
            player.digest = result["digest"]
        ahead = result["frame"] - (result["confirmed_frame"] + 1)
        if ahead > self.config.max_prediction:
            raise WrongRecordError(f"{ahead} frames beyond the confirmed ones are simulated")
        player.result = result

    def _send(self, sender: Player, receiver: Player, datagram: bytes, time_ms: float) -> None:
        network, rng = self.network, self.rng
        if rng.random() < network.burst:
            self._burst_until = time_ms + network.burst_ms
        lost = rng.random() < network.loss or time_ms < self._burst_until
        if lost or network.cut[0] <= time_ms < network.cut[1]:
            return
        seat = self.players.index(sender)
        for _ in range(2 if rng.random() < network.duplicates else 1):
            delay_ms = network.delay_ms + rng.uniform(0, network.jitter_ms)
            if rng.random() < network.stragglers:
                delay_ms += 500
            self._at(time_ms + delay_ms, lambda t: receiver.inbox.append((seat, datagram)))

    def true_inputs(self) -> list[bytes]:
        """The inputs of every frame as the players made them."""
        default = self.config.default_action
        frames = max(max(player.made, default=0) for player in self.players) + 1
        return [
            bytes([player.made.get(frame, default) for player in self.players])
            for frame in range(frames)
        ]

    def verify(self) -> None:
        """Hold every participant's record against the replay.

        Raises:
            WrongRecordError: A game did not finish or drain, or a record is not the replay's.
        """
        rows, digest = replay(self.make_env(), self.config, self.true_inputs())
        for seat, player in enumerate(self.players):
            if player.rows != rows[: len(player.rows)]:
                raise WrongRecordError(f"seat {seat} recorded other rows than the replay")
        for seat, player in enumerate(self.players):
            result = player.result
            if result["desync"]:
                raise WrongRecordError(f"seat {seat} reports {result['desync']}")
            if not (result["finished"] and result["drained"]):
                raise WrongRecordError(f"seat {seat} did not finish: {result['frame']} frames")
            if player.rows != rows or player.digest != digest:
                raise WrongRecordError(f"seat {seat} recorded less than the replay")


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
