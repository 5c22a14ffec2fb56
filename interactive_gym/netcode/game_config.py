"""The description of a game that the server sends: agents, seat, seed, actions and timing.

Every value is checked here, so that the rest of the netcode need not. ``create_game_loop`` reads it
from JSON.
"""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

Agent = str | int
"""The id of an agent, as the environment spells it."""

MAX_SEATS = 16
MAX_ACTIONS = 126
MAX_INPUT_DELAY = 30
MAX_PREDICTION_LIMIT = 60
MAX_INCARNATION = 255

ON_CUT = ("end", "neutral")
"""What may follow when a participant is lost for good, other than a policy's name."""

RANDOM_POLICY = "random"
"""The name of the policy that draws its actions."""


@dataclass(frozen=True)
class GameConfig:
    """A validated game: the ``game`` object of ``game_created`` in docs/protocol.md."""

    agents: tuple[Agent, ...]
    """Every agent of the environment; those that participants play in the order of their seats."""

    seat: int
    """The seat of the participant on this machine."""

    seed: int
    """The environment seed of the first episode; those of later episodes derive from it."""

    session_tag: int
    """A 32-bit number that every datagram of this game carries."""

    num_episodes: int
    """How many episodes the game has."""

    max_steps: int | None
    """After how many steps an episode is truncated; None leaves it to the environment."""

    actions: tuple[Any, ...]
    """The table of distinct actions; an input is an index into it."""

    default_action: int
    """The index of the default action."""

    fps: float
    """Frames per second at which the game is played."""

    input_delay: int
    """How many frames after its sampling an input is applied."""

    max_prediction: int
    """How many frames may be simulated beyond the last confirmed one before the loop stalls."""

    adapts_input_delay: bool = False
    """Whether the input delay changes during the game, beginning with ``input_delay``."""

    incarnation: int = 0
    """How often the participant on this machine has reloaded the page during this game."""

    history: str | None = None
    """The inputs of the frames that all participants go on from, if no page held the game any more
    (see ``history``); None if the game begins, or a partner has it."""

    on_cut: str = "end"
    """What happens after the last known frame of a lost participant: ``end`` ends the game there,
    ``neutral`` goes on with the default action on their seat, anything else names the policy that
    goes on in their place."""

    policies: tuple[str | None, ...] = ()
    """For every agent the name of the policy that plays it; None for those of participants."""

    frame_skip: int = 1
    """A policy decides in steps whose number is a multiple of this and repeats its action in
    between."""

    seat_of_agent: tuple[int | None, ...] = field(init=False)
    """For every agent its participant's seat, or None."""

    def __post_init__(self) -> None:
        # Set this way as the class is frozen. Without policies participants play all agents.
        object.__setattr__(self, "policies", self.policies or (None,) * len(self.agents))
        seats = itertools.count()
        seat_of_agent = tuple(next(seats) if kind is None else None for kind in self.policies)
        object.__setattr__(self, "seat_of_agent", seat_of_agent)

    @property
    def num_seats(self) -> int:
        """How many participants play."""
        return self.policies.count(None)

    @property
    def frame_ms(self) -> float:
        """Milliseconds per frame."""
        return 1000 / self.fps

    @classmethod
    def from_json(cls, text: str) -> "GameConfig":
        """Read a config from JSON.

        Raises:
            ValueError: The text is not a JSON object, or a value is missing or not usable; the
                message names the option, its value and what it must be.
        """
        try:
            options = json.loads(text)
        except ValueError as error:
            raise ValueError(f"The game config is not JSON ({error}).") from None
        if not isinstance(options, dict):
            raise ValueError(f"The game config must be a JSON object, not {options!r}.")
        agents = _agents(options)
        policies = _policies(options, len(agents))
        num_seats = policies.count(None)
        actions = _required(options, "actions")
        if not isinstance(actions, list) or not 1 <= len(actions) <= MAX_ACTIONS:
            raise ValueError(f"actions must be a list of 1 to {MAX_ACTIONS} actions: {actions!r}.")
        incarnation = 0
        if "incarnation" in options:
            incarnation = _integer(options, "incarnation", 0, MAX_INCARNATION)
        if incarnation and num_seats == 1 and options.get("history") is None:
            raise ValueError(
                f"incarnation must be 0 in a game of one seat, not {incarnation}, without a "
                "history: nobody else holds the inputs made before the reload."
            )
        on_cut = options.get("on_cut", "end")
        if not isinstance(on_cut, str) or not on_cut:
            raise ValueError(f"on_cut must be end, neutral or a policy's name, not {on_cut!r}.")
        frame_skip = 1
        if "frame_skip" in options:
            frame_skip = _integer(options, "frame_skip", 1, 2**31)
        adapts = options.get("adapts_input_delay", False)
        if not isinstance(adapts, bool):
            raise ValueError(f"adapts_input_delay must be true or false, not {adapts!r}.")
        max_steps = options.get("max_steps")
        if max_steps is not None:
            max_steps = _integer(options, "max_steps", 1, 2**31)
        return cls(
            agents=agents,
            seat=_integer(options, "seat", 0, num_seats - 1),
            seed=_integer(options, "seed", 0, 2**32 - 1),
            session_tag=_integer(options, "session_tag", 0, 2**32 - 1),
            num_episodes=_integer(options, "num_episodes", 1, 2**31),
            max_steps=max_steps,
            actions=tuple(actions),
            default_action=_integer(options, "default_action", 0, len(actions) - 1),
            fps=_fps(options),
            input_delay=_integer(options, "input_delay", 0, MAX_INPUT_DELAY),
            max_prediction=_integer(options, "max_prediction", 1, MAX_PREDICTION_LIMIT),
            adapts_input_delay=adapts,
            incarnation=incarnation,
            history=_history(options),
            on_cut=on_cut,
            policies=policies,
            frame_skip=frame_skip,
        )


def _required(options: dict[str, Any], name: str) -> Any:
    if name not in options:
        raise ValueError(f"The game config lacks {name}.")
    return options[name]


def _integer(options: dict[str, Any], name: str, low: int, high: int) -> int:
    value = _required(options, name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, not {value!r}.")
    return value


def _history(options: dict[str, Any]) -> str | None:
    text = options.get("history")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"history must be text, not {text!r}.")
    return text


def _fps(options: dict[str, Any]) -> float:
    value = _required(options, "fps")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 240:
        raise ValueError(f"fps must be a number from 1 to 240, not {value!r}.")
    return float(value)


def _agents(options: dict[str, Any]) -> tuple[Agent, ...]:
    agents = _required(options, "agents")
    if not isinstance(agents, list) or not 1 <= len(agents) <= MAX_SEATS:
        raise ValueError(f"agents must be a list of 1 to {MAX_SEATS} agent ids, not {agents!r}.")
    for agent in agents:
        if isinstance(agent, bool) or not isinstance(agent, (str, int)):
            raise ValueError(f"agents must hold strings or integers, not {agent!r}.")
    if len(set(agents)) != len(agents):
        raise ValueError(f"agents must not name an agent twice: {agents!r}.")
    return tuple(agents)


def _policies(options: dict[str, Any], num_agents: int) -> tuple[str | None, ...]:
    policies = options.get("policies")
    if policies is None:
        return (None,) * num_agents
    if not isinstance(policies, list) or len(policies) != num_agents:
        raise ValueError(
            f"policies must be a list of {num_agents} items, one per agent, not {policies!r}."
        )
    for kind in policies:
        if kind is not None and (not isinstance(kind, str) or not kind):
            raise ValueError(f"policies must hold names or null, not {kind!r}.")
    if None not in policies:
        raise ValueError(f"policies must leave an agent to a participant (null): {policies!r}.")
    return tuple(policies)
