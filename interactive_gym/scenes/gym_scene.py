"""A game: an environment that a group of participants plays together in real time.

Brings the groups of options together, a module for each setter, and checks what they must agree on.
The environment runs in participants' browsers; the server passes the description on.
"""

import copy
from typing import TYPE_CHECKING, Any, NoReturn

from interactive_gym.netcode.input_delay import input_delay_for
from interactive_gym.options.refused_options import missing_attribute
from interactive_gym.packages.game_code import CODE_FOLDER
from interactive_gym.scenes.attention_options import AttentionOptions
from interactive_gym.scenes.disconnection_options import DisconnectionOptions
from interactive_gym.scenes.environment_code import undefined_names
from interactive_gym.scenes.gameplay_options import GameplayOptions
from interactive_gym.scenes.latency import EqualLatency, Manipulated
from interactive_gym.scenes.matchmaking_options import MatchmakingOptions
from interactive_gym.scenes.policy_options import PolicyOptions
from interactive_gym.scenes.pyodide_options import (
    DEFAULT_INPUT_DELAY,
    DEFAULT_TARGET_MS,
    MAX_PREDICTION,
    PyodideOptions,
)
from interactive_gym.scenes.rendering_options import RenderingOptions
from interactive_gym.scenes.user_experience_options import UserExperienceOptions
from interactive_gym.server.matchmaker import Matchmaker


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

    def __init__(self) -> None:
        super().__init__()
        self._limited_matchmaker: Matchmaker | None = None

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
        if self.matchmaker is self._limited_matchmaker:
            # The scene was checked before, perhaps with another target.
            self.matchmaker.max_p2p_rtt_ms = None
        if self.equal_latency is not None and self.equal_latency.max_rtt_ms is not None:
            self._limit_rtt(self.equal_latency.max_rtt_ms)

    @property
    def equal_latency(self) -> EqualLatency | None:
        """The latency that all participants of the scene's games play with, if it is equal.

        Raises:
            ValueError: No game can have it.
        """
        if self._latency is None:
            return None
        return EqualLatency(
            DEFAULT_TARGET_MS if self._target_ms is None else self._target_ms,
            self.fps,
            self._latency.levels_ms if isinstance(self._latency, Manipulated) else (),
            is_alone=len(self.human_agents) == 1,
        )

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the fields of the protocol's ``game`` object that do not differ between games."""
        config = {**super().game_config(rtt_ms), "input_delay": self._input_delay_for(rtt_ms)}
        is_auto = self._latency is None and self.input_delay == "auto"
        # Who plays alone has nobody whose inputs could be late.
        return {**config, "adapts_input_delay": is_auto and len(self.human_agents) > 1}

    def _input_delay_for(self, rtt_ms: float | None) -> int:
        if self.equal_latency is not None:
            return self.equal_latency.input_delay()
        if self.input_delay != "auto":
            return self.input_delay
        if rtt_ms is None:
            return DEFAULT_INPUT_DELAY
        return input_delay_for(rtt_ms, self.fps, MAX_PREDICTION)

    def _limit_rtt(self, max_rtt_ms: float) -> None:
        """Have the matchmaker reject whose connection is too slow for the equal latency."""
        name = type(self.matchmaker).__name__
        if not self.matchmaker.verdict_follows_threshold:
            raise ValueError(
                f"matchmaker of the scene {self.scene_id!r} is {name}, which overrides "
                f"should_reject_for_rtt: leave the verdict to max_p2p_rtt_ms where latency is "
                f"equal, as it follows from target_ms."
            )
        given_ms = self.matchmaker.max_p2p_rtt_ms
        relaxed_ms = max((ms for _, ms in self.matchmaker.rtt_expansions), default=given_ms)
        if relaxed_ms is None:
            # Not changed in place: the script may use the same one for another scene.
            self.matchmaker = self._limited_matchmaker = copy.copy(self.matchmaker)
            self.matchmaker.max_p2p_rtt_ms = max_rtt_ms
        elif relaxed_ms > max_rtt_ms:
            option = "max_p2p_rtt_ms" if relaxed_ms == given_ms else "rtt_expansions"
            raise ValueError(
                f"{option} of the {name} goes up to {relaxed_ms:g} ms in the scene "
                f"{self.scene_id!r}: give at most {int(max_rtt_ms)}, or leave it out, as with this "
                f"target_ms inputs over slower connections come too late."
            )

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
