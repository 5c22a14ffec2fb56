"""A game: an environment that a group of participants plays together in real time.

Brings the groups of options together, a module for each setter, and checks what they must agree on.
The environment runs in participants' browsers; the server passes the description on.
"""

from typing import TYPE_CHECKING, Any, NoReturn

from interactive_gym.netcode.input_delay import input_delay_for
from interactive_gym.options.refused_options import missing_attribute
from interactive_gym.packages.game_code import CODE_FOLDER
from interactive_gym.scenes.attention_options import AttentionOptions
from interactive_gym.scenes.disconnection_options import DisconnectionOptions
from interactive_gym.scenes.environment_code import undefined_names
from interactive_gym.scenes.gameplay_options import GameplayOptions
from interactive_gym.scenes.matchmaking_options import MatchmakingOptions
from interactive_gym.scenes.policy_options import PolicyOptions
from interactive_gym.scenes.pyodide_options import (
    DEFAULT_INPUT_DELAY,
    MAX_PREDICTION,
    PyodideOptions,
)
from interactive_gym.scenes.rendering_options import RenderingOptions
from interactive_gym.scenes.user_experience_options import UserExperienceOptions


class GymScene(
    PolicyOptions,
    PyodideOptions,
    GameplayOptions,
    RenderingOptions,
    UserExperienceOptions,
    MatchmakingOptions,
    DisconnectionOptions,
    AttentionOptions,
):
    """A game, described by chained setters.

    A setter may be called again: options given replace earlier values, options left out keep them.
    Every setter raises ValueError for a value it cannot use.
    """

    if not TYPE_CHECKING:  # else every misspelt name would have a type

        def __getattr__(self, name: str) -> NoReturn:
            """Explain why a setter that scripts call elsewhere does not exist."""
            raise missing_attribute(GymScene, name)

    def check(self) -> None:
        """Raise ValueError unless the scene describes a game that can be played."""
        if self.scene_id == CODE_FOLDER:
            raise ValueError(
                f"scene_id is {CODE_FOLDER!r} for a game, but the data folder keeps the games' "
                f"code under that name: give the scene another id."
            )
        super().check()
        group_size = len(self.human_agents)
        if self._multiplayer not in (None, group_size > 1):
            raise ValueError(
                f"multiplayer is {self._multiplayer} in the scene {self.scene_id!r} but "
                f"policy_mapping gives {group_size} agents to participants: leave multiplayer out, "
                f"or change one of the two."
            )
        self._check_names()

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the fields of the protocol's ``game`` object that do not differ between games."""
        return {**super().game_config(rtt_ms), "input_delay": self._input_delay_for(rtt_ms)}

    def _input_delay_for(self, rtt_ms: float | None) -> int:
        if self.input_delay != "auto":
            return self.input_delay
        if rtt_ms is None:
            return DEFAULT_INPUT_DELAY
        return input_delay_for(rtt_ms, self.fps, MAX_PREDICTION)

    def _check_names(self) -> None:
        needed = self.named_policies | {self.policy_on_cut or "env", "env"}
        for name in undefined_names(self._environment_code, needed):
            raise ValueError(
                f"environment_initialization_code defines no {name!r} in the scene "
                f"{self.scene_id!r}: " + _how_to_define(name)
            )


def _how_to_define(name: str) -> str:
    if name == "env":
        return "assign the environment to a variable of this name."
    return (
        f"give it a function {name}(observation, agent) that returns an action, or name another "
        f"policy."
    )
