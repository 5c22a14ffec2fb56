"""Nobody is proposed before three are there, so that each is probed with two others at once."""

import argparse

from interactive_gym.examples.slime_volleyball.experiment import config, game
from interactive_gym.server.app import run
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--max-p2p-rtt-ms", type=int, required=True)
options = parser.parse_args()


class ThreeAtOnce(LatencyMatchmaker):
    """Waits for three, once."""

    _has_begun = False

    def propose(self, pool):
        self._has_begun |= len(pool.candidates) == 3
        return super().propose(pool) if self._has_begun else []


game.gameplay(num_episodes=1, max_steps=60).matchmaking(
    matchmaker=ThreeAtOnce(options.max_p2p_rtt_ms)
)
config.experiment(data_dir=options.data_dir).hosting(host=options.host, port=options.port)

if __name__ == "__main__":
    run(config)
