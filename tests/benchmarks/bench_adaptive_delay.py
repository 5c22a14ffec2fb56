"""Prints, as JSON, what an input delay that adapts does for a game whose RTT rises and stays high.

Simulated networks in virtual time: the RTT is 40 ms with jitter at first and another from the tenth
second on. Every game's data are checked. Run it with
``.venv/bin/python tests/benchmarks/bench_adaptive_delay.py``.
"""

import json
from typing import Any

from tests.support.simulated_network import Network, SimulatedGame, game_config
from tests.support.stub_game import StubGame

RTTS_MS = (100, 190, 300, 500, 700)
RISE_MS = 10_000
SETTLED_MS = 25_000
"""From then on the delay has had time to adapt."""


def main() -> None:
    """Play each game with both delays and print the figures."""
    games = [
        {"rtt_ms": rtt_ms, "fixed": played(rtt_ms, False), "auto": played(rtt_ms, True)}
        for rtt_ms in RTTS_MS
    ]
    print(json.dumps(games, indent=2))


def played(rtt_ms: float, adapts: bool) -> dict[str, Any]:
    """The figures of a game of a minute, of both participants once the delay has settled."""
    config = game_config(num_episodes=45, adapts_input_delay=adapts)
    network = Network(delay_ms=15, jitter_ms=10)
    game = SimulatedGame(StubGame, config, 1, network)
    game._at(RISE_MS, lambda _: setattr(network, "delay_ms", rtt_ms / 2 - 5))
    game.run()
    game.verify()
    rows = [row for player in game.players for row in player.network]
    rows = [row for row in rows if row["time_ms"] > SETTLED_MS]
    seconds = len(rows)
    return {
        "input_delay": game.players[0].result["input_delay"],
        "stalled_ticks_percent": round(
            100 * sum(row["stalled_ticks"] for row in rows) / sum(row["ticks"] for row in rows), 1
        ),
        "rollback_frames_per_s": round(sum(row["rollback_frames"] for row in rows) / seconds, 1),
        "effect_delay_ms": round(sum(row["effect_delay_ms"] for row in rows) / seconds),
    }


if __name__ == "__main__":
    main()
