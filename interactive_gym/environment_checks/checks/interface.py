"""Checks that an environment speaks PettingZoo's ParallelEnv or Gymnasium's Env, and its infos.

It plays one trial and looks at what comes back. ``checker`` asks it first, as all other checks need
the interface.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.netcode.cells import cell
from interactive_gym.netcode.game_config import MAX_ACTIONS, Agent
from interactive_gym.netcode.simulation import is_column_key, is_scalar
from interactive_gym.netcode.turns import TurnBased

SINGLE_AGENT = "agent"
"""What the agent of a Gymnasium environment is called here."""
EXAMPLES = {
    "Dict": '\'[{"move": 0}, {"move": 1}]\'',
    "MultiDiscrete": "'[[0, 0], [1, 0]]'",
    "MultiBinary": "'[[0, 0], [1, 0]]'",
    "Tuple": "'[[0, 0], [1, 0]]'",
    "Box": "'[[0.0], [1.0]]'",
}
"""Actions as the command line takes them, by the kind of the action space."""


class InterfaceError(Exception):
    """The environment breaks its interface; the text says how."""


def has_agents(env: Any) -> bool:
    """Whether an environment has PettingZoo's interface rather than Gymnasium's."""
    return hasattr(env, "possible_agents") or hasattr(env, "agents")


def agents_of(env: Any) -> tuple[Agent, ...]:
    """Every agent of an environment.

    Raises:
        InterfaceError: It has no list of different agent ids.
    """
    if not has_agents(env):
        return (SINGLE_AGENT,)
    agents = getattr(env, "possible_agents", None) or getattr(env, "agents", None)
    if not agents or not isinstance(agents, (list, tuple)):
        raise InterfaceError(f"possible_agents is {agents!r}: make it a list of agent ids")
    for agent in agents:
        if isinstance(agent, bool) or not isinstance(agent, (str, int)):
            raise InterfaceError(f"possible_agents has {agent!r}: use strings or whole numbers")
    if len(set(agents)) != len(agents):
        raise InterfaceError(f"possible_agents names an agent twice: {agents!r}")
    return tuple(agents)


def actions_of(env: Any, agents: Sequence[Agent]) -> tuple[Any, ...]:
    """The actions of the first agent, if its action space is discrete.

    Raises:
        InterfaceError: There is no discrete action space of a size that can be played.
    """
    if has_agents(env):
        space = (
            env.action_space(agents[0]) if callable(getattr(env, "action_space", None)) else None
        )
    else:
        space = getattr(env, "action_space", None)
    size, start = getattr(space, "n", None), getattr(space, "start", 0)
    try:
        actions = tuple(range(int(start), int(start) + int(size)))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InterfaceError(
            f"the action space is {space!r}, not a discrete one: name actions to play with, such "
            f"as --actions {EXAMPLES.get(type(space).__name__, '0,1,2,3')}"
        ) from None
    if not 1 <= len(actions) <= MAX_ACTIONS:
        raise InterfaceError(
            f"the action space has {len(actions)} actions: a game can have 1 to {MAX_ACTIONS}; "
            "name those that participants have, such as --actions 0,1,2,3"
        )
    return actions


class InterfaceCheck:
    """Looks at what ``reset`` and ``step`` return.

    Args:
        env: A fresh environment, which the check changes.
        agents: Its agents.
    """

    def __init__(self, env: Any, agents: Sequence[Agent]) -> None:
        self._env = env
        self._agents = agents
        self._columns: set[str] = set()
        self._unrecorded: dict[str, str] = {}

    def run(self, actions: Sequence[Any], inputs: Sequence[bytes], seed: int) -> list[Finding]:
        """Play until the inputs or the episode end, and return the findings."""
        try:
            frames = self._play(actions, inputs, seed)
        except InterfaceError as error:
            return [Finding("interface", "wrong", f"{error}.")]
        kind = "PettingZoo's ParallelEnv" if has_agents(self._env) else "Gymnasium's Env"
        if isinstance(self._env, TurnBased):
            kind = "PettingZoo's AECEnv, played in turns"
        names = ", ".join(map(str, self._agents))
        text = f"{kind}, agents {names}, {len(actions)} actions, {frames} steps played"
        return [Finding("interface", "ok", text), self._infos_finding()]

    def _infos_finding(self) -> Finding:
        columns = ", ".join(sorted(self._columns)) or "none"
        if self._unrecorded:
            key, why = next(iter(self._unrecorded.items()))
            return Finding("infos", "note", f"info {key!r} is not recorded: {why}")
        return Finding("infos", "ok", f"recorded columns: {columns}")

    def _play(self, actions: Sequence[Any], inputs: Sequence[bytes], seed: int) -> int:
        env, single = self._env, not has_agents(self._env)
        result = self._called("reset(seed=…)", env.reset, seed=seed)
        observations, infos = self._unpacked("reset", result, 2)
        if single:
            observations, infos = {SINGLE_AGENT: observations}, {SINGLE_AGENT: infos}
        else:
            self._check_dict("reset", "observations", observations, env.agents)
        self._check_infos("reset", infos, is_reset=True)
        for number, frame in enumerate(inputs):
            taking_part = [SINGLE_AGENT] if single else list(env.agents)
            chosen = {
                agent: actions[index]
                for agent, index in zip(self._agents, frame, strict=True)
                if agent in taking_part
            }
            step = chosen[SINGLE_AGENT] if single else chosen
            result = self._called(f"step({step!r})", env.step, step)
            parts = self._unpacked("step", result, 5)
            if single:
                parts = [{SINGLE_AGENT: part} for part in parts]
            self._check_step(parts, taking_part)
            ended = [bool(parts[2][agent] or parts[3][agent]) for agent in taking_part]
            if all(ended):
                if not single and env.agents:
                    raise InterfaceError(
                        f"agents is {env.agents!r} although every agent has terminated or been "
                        "truncated: empty it"
                    )
                return number + 1
        return len(inputs)

    def _check_step(self, parts: Sequence[Any], taking_part: Collection[Agent]) -> None:
        _, rewards, terminations, truncations, infos = parts
        for name, values in (
            ("rewards", rewards),
            ("terminations", terminations),
            ("truncations", truncations),
        ):
            self._check_dict("step", name, values, taking_part)
            for agent, value in values.items():
                plain = value.item() if hasattr(value, "item") else value
                fits = isinstance(plain, (bool, int, float))
                if name != "rewards":
                    fits = isinstance(plain, bool)
                if not fits:
                    kind = "a number" if name == "rewards" else "True or False"
                    raise InterfaceError(f"step gives {value!r} as {name}[{agent!r}], not {kind}")
        self._check_infos("step", infos, is_reset=False)

    def _check_infos(self, method: str, infos: Any, is_reset: bool) -> None:
        self._check_dict(method, "infos", infos, None)
        for agent, info in infos.items():
            if not isinstance(info, Mapping):
                raise InterfaceError(f"{method} gives {info!r} as infos[{agent!r}], not a dict")
            for key, value in info.items():
                if is_reset and is_column_key(key) and is_scalar(value):
                    self._columns.add(key)
                elif key not in self._columns:
                    why = f"text, numbers and booleans are, not {type(value).__name__}"
                    if not is_column_key(key):
                        why = "its key must be printable text of at most 100 characters"
                    elif is_scalar(value):
                        why = "the columns are those of the first reset, which lacks it"
                    self._unrecorded.setdefault(str(key), why)
                else:
                    self._check_cell(agent, key, value)

    def _check_cell(self, agent: Agent, key: str, value: Any) -> None:
        try:
            cell(value)
        except (TypeError, ValueError):
            raise InterfaceError(
                f"infos[{agent!r}][{key!r}] is {value!r}, which has no form in a table; it was a "
                "scalar in the first reset"
            ) from None

    def _check_dict(
        self, method: str, name: str, values: Any, expected: Collection[Agent] | None
    ) -> None:
        if not isinstance(values, Mapping):
            raise InterfaceError(
                f"{method} gives {type(values).__name__} as {name}, not a dict by agent"
            )
        strangers = [agent for agent in values if agent not in self._agents]
        if strangers:
            raise InterfaceError(f"{name} of {method} has {strangers[0]!r}, which is no agent")
        missing = [agent for agent in expected or () if agent not in values]
        if missing:
            raise InterfaceError(f"{name} of {method} lacks agent {missing[0]!r}")

    @staticmethod
    def _called(call: str, method: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except Exception as error:
            raise InterfaceError(f"{call} raises {type(error).__name__}: {error}") from error

    @staticmethod
    def _unpacked(method: str, result: Any, size: int) -> list[Any]:
        if not isinstance(result, tuple) or len(result) != size:
            raise InterfaceError(
                f"{method} returns {type(result).__name__}"
                + (f" of {len(result)}" if isinstance(result, tuple) else "")
                + f", not a tuple of {size}"
            )
        return list(result)
