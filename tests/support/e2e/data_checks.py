"""What must hold of every game's data, however the network was.

Rows are held against the un-networked replay of their own inputs, in this Python, as both examples
compute the same in every one.
"""

import itertools
import json
import runpy
from typing import Any

from interactive_gym.examples.kitchen.environment import COOK_COLORS, make_env
from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from tests.support.e2e.product import Game
from tests.support.paths import EXPERIMENTS


def assert_complete(game: Game, invitation: dict[str, Any]) -> None:
    """Check that every frame is on disk, once, as all browsers have it and as it must be.

    Args:
        game: The game, as it came to its end.
        invitation: The ``game_created`` of any participant.
    """
    match = game.match
    assert match["agreed"] is True, match
    recordings = match["recordings"]
    assert [it["frames"] for it in recordings] == [match["frames"]] * len(match["agents"])
    assert len({it["digest"] for it in recordings}) == 1
    assert_without_holes(game)
    assert replayed_digest(game, invitation) == recordings[0]["digest"]


def assert_without_holes(game: Game) -> None:
    """Check that every frame of all agents is on disk, in order and once."""
    match = game.match
    assert [(row["frame"], row["agent"]) for row in game.rows] == [
        (str(frame), agent) for frame in range(match["frames"]) for agent in match["agents"]
    ]


def replayed_digest(game: Game, invitation: dict[str, Any]) -> str:
    """The digest of the game's inputs, played again without a network.

    Raises AssertionError if it has other rows than the file.
    """
    config = GameConfig.from_json(json.dumps(invitation["game"]))
    header, *rows = (game.folder / "frames.csv").read_text().splitlines()
    replayed, digest = resimulate(environment(config), config, inputs_from_rows(rows, config))
    assert replayed == rows, header
    return digest


def environment(config: GameConfig) -> Any:
    """A fresh environment, as ``networked_games.py`` or ``equal_latency.py`` makes it."""
    if config.agents == ("upper", "lower"):
        return runpy.run_path(str(EXPERIMENTS / "two_dots.py"), run_name="__main__")["env"]
    if config.agents == ("left", "right"):
        return SlimeVolleyball(points_to_win=99)
    assert set(config.agents) <= set(COOK_COLORS)
    return make_env("hall", cooks=len(config.agents))


def changes_per_s(game: Game, fps: int) -> list[float]:
    """How often each agent's action changed, per second of the game."""
    rows, agents = game.rows, game.match["agents"]
    figures = []
    for index, _ in enumerate(agents):
        actions = [row["action"] for row in rows[index :: len(agents)]]
        changes = sum(one != other for one, other in itertools.pairwise(actions))
        figures.append(round(changes / len(actions) * fps, 1))
    return figures
