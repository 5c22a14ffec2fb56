"""Checks whether an environment can be rolled back: simulates every frame again and compares.

It finds environments with a variable outside their snapshot, or whose snapshot changes after it was
taken, before a study does. It needs no network and no second machine.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from interactive_gym.netcode.cells import cell
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.game_config import GameConfig
from interactive_gym.netcode.recorder import BASE_COLUMNS
from interactive_gym.netcode.simulation import FrameResult, Simulation
from interactive_gym.netcode.state_difference import find_difference


class Divergence(NamedTuple):
    """A frame that came out differently when simulated again from a snapshot."""

    frame: int
    """The frame's number."""

    where: str
    """The column of its rows (with the agent), or the part of the state after it: ``state[2]`` is
    of what ``get_state`` returned, ``env.ball.x`` of an environment that is pickled whole."""

    first: str
    """What the first simulation gave."""

    second: str
    """What the repeated simulation gave."""


def sync_test(
    env: Any,
    config: GameConfig,
    inputs: Iterable[bytes],
    depth: int = 8,
    namespace: Mapping[str, Any] | None = None,
) -> Divergence | None:
    """Play, and after every frame go back up to *depth* frames and simulate those again.

    Args:
        env: A fresh environment, which the test changes.
        config: The game; ``seat`` does not matter.
        inputs: The inputs of frame 0, 1, …, one per seat.
        depth: How many frames to go back.
        namespace: The variables of the environment's code, if a policy is named.

    Returns:
        The first difference, or None if there is none until the inputs or the game end.
    """
    simulation = Simulation(adapt(env, config.agents), config, namespace or {})
    columns = [*BASE_COLUMNS[6:], *(f"info_{key}" for key in simulation.info_keys)]
    root = "env" if isinstance(simulation.unpack(simulation.save())[0], type(env)) else "state"
    states: list[Any] = [simulation.save()]
    results: list[FrameResult] = []
    for frame, frame_inputs in enumerate(inputs):
        result = simulation.step(frame_inputs)
        if result is None:
            break
        results.append(result)
        states.append(simulation.save())
        # The list ends with the snapshot after this frame; the one before it is *back* earlier.
        back = min(depth, len(results))
        simulation.load(states[-1 - back])
        for age in range(back, 0, -1):
            again = simulation.step(results[-age].inputs)
            state = simulation.save()
            found = _compare_states(
                simulation, states[-age], state, frame - age + 1, root
            ) or _compare_rows(results[-age], again, config, columns, frame - age + 1)
            if found:
                return found
            states[-age] = state
        del states[:-depth], results[:-depth]
    return None


def _compare_rows(
    first: FrameResult,
    second: FrameResult | None,
    config: GameConfig,
    columns: list[str],
    frame: int,
) -> Divergence | None:
    if second is None:
        return Divergence(frame, "the end of the game", "later", "before this frame")
    if first[:2] != second[:2]:
        return Divergence(frame, "episode, step", repr(first[:2]), repr(second[:2]))
    for agent, one, other in zip(config.agents, first.actions, second.actions, strict=True):
        if cell(one) != cell(other):
            return Divergence(frame, f"action of agent {agent}", cell(one), cell(other))
    for agent, one, other in zip(config.agents, first.outcomes, second.outcomes, strict=True):
        if one is None or other is None:
            if one is not other:
                taking_part = "no longer taking part", "taking part"
                first_text, second_text = taking_part if one is None else taking_part[::-1]
                return Divergence(frame, f"agent {agent}", first_text, second_text)
            continue
        for column, value, again in zip(columns, map(cell, one), map(cell, other), strict=True):
            if value != again:
                return Divergence(frame, f"{column} of agent {agent}", value, again)
    return None


def _compare_states(
    simulation: Simulation, first: Any, second: Any, frame: int, root: str
) -> Divergence | None:
    environment, policies = simulation.unpack(first)[:2]
    environment_again, policies_again = simulation.unpack(second)[:2]
    found = find_difference(environment, environment_again, root) or find_difference(
        policies, policies_again, "policies"
    )
    if found is None:
        return None
    return Divergence(frame, found.path, found.first, found.second)
