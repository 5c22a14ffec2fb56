"""Decides the actions of agents without a participant, inside the rolled-back simulation.

Everything a decision depends on is in the snapshot, so these agents are predicted, rolled back and
simulated again like the rest, on every machine alike, and nothing of them crosses the wire.
``simulation`` keeps one ``Policies`` for the whole game.

A policy is ``random``, or the name of something that the environment's code defines and that is
called as ``policy(observation, agent)`` and returns an action as the environment takes it. It must
decide by these alone. A function remembers nothing. An object may: its state is what its
``get_state()`` returns (which must not change afterwards) and ``set_state(state)`` takes back, or a
pickle of it where it lacks these. If it has ``reset(seed)``, that is called when an episode begins.
"""

import hashlib
import pickle
import types
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from interactive_gym.netcode.game_config import ON_CUT, RANDOM_POLICY, GameConfig

_STATELESS = (types.FunctionType, types.BuiltinFunctionType, type)


class _Policy(Protocol):
    """A policy and its state."""

    needs_observation: bool

    def reset(self, seed: int) -> None: ...

    def decide(self, observation: Any, agent: Any) -> Any: ...

    def save(self) -> Any: ...

    def load(self, state: Any) -> None: ...

    def unpack(self, state: Any) -> Any: ...


class RandomPolicy:
    """Draws every action of the table equally often, whatever its agent sees.

    Args:
        actions: The table of actions.
        salt: Makes the draws of one agent differ from those of another.
    """

    needs_observation = False

    def __init__(self, actions: Sequence[Any], salt: int) -> None:
        self._actions = actions
        self._salt = salt
        self._state = 0

    def reset(self, seed: int) -> None:
        """Begin the draws of an episode."""
        digest = hashlib.sha256(f"{seed}:{self._salt}".encode()).digest()
        self._state = int.from_bytes(digest[:4], "big")

    def decide(self, observation: Any, agent: Any) -> Any:
        """The next action.

        The generator is the 32-bit linear congruential one of Numerical Recipes (Press et al., 2nd
        edition, §7.1); its high bits, which are the good ones, choose.
        """
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return self._actions[self._state * len(self._actions) >> 32]

    def save(self) -> Any:
        """The state of the generator."""
        return self._state

    def load(self, state: Any) -> None:
        """Load a state."""
        self._state = state

    def unpack(self, state: Any) -> Any:
        """The content of a state."""
        return state


class PythonPolicy:
    """A policy that the environment's code defines.

    Args:
        policy: The function or object.
    """

    needs_observation = True

    def __init__(self, policy: Any) -> None:
        self._policy = policy
        self._has_state = callable(getattr(policy, "get_state", None)) and callable(
            getattr(policy, "set_state", None)
        )

    def reset(self, seed: int) -> None:
        """Tell the policy that an episode begins, if it has ``reset``."""
        if not isinstance(self._policy, _STATELESS) and hasattr(self._policy, "reset"):
            self._policy.reset(seed)

    def decide(self, observation: Any, agent: Any) -> Any:
        """The agent's action."""
        return self._policy(observation, agent)

    def save(self) -> Any:
        """A snapshot of the policy."""
        if isinstance(self._policy, _STATELESS):
            return None
        if self._has_state:
            return self._policy.get_state()
        return pickle.dumps(self._policy, pickle.HIGHEST_PROTOCOL)

    def load(self, state: Any) -> None:
        """Bring back a snapshot."""
        if isinstance(self._policy, _STATELESS):
            return
        if self._has_state:
            self._policy.set_state(state)
        else:
            self._policy = pickle.loads(state)

    def unpack(self, state: Any) -> Any:
        """The content of a snapshot, for comparing one with another."""
        if self._has_state or isinstance(self._policy, _STATELESS):
            return state
        return pickle.loads(state)


class Policies:
    """Decides for the agents without a participant: some always, others once their seat is vacant.

    An action is decided when the observation is made and waits for the frame in which it is taken.
    A vacant seat takes the default action until the first decision for it.

    Args:
        config: The game.
        namespace: Where the names of policies are looked up.

    Raises:
        ValueError: The namespace has no policy of that name, or the policy's state cannot be saved.
    """

    def __init__(self, config: GameConfig, namespace: Mapping[str, Any]) -> None:
        self._config = config
        self._named: dict[str, _Policy] = {}
        self._policies: dict[int, _Policy] = {}
        for position, kind in enumerate(config.policies):
            kind = kind or (None if config.on_cut in ON_CUT else config.on_cut)
            if kind is not None:
                self._policies[position] = self._make(kind, position, namespace)
        self._all = list({id(policy): policy for policy in self._policies.values()}.values())
        self._default = config.actions[config.default_action]
        self._always = [position for position, kind in enumerate(config.policies) if kind]
        self.actions = [self._default] * len(config.agents)

    def _make(self, kind: str, position: int, namespace: Mapping[str, Any]) -> _Policy:
        if kind == RANDOM_POLICY:
            return RandomPolicy(self._config.actions, position)
        if kind not in self._named:
            if not callable(namespace.get(kind)):
                raise ValueError(
                    f"The environment's code defines no policy named {kind!r}: give it a function "
                    f"{kind}(observation, agent), or name another policy."
                )
            policy = PythonPolicy(namespace[kind])
            try:
                policy.save()
            except Exception as error:
                raise ValueError(
                    f"The policy {kind!r} cannot be saved for rollback: it has no get_state() and "
                    f"set_state(state), and pickling it fails ({error})."
                ) from error
            self._named[kind] = policy
        return self._named[kind]

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self.actions = [self._default] * len(self.actions)
        for policy in self._all:
            policy.reset(seed)

    def decide(self, step: int, observations: Sequence[Any], vacant: Collection[int] = ()) -> None:
        """Decide the actions of a step, if policies decide in it.

        Args:
            step: The number of the step within the episode.
            observations: What each agent sees; None for one that takes no part, whose action stays.
            vacant: The positions of agents that a participant played before.
        """
        if not self._policies or step % self._config.frame_skip:
            return
        for position in (*self._always, *vacant):
            policy = self._policies.get(position)
            observation = observations[position]
            if policy and not (policy.needs_observation and observation is None):
                agent = self._config.agents[position]
                self.actions[position] = policy.decide(observation, agent)

    def save(self) -> tuple[Any, ...]:
        """A snapshot of the policies and of what they have decided."""
        if not self._policies:
            return ()
        return (tuple(self.actions), *[policy.save() for policy in self._all])

    def load(self, state: tuple[Any, ...]) -> None:
        """Bring back a snapshot."""
        if self._policies:
            actions, *states = state
            self.actions = list(actions)
            for policy, policy_state in zip(self._all, states, strict=True):
                policy.load(policy_state)

    def unpack(self, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """The content of a snapshot, for comparing one with another."""
        if not state:
            return ()
        actions, *states = state
        unpacked = [
            policy.unpack(policy_state)
            for policy, policy_state in zip(self._all, states, strict=True)
        ]
        return (actions, *unpacked)
