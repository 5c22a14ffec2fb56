"""Times ticks of one game loop, in whichever Python runs it; used by ``bench_netcode.py``.

Two loops of the same game exchange datagrams in the same process; only the first one's ticks are
timed, with everything that a tick does: datagrams, session, steps, draw list, rows, JSON.
"""

import json
import statistics
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from interactive_gym.netcode.game_loop import GameLoop, create_game_loop, join_records

FRAME_MS = 1000 / 30
MAX_PREDICTION = 8
Records = list[tuple[int, bytes]]


class Pair:
    """Two loops of one game that hand each other their datagrams."""

    def __init__(
        self, make_env: Callable[[], Any], agents: list[str], num_actions: int, input_delay: int
    ) -> None:
        self.num_actions = num_actions
        self.make_env = make_env
        self.agents = agents
        self.input_delay = input_delay
        self.loops: list[GameLoop] = [self.loop_of(0), self.loop_of(1)]
        self.now_ms = 0.0
        self.for_first: Records = []
        self.for_second: Records = []

    def loop_of(self, seat: int, incarnation: int = 0) -> GameLoop:
        """A fresh loop of one seat."""
        return create_game_loop(
            self.make_env(),
            json.dumps(
                {
                    "agents": self.agents,
                    "seat": seat,
                    "incarnation": incarnation,
                    "seed": 1,
                    "session_tag": 1,
                    "num_episodes": 1_000_000,
                    "max_steps": None,
                    "actions": list(range(self.num_actions)),
                    "default_action": 0,
                    "fps": 30,
                    "input_delay": self.input_delay,
                    "max_prediction": MAX_PREDICTION,
                }
            ),
        )

    def tick_first(self, action: int, deliver: bool) -> tuple[float, dict[str, Any]]:
        """Tick the timed loop; its milliseconds and its result."""
        incoming = join_records(self.for_first) if deliver else b""
        if deliver:
            self.for_first = []
        self.now_ms += FRAME_MS
        start = time.perf_counter()
        text = self.loops[0].tick(self.now_ms, action, False, incoming)
        elapsed_ms = (time.perf_counter() - start) * 1000
        result = json.loads(text)
        self.for_second += [(0, b64decode(packet)) for _, packet in result["packets"]]
        return elapsed_ms, result

    def tick_second(self, action: int) -> None:
        """Tick the other loop with all that has come for it."""
        incoming, self.for_second = join_records(self.for_second), []
        result = json.loads(self.loops[1].tick(self.now_ms, action, False, incoming))
        self.for_first += [(1, b64decode(packet)) for _, packet in result["packets"]]


def time_ticks(pair: Pair, count: int) -> list[float]:
    """Milliseconds of ticks in which inputs come in time and nothing is rolled back."""
    times = []
    for number in range(count):
        elapsed_ms, result = pair.tick_first(number // 5 % pair.num_actions, deliver=True)
        pair.tick_second(number // 7 % pair.num_actions)
        assert result["advanced"] and not result["rollback_frames"]
        times.append(elapsed_ms)
    return times


def time_rollbacks(pair: Pair, count: int) -> list[float]:
    """Milliseconds of ticks that take in eight frames' datagrams and simulate all eight again."""
    times = []
    for number in range(count):
        for _ in range(MAX_PREDICTION):
            pair.tick_first(number // 5 % pair.num_actions, deliver=False)
            pair.tick_second(1 + number % 2)
        elapsed_ms, result = pair.tick_first(0, deliver=True)
        pair.tick_second(1 + number % 2)
        pair.tick_first(0, deliver=True)
        pair.tick_second(1 + number % 2)
        pair.tick_first(0, deliver=True)
        if result["rollback_frames"] == MAX_PREDICTION:
            times.append(elapsed_ms)
    assert len(times) > count // 2
    return times


def time_resuming(pair: Pair, frames: int) -> dict[str, float]:
    """How fast the first player, having reloaded after so many frames, simulates them again."""
    time_ticks(pair, frames)
    pair.loops[0] = pair.loop_of(0, incarnation=1)
    pair.for_first = []
    seconds, result = 0.0, None
    while result is None or result["resuming"]:
        elapsed_ms, result = pair.tick_first(0, deliver=True)
        seconds += elapsed_ms / 1000
        pair.tick_second(0)
    return {"frames": frames, "frames_per_s": round(frames / seconds)}


def summary(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    return {
        "p50_ms": round(statistics.median(times), 4),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 4),
        "samples": len(times),
    }


def measure(
    make_env: Callable[[], Any], agents: list[str], num_actions: int
) -> dict[str, dict[str, float]]:
    """The figures of one game, the first two after a warm-up of each."""
    on_time = Pair(make_env, agents, num_actions, input_delay=2)
    time_ticks(on_time, 200)
    late = Pair(make_env, agents, num_actions, input_delay=0)
    time_rollbacks(late, 20)
    return {
        "tick": summary(time_ticks(on_time, 1500)),
        "rollback_8_frames": summary(time_rollbacks(late, 150)),
        "resuming": time_resuming(Pair(make_env, agents, num_actions, input_delay=2), 3000),
    }


def measure_all() -> str:
    """The figures of every game, as JSON."""
    from interactive_gym.examples.kitchen.environment import Kitchen
    from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
    from tests.support.stub_game import StubGame

    return json.dumps(
        {
            "stub": measure(StubGame, ["player_0", "player_1"], 4),
            "slime_volleyball": measure(SlimeVolleyball, ["left", "right"], 6),
            "kitchen": measure(Kitchen, ["blue", "orange"], 6),
        }
    )
