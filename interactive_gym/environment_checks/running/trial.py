"""A short game without a network, the same in every process: what is compared between two runs.

Inputs come from a seeded generator. The checks play trials; ``child`` plays one in another process.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.state_leaves import Leaves, leaves
from interactive_gym.netcode.environment import Environment, adapt
from interactive_gym.netcode.game_config import Agent, GameConfig
from interactive_gym.netcode.policies import PythonPolicy
from interactive_gym.netcode.simulation import episode_seed
from interactive_gym.netcode.state_digest import state_digest

LONGEST_PRESS = 12
"""The most frames for which a participant in a trial keeps an action."""
BOOKKEEPING = {
    "PassiveEnvChecker": (
        *("checked_reset", "checked_step", "checked_render", "close_called"),
        *("checked_data_reuse", "_previous_data"),
    ),
    "OrderEnforcing": ("_has_reset", "_has_rendered"),
}
"""What wrappers of ``gymnasium.make()`` remember of calls, by the name of their class."""
EPISODES = 3
"""The fewest episodes of a trial, so that what one leaves behind shows in the next."""


@dataclass(frozen=True)
class Trial:
    """What is played."""

    agents: tuple[Agent, ...]
    """Every agent."""

    actions: tuple[Any, ...]
    """The actions from which participants choose; the first one is the default."""

    policies: tuple[str, ...] = ()
    """The names of policies that decide in every frame."""

    frames: int = 300
    """The length in frames."""

    seed: int = 1
    """The environment seed of the first episode."""

    inputs_seed: int = 7
    """Seeds the generator of inputs."""

    @property
    def max_steps(self) -> int:
        """The frames after which an episode is truncated."""
        return max(1, self.frames // EPISODES)

    def inputs(self, num_seats: int) -> list[bytes]:
        """For every frame the index of each seat's action, held for some frames as keys are."""
        rng = random.Random(self.inputs_seed)
        held = [(0, 0)] * num_seats
        frames = []
        for _ in range(self.frames):
            held = [
                (action, left - 1)
                if left
                else (rng.randrange(len(self.actions)), rng.randrange(LONGEST_PRESS))
                for action, left in held
            ]
            frames.append(bytes(action for action, _ in held))
        return frames

    def game_config(self, policies: tuple[str | None, ...] = ()) -> GameConfig:
        """The trial as a networked game."""
        return GameConfig(
            agents=self.agents,
            seat=0,
            seed=self.seed,
            session_tag=0,
            num_episodes=self.frames,
            max_steps=self.max_steps,
            actions=self.actions,
            default_action=0,
            fps=30.0,
            input_delay=0,
            max_prediction=8,
            policies=policies,
        )

    def as_record(self) -> dict[str, Any]:
        """The trial as JSON-compatible fields."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Trial":
        """Read what `as_record` gave."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, (list, tuple)) else value
            for name, value in record.items()
        }
        return cls(**values)


class Moment(NamedTuple):
    """All that can be seen after one frame, or after a reset."""

    episode: int
    step: int
    parts: dict[str, Any]
    """Values by their names: the state, then what each agent is told, then the picture."""

    def digest(self) -> str:
        """A digest that is the same for equal moments in every process."""
        return state_digest(self.parts).hex()

    def leaves(self) -> Leaves:
        """The moment in words, leaf by leaf."""
        found: Leaves = {}
        for name, value in self.parts.items():
            found.update(leaves(value, name))
        return found

    def where(self) -> str:
        """The moment's place in the trial, in words."""
        after = f"step {self.step - 1}" if self.step else "the reset"
        return after if not self.episode else f"{after} of episode {self.episode}"


def play(loaded: LoadedEnvironment, trial: Trial, seed: int | None = None) -> Iterator[Moment]:
    """Play a trial and yield every moment; the first is that after the reset."""
    environment = adapt(loaded.env, trial.agents)
    root = "state" if saves_itself(loaded.env) else "env"
    policies = {name: PythonPolicy(loaded.namespace[name]) for name in trial.policies}
    seed = trial.seed if seed is None else seed
    episode = step = 0
    observations: list[Any] = []
    outcomes: list[Any] = []

    def moment() -> Moment:
        state = environment.unpack(environment.save())
        if root == "env":
            forget_bookkeeping(state)
        parts: dict[str, Any] = {root: state}
        for agent, observation, outcome in zip(trial.agents, observations, outcomes, strict=True):
            parts.update(named_result(agent, observation, outcome))
            for name, policy in policies.items():
                if observation is not None:
                    decision = policy.decide(observation, agent)
                    parts[f"decision of policy {name} for agent {agent}"] = decision
        parts["picture"] = environment.render()
        return Moment(episode, step, parts)

    def reset() -> None:
        nonlocal observations, outcomes
        observations, outcomes = _reset(environment, episode_seed(seed, episode))
        for policy in policies.values():
            policy.reset(episode_seed(seed, episode))

    reset()
    yield moment()
    for inputs in trial.inputs(len(trial.agents)):
        observations, raw = environment.step([trial.actions[index] for index in inputs])
        outcomes = list(raw)
        step += 1
        yield moment()
        over = all(outcome is None or outcome[1] or outcome[2] for outcome in outcomes)
        if over or step == trial.max_steps:
            episode, step = episode + 1, 0
            reset()
            yield moment()


def forget_bookkeeping(env: Any) -> None:
    """Make a copy of an environment equal to others where Gymnasium's wrappers only remember
    whether something has been called yet, as ``gymnasium.make()`` has them do."""
    seen: set[int] = set()
    while env is not None and id(env) not in seen:
        seen.add(id(env))
        for name in BOOKKEEPING.get(type(env).__name__, ()):
            if type(env).__module__.startswith("gymnasium.wrappers"):
                vars(env).pop(name, None)
        env = vars(env).get("env") if hasattr(env, "__dict__") else None


def saves_itself(env: Any) -> bool:
    """Whether an environment has ``get_state`` and ``set_state``; else it is pickled whole."""
    return all(callable(getattr(env, name, None)) for name in ("get_state", "set_state"))


def _reset(environment: Environment, seed: int) -> tuple[list[Any], list[Any]]:
    observations, infos = environment.reset(seed)
    return observations, [(None, None, None, info) for info in infos]


def named_result(agent: Agent, observation: Any, outcome: Any) -> dict[str, Any]:
    """What a step told an agent, by the names used in messages."""
    told = {f"observation of agent {agent}": observation}
    if outcome is None:
        return told
    names = ("reward", "terminated", "truncated", "info")
    return {
        **told,
        **{f"{name} of agent {agent}": value for name, value in zip(names, outcome, strict=True)},
    }
