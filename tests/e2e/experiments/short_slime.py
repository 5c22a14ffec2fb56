"""The slime volleyball example, cut short for tests.

Differs from the example only in what its options say, and in two episodes of two seconds.
"""

import argparse

from interactive_gym.examples.slime_volleyball.experiment import config, game
from interactive_gym.server.app import run
from interactive_gym.server.matchmaker import FIFOMatchmaker

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--max-p2p-rtt-ms", type=int)
options = parser.parse_args()

game.gameplay(num_episodes=2, max_steps=60)
game.matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=options.max_p2p_rtt_ms))
config.experiment(data_dir=options.data_dir).hosting(host=options.host, port=options.port)

if __name__ == "__main__":
    run(config)
