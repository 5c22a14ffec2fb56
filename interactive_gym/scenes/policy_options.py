"""Who plays each agent: `.policies()`.

A participant, random actions, or a policy of the environment's code, which browsers run inside the
rolled-back step. A scene holds the names of policies only.
"""

import keyword
from collections.abc import Mapping
from typing import Any, TypeVar

from interactive_gym.netcode.game_config import MAX_SEATS as MAX_AGENTS
from interactive_gym.netcode.game_config import RANDOM_POLICY
from interactive_gym.options.constants import PolicyTypes
from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, whole_number
from interactive_gym.scenes.game_options import GameOptions
from interactive_gym.scenes.scene import ParticipantIds

S = TypeVar("S", bound="PolicyOptions")

MAX_GROUP = 4
"""Most participants of a game: each browser sends its inputs to every other one."""


class PolicyOptions(GameOptions):
    """The agents of a game and who plays them."""

    def __init__(self) -> None:
        super().__init__()
        self.agents: tuple[str | int, ...] = ()
        """Every agent id of the environment."""
        self.agent_policies: tuple[str | None, ...] = ()
        """For every agent the name of the policy that plays it; None for those of participants."""
        self._frame_skip = 1

    @property
    def human_agents(self) -> tuple[Any, ...]:
        """The agent ids (strings or whole numbers) that participants control, in seat order."""
        return tuple(
            agent
            for agent, policy in zip(self.agents, self.agent_policies, strict=True)
            if policy is None
        )

    @property
    def named_policies(self) -> set[str]:
        """The policies that the environment's code has to define."""
        return {name for name in self.agent_policies if name is not None} - {RANDOM_POLICY}

    @setter
    def policies(
        self: S,
        *,
        policy_mapping: Mapping[str | int, PolicyTypes | str] = UNSET,
        frame_skip: int = UNSET,
    ) -> S:
        """Set who plays each agent of the environment.

        Args:
            policy_mapping: every agent id with ``PolicyTypes.Human`` for a participant (in seat
                order, 1 to 4 of them), ``PolicyTypes.Random`` for actions drawn from those of the
                action mapping, or the name of a policy that the environment's code defines: a
                function, or a callable object, ``policy(observation, agent)`` that returns an
                action as the environment takes it. For a Gymnasium ``Env``, name its only agent as
                you like.
            frame_skip: policies decide in frames of an episode whose number is a multiple of it,
                and repeat their action in between; 1 by default.
        """
        if policy_mapping is not UNSET:
            self.agents, self.agent_policies = _checked_policy_mapping(policy_mapping)
        if frame_skip is not UNSET:
            self._frame_skip = whole_number("frame_skip", frame_skip, 1, 10_000)
        return self

    def check(self) -> None:
        """Raise ValueError unless the agents are named."""
        if not self.agents:
            raise ValueError(
                f"policy_mapping is missing in the scene {self.scene_id!r}: name its agents with "
                f".policies(policy_mapping={{…}})."
            )
        super().check()

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """Return the ``game`` object with all agents and their policies."""
        return {
            **super().game_config(rtt_ms),
            "agents": list(self.agents),
            "policies": list(self.agent_policies),
            "frame_skip": self._frame_skip,
        }

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with its ``group_size``."""
        return {**super().to_client(participant), "group_size": len(self.human_agents)}


def policy_name(option: str, policy: Any) -> str:
    """Accept PolicyTypes.Random or the name of a policy; returns its name in the ``game`` object.

    Raises:
        ValueError: *policy* is something else, such as the policy itself.
    """
    if isinstance(policy, str):
        # PolicyTypes are strings, too.
        name = str(policy.value) if isinstance(policy, PolicyTypes) else policy
        if name.isidentifier() and not keyword.iskeyword(name) and name != PolicyTypes.Human:
            return name
        raise ValueError(
            f"{option} is {name!r}: give PolicyTypes.Random, or the name of a policy that the "
            f"environment's code defines."
        )
    raise ValueError(
        f"{option} is {policy!r}, which cannot be sent to participants' browsers: define the "
        f"policy in the environment's code, as a function policy(observation, agent), and give "
        f"its name as a string."
    )


def _checked_policy_mapping(
    policy_mapping: Any,
) -> tuple[tuple[str | int, ...], tuple[str | None, ...]]:
    if not isinstance(policy_mapping, Mapping) or not 1 <= len(policy_mapping) <= MAX_AGENTS:
        raise ValueError(
            f"policy_mapping is {policy_mapping!r}: give a dict with the 1 to {MAX_AGENTS} agents "
            f"of the environment, each with who plays it, such as PolicyTypes.Human."
        )
    policies = []
    for agent, policy in policy_mapping.items():
        is_id = isinstance(agent, (str, int)) and not isinstance(agent, bool)
        if not is_id or not str(agent).isprintable() or agent == "":
            raise ValueError(
                f"policy_mapping has the agent id {agent!r}: use the environment's own id, a "
                f"string without control characters or a whole number."
            )
        is_human = isinstance(policy, str) and policy == PolicyTypes.Human
        policies.append(None if is_human else policy_name(f"policy_mapping[{agent!r}]", policy))
    if not 1 <= policies.count(None) <= MAX_GROUP:
        raise ValueError(
            f"policy_mapping has {policies.count(None)} agents with PolicyTypes.Human: give it to "
            f"1 to {MAX_GROUP} of them, each played by a participant."
        )
    return tuple(policy_mapping), tuple(policies)
