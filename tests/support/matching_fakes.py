"""Stand-ins for what surrounds matching: a clock, a socket, a scene, a prober, a data store."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from interactive_gym.packages.package import BrowserPackage
from interactive_gym.server.game_manager import GameManager
from interactive_gym.server.games.remote_game import RemoteGame
from interactive_gym.server.ledger.schema import LedgerLine, PlanLine, kind_of
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.participants.shared_parts import SharedParts
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from tests.support.browser_events import is_dropped, message


class Clock:
    """Time that passes only when told to, or by `step_s` whenever it is looked at."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.step_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


class RecordingSio:
    """Keeps what was emitted, to whom."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, str, dict[str, Any]]] = []

    def emit(self, event: str, payload: dict[str, Any], *, to: str) -> None:
        self.emitted.append((to, event, payload))

    def to(self, subject_id: str, event: str) -> list[dict[str, Any]]:
        return [payload for to, name, payload in self.emitted if (to, name) == (subject_id, event)]

    def events_to(self, subject_id: str) -> list[str]:
        return [name for to, name, _ in self.emitted if to == subject_id]


@dataclass
class FakeScene:
    scene_id: str = "game"
    human_agents: tuple[str, ...] = ("left", "right")
    matchmaker: Any = None
    max_probes_per_participant: int | None = None
    max_connection_failures: int | None = None
    attributes_of: Any = lambda subject_id: {}
    waitroom_timeout_ms: int | None = None
    waitroom_timeout_message: str | None = None
    waitroom_timeout_redirect_url: str | None = None
    hide_lobby_count: bool = False
    leave_after_ms: int | None = None
    partner_timeout_ms: int = 8000
    return_timeout_ms: int = 30_000
    partner_loss_way_on: Literal["next_scene", "waitroom", "exit"] = "next_scene"
    partner_loss_message: str | None = None
    focus_loss_message: str | None = None
    on_cut: str = "end"
    max_steps: int | None = None
    input_delay: int | Literal["auto"] = 2
    equal_latency: Any = None
    policies: dict[str, str] = field(default_factory=dict)
    environment_digest: str = "abc123"
    packages: tuple[BrowserPackage, ...] = (
        BrowserPackage("mathpack", "1.2", "d1" * 32, Path("mathpack-1.2-py3-none-any.whl")),
    )

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        agents = [*self.human_agents, *self.policies]
        policies = [None for _ in self.human_agents] + list(self.policies.values())
        delay = self.input_delay if self.input_delay != "auto" else round((rtt_ms or 0) / 10)
        config = {"agents": agents, "policies": policies, "input_delay": delay}
        actions = {"actions": [0, 1], "default_action": 0, "max_prediction": 8}
        rules = {"fps": 30, "num_episodes": 1, "max_steps": self.max_steps}
        return {**config, **actions, **rules}


@dataclass
class FakeConfig:
    experiment_id: str = "study"
    ice_servers: list[Any] = field(default_factory=list)
    force_relay: bool = False


@dataclass
class StartedProbe:
    probe_session_id: str
    subject_a: str
    subject_b: str
    on_complete: Callable[[str, str, float | None], object]

    def complete(self, rtt_ms: Any) -> None:
        self.on_complete(self.subject_a, self.subject_b, rtt_ms)


class FakeProber:
    """Only `create_probe`: remembers probes; `inside` may answer before the id is returned."""

    def __init__(self, inside: Callable[[StartedProbe], None] | None = None) -> None:
        self.probes: list[StartedProbe] = []
        self.first_id = 0
        self.inside = inside

    def create_probe(self, subject_a: str, subject_b: str, on_complete: Any) -> str:
        probe_id = f"probe-{self.first_id + len(self.probes)}"
        probe = StartedProbe(probe_id, subject_a, subject_b, on_complete)
        self.probes.append(probe)
        if self.inside is not None:
            self.inside(probe)
        return probe.probe_session_id

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(probe.subject_a, probe.subject_b) for probe in self.probes]

    @property
    def last(self) -> StartedProbe:
        return self.probes[-1]


class CancellingProber(FakeProber):
    """A prober that can also be told to end a probe."""

    def __init__(self, inside: Callable[[StartedProbe], None] | None = None) -> None:
        super().__init__(inside)
        self.cancelled: list[str] = []

    def cancel(self, probe_session_id: str) -> None:
        self.cancelled.append(probe_session_id)


def answering(rtt_ms: Any) -> CancellingProber:
    """A prober whose verdicts arrive inside `create_probe`."""
    return CancellingProber(inside=lambda probe: probe.complete(rtt_ms))


def by_pair(rtts_ms: dict[str, float | None]) -> CancellingProber:
    """A prober that answers at once, from a table by pair."""

    def answer(probe: StartedProbe) -> None:
        probe.complete(rtts_ms["".join(sorted((probe.subject_a, probe.subject_b)))])

    return CancellingProber(inside=answer)


class ListLedger:
    """Keeps the ledger's lines as dicts, but for the plan, which is apart."""

    def __init__(self) -> None:
        self.plan: dict[str, Any] = {}
        self.lines: list[dict[str, Any]] = []

    def log(self, line: LedgerLine, *, at_s: float) -> None:
        fields = {"kind": kind_of(line), "monotonic_s": at_s, **msgspec.structs.asdict(line)}
        if isinstance(line, PlanLine):
            self.plan = fields
        else:
            self.lines.append(fields)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == kind]


class FakeReports:
    """Takes all that pages tell, in order or not."""

    def __init__(self, calls: list[tuple[Any, ...]]) -> None:
        self._calls = calls

    def add_events(self, seat: int, incarnation: int, first: int, events: Any) -> int:
        for event in events:
            self._calls.append(("log_event", event.kind, {"seat": seat, **event.fields}))
        return first + len(events)

    def add_network(self, seat: int, incarnation: int, first: int, rows: Any) -> int:
        self._calls.append(("add_network", seat, rows))
        return first + len(rows)


class FakeRecord:
    """Accepts frames in order; `desync` is set by the test."""

    def __init__(self, match: dict[str, Any]) -> None:
        self.match = match
        self.desync: Any = None
        self.is_failing = False
        self.full = False
        self.complete = True
        self.calls: list[tuple[Any, ...]] = []
        self.num_agents = 2
        self.lock = threading.Lock()
        self.stored: list[str] = []
        self.routes: dict[int, dict[str, str]] = {}
        self.reports = FakeReports(self.calls)

    def upload_route(self, seat: int) -> dict[str, str] | None:
        return self.routes.get(seat)

    def append_frames(
        self,
        seat: int,
        columns: Any,
        first_frame: int,
        rows: list[str],
        digest: Any,
        incarnation: int = 0,
    ) -> int:
        self.calls.append(("append_frames", seat, first_frame))
        if digest == "bad":
            raise ValueError("The digest does not match the rows.")
        if self.full:
            raise OSError(28, "No space left on device")
        return first_frame + len(rows) // 2

    def next_frame(self, seat: int) -> int:
        return 0

    def is_complete(self, seat: int) -> bool:
        return self.complete

    def is_known(self, seat: int) -> bool:
        return True

    def restore(self, incarnations: Sequence[int]) -> list[str]:
        if self.full:
            raise OSError(5, "Input/output error")
        self.calls.append(("restore", list(incarnations)))
        return list(self.stored)

    def takes(self, seat: int, incarnation: int) -> bool:
        return True

    def note_left(self, seat: int) -> None:
        self.calls.append(("note_left", seat))

    def note_cut(self, seat: int, reason: str) -> None:
        self.calls.append(("note_cut", seat, reason))

    def note_desync(self, desync: Any) -> None:
        self.calls.append(("note_desync", desync))

    def log_event(self, kind: str, **fields: Any) -> None:
        self.calls.append(("log_event", kind, fields))

    def finish(self, seat: int, frames: Any, digest: Any, incarnation: int = 0) -> bool:
        self.calls.append(("finish", seat, frames, digest))
        return True

    def close(self, reason: str) -> None:
        self.calls.append(("close", reason))


class FakeStore:
    log_participant = staticmethod(lambda event, subject_id, **fields: None)

    def __init__(self, *, fails: bool = False) -> None:
        self.records: list[FakeRecord] = []
        self.fails = fails

    def open_game(self, scene_id: str, game_id: str, match: dict[str, Any]) -> FakeRecord:
        if self.fails:
            raise OSError("No space left on device")
        self.records.append(FakeRecord(match))
        return self.records[-1]

    def tally(self) -> Counter[str]:
        """How many games have started, and how many seats were cut for each reason."""
        calls = [call for record in self.records for call in record.calls]
        started = sum(call[:2] == ("log_event", "game_start") for call in calls)
        return Counter(started=started) + Counter(c[2] for c in calls if c[0] == "note_cut")


class FakeBlocklist:
    """Blocks whom the test says."""

    pair_count = 1

    def __init__(self, arrived: Callable[[str], Sequence[str]]) -> None:
        self.arrived = arrived


class World:
    """A GameManager and everything around it."""

    def __init__(self, *, max_p2p_rtt_ms: float | None = None, **parts: Any) -> None:
        self.clock = Clock()
        self.sio = RecordingSio()
        self.ledger = ListLedger()
        self.still_heard: set[str] = set()
        """Who plays on, though the server may not hear them."""
        self.scene = parts.pop("scene", FakeScene())
        self.prober = parts.pop("probe_coordinator", CancellingProber())
        self.store = parts.get("data_store")
        make_logger = parts.pop("match_logger", lambda world: world.ledger)
        matchmaker = parts.pop("matchmaker", FIFOMatchmaker(max_p2p_rtt_ms))
        blocked_on_arrival = parts.pop("blocked_on_arrival", None)
        for setting in ("attributes_of", "max_probes_per_participant"):
            if setting in parts:
                setattr(self.scene, setting, parts.pop(setting))
        if (log_participant := parts.pop("log_participant", None)) is not None:
            parts["data_store"] = parts.get("data_store") or FakeStore()
            parts["data_store"].log_participant = log_participant
        crowd = {name: parts.pop(name) for name in ("gathers_above",) if name in parts}
        numbers = itertools.count(parts.pop("first_id", 0))
        self._parts: dict[str, Any] = {
            "matchmaker": matchmaker,
            "shared": SharedParts(
                ledger_of=lambda scene_id: make_logger(self),
                clock=self.clock,
                wall_clock=lambda: 1_700_000_000.0 + self.clock.now_s,
                new_seed=lambda: 1,
                new_id=lambda: f"id-{next(numbers)}",
                **parts,
            ),
            "blocklist": blocked_on_arrival and FakeBlocklist(blocked_on_arrival),
            **crowd,
        }
        self._make_manager()

    def probe_for_real(self) -> ProbeCoordinator:
        """Have the manager measure through a coordinator from now on, as the app does."""
        self.prober = ProbeCoordinator(self.sio, clock=self.clock)
        self._make_manager()
        return self.prober

    def _make_manager(self) -> None:
        self.manager = GameManager(
            self.scene, FakeConfig(), self.sio, probe_coordinator=self.prober, **self._parts
        )

    def join(self, *subject_ids: str) -> None:
        """Have participants join, one after the other."""
        for index, subject_id in enumerate(subject_ids):
            self.clock.advance(0.001 if index else 0.0)
            self.manager.join(subject_id)

    def pass_time(self, seconds: float, *, tick_s: float = 0.5) -> None:
        """Let time pass with a tick every half second, as the app does, or every *tick_s*.

        Pages say meanwhile of whom they hear nothing: of those who are away, but for `still_heard`.
        """
        end_s = self.clock.now_s + seconds
        while self.clock.now_s < end_s:
            self.clock.advance(min(tick_s, end_s - self.clock.now_s))
            self._say_who_is_silent()
            self.manager.tick()

    def _say_who_is_silent(self) -> None:
        limit_s = self.scene.partner_timeout_ms / 1000
        for game in self.open_games():
            for who, other in itertools.permutations(game.remaining if game.started else [], 2):
                is_silent = game.absent_for_s(other.subject_id, self.clock.now_s) >= limit_s
                is_there = game.absent_for_s(who.subject_id, self.clock.now_s) == 0.0
                if is_there and is_silent and other.subject_id not in self.still_heard:
                    self.say(who.subject_id, "peer_lost", seat=other.seat)

    def games(self) -> list[tuple[str, ...]]:
        """The groups that games were created for, in order."""
        return [
            tuple(member["subject_id"] for member in line["group"])
            for line in self.ledger.of("matched")
        ]

    def open_games(self) -> list[RemoteGame]:
        """The games that have not ended."""
        games = [open_game.game for open_game in self.manager._games._open.values()]
        return [game for game in games if game.end_reason is None]

    def playing(self) -> Counter[str]:
        """In how many games each participant is; who was cut is in a game no more."""
        return Counter(seat.subject_id for game in self.open_games() for seat in game.remaining)

    def players(self) -> dict[str, RemoteGame]:
        """Who is in a game that has started, and in which."""
        started = [game for game in self.open_games() if game.started]
        return {seat.subject_id: game for game in started for seat in game.remaining}

    def say(self, subject_id: str, event: str, **fields: Any) -> None:
        """Have a participant's page send a `game_...` event about its last game, if any.

        What is malformed is dropped, as by the app.
        """
        for created in self.sio.to(subject_id, "game_created")[-1:]:
            payload = {"game_id": created["game_id"], **fields}
            if not is_dropped(f"game_{event}", payload):
                self.send(subject_id, f"game_{event}", **payload)

    def report_lost(self, subject_id: str) -> None:
        """Have all who are in a started game with a participant hear nothing from them, nor they
        from anybody."""
        game = self.players()[subject_id]
        lost = game.subject_ids.index(subject_id)
        for seat in game.remaining:
            if seat.seat != lost:
                self.say(seat.subject_id, "peer_lost", seat=lost)
                self.say(subject_id, "peer_lost", seat=seat.seat)

    def linked(self) -> list[str]:
        """Those who play with somebody, all of whom are there."""
        return [
            who
            for who, game in self.players().items()
            if len(game.remaining) > 1
            and all(game.is_ready(seat.subject_id) for seat in game.remaining)
            and not any(game.is_away(seat.subject_id) for seat in game.remaining)
        ]

    def game_id(self, subject_id: str) -> str:
        return self.sio.to(subject_id, "game_created")[-1]["game_id"]

    def start_game(self, *subject_ids: str) -> str:
        """Have everybody of a created game report ready; returns the game's id."""
        game_id = self.game_id(subject_ids[0])
        for subject_id in subject_ids:
            self.send(subject_id, "game_ready", game_id=game_id)
        return game_id

    def send(self, subject_id: str, event: str, **payload: Any) -> Any:
        """Let a page say something of its game; returns the acknowledgement.

        Raises:
            ValueError: if the payload would be dropped.
        """
        return self.manager.handle_game_message(subject_id, message(event, payload))
