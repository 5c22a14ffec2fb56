"""Slime volleyball, with all that can be said of those who leave, look away or do nothing.

Differs from the example only in what its options say, and in one episode that no points end.
"""

import argparse
from pathlib import Path

from interactive_gym.examples.slime_volleyball import environment
from interactive_gym.examples.slime_volleyball.experiment import config, game
from interactive_gym.server.app import run

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--data-dir", required=True)
parser.add_argument("--frames", type=int, default=18_000)
parser.add_argument("--partner-timeout-ms", type=int, default=60_000)
parser.add_argument("--way-on", choices=("waitroom", "exit"))
parser.add_argument("--hidden-ms", type=int)
parser.add_argument("--waitroom-prompt-ms", type=int)
parser.add_argument("--game-prompt-ms", type=int)
parser.add_argument("--answer-ms", type=int, default=30_000)
parser.add_argument("--recorders", type=int, default=0)
options = parser.parse_args()

code = Path(environment.__file__).read_text(encoding="utf-8")
game.pyodide(
    environment_initialization_code=f"{code}\nenv = SlimeVolleyball(points_to_win=99)\n",
)
game.gameplay(num_episodes=1, max_steps=options.frames)
game.reconnection_config(timeout_ms=options.partner_timeout_ms)
if options.way_on:
    game.partner_disconnect_message_config(
        return_to_waitroom=options.way_on == "waitroom",
        show_completion_code=options.way_on == "exit",
    )
game.focus_loss_config(timeout_ms=options.hidden_ms)
if options.waitroom_prompt_ms or options.game_prompt_ms:
    game.idle_config(
        waitroom_prompt_ms=options.waitroom_prompt_ms,
        game_prompt_ms=options.game_prompt_ms,
        answer_ms=options.answer_ms,
    )
config.experiment(data_dir=options.data_dir)
config.hosting(host=options.host, port=options.port, recorders=options.recorders)

if __name__ == "__main__":
    run(config)
