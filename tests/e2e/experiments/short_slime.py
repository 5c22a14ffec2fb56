"""The slime volleyball example, cut short for tests.

Differs from the example only in what its options say, and in two episodes of two seconds or so.
"""

import argparse

from interactive_gym.examples.slime_volleyball.experiment import config, game, set_players
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker

MATCHMAKERS = {"fifo": FIFOMatchmaker, "latency": LatencyMatchmaker}

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--max-p2p-rtt-ms", type=int)
parser.add_argument("--matchmaker", choices=MATCHMAKERS, default="fifo")
parser.add_argument("--patience-s", type=float, default=120)
parser.add_argument("--max-connection-failures", type=int, default=3)
parser.add_argument("--players", type=int, default=2)
parser.add_argument("--steps", type=int, default=60)
options = parser.parse_args()

set_players(options.players)
game.gameplay(num_episodes=2, max_steps=options.steps)
game.matchmaking(
    matchmaker=MATCHMAKERS[options.matchmaker](options.max_p2p_rtt_ms),
    patience_s=options.patience_s,
    max_connection_failures=options.max_connection_failures,
)
config.experiment(data_dir=options.data_dir).hosting(host=options.host, port=options.port)

if __name__ == "__main__":
    run(config)
