"""Seeded games under everything at once: bad networks and clocks, freezes, reloads, losses, AI.

Two hundred games run by default. ``NETCODE_GAMES=2000 pytest tests/netcode/test_sweep.py`` plays
more; ``NETCODE_FIRST_SEED`` sets where to begin, so that several processes can share the work.
"""

import os
from random import Random
from typing import Any

import pytest

from tests.support.simulated_network import (
    Machine,
    SimulatedGame,
    bad_machines,
    bad_network,
    game_config,
)
from tests.support.stub_game import StubGame

# Whole games by the hundred: slow to trace, and what they run the other tests run, too.
pytestmark = pytest.mark.no_cover

GAMES = int(os.environ.get("NETCODE_GAMES", "200"))
FIRST_SEED = int(os.environ.get("NETCODE_FIRST_SEED", "0"))
CHUNKS = 10


class Seen(StubGame):
    """Shows every agent its number."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        results = super().step(actions)
        return dict.fromkeys(self.possible_agents, self.rng), *results[1:]


class PickledGame(Seen):
    """The same without get_state, so that it is saved by pickling."""

    get_state = None
    set_state = None


class Turning:
    """A policy that remembers where it was."""

    def __init__(self) -> None:
        self.turn = 0

    def __call__(self, observation: int, agent: str) -> int:
        self.turn += 1
        return [0, 1, 2, 5][(self.turn + observation) % 4]


def play(seed: int) -> SimulatedGame:
    rng = Random(f"sweep {seed}")
    num_seats = rng.choice([2, 2, 3, 4])
    num_ai = rng.choice([0, 0, 1])
    policies = [None] * num_seats + [rng.choice(["random", "turning"]) for _ in range(num_ai)]
    rng.shuffle(policies)
    config = game_config(
        num_seats + num_ai,
        policies=policies,
        frame_skip=rng.choice([1, 4]),
        seed=seed,
        num_episodes=rng.choice([2, 5]),
        max_steps=rng.choice([20, 60]),
        input_delay=rng.choice([0, 1, 2, 5]),
        max_prediction=rng.choice([4, 8]),
        on_cut=rng.choice(["end", "neutral", "random", "turning"]),
    )
    network, draws = bad_network(seed)
    machines = bad_machines(num_seats, draws)
    upset(rng, machines)
    make_env = rng.choice([Seen, PickledGame])
    return SimulatedGame(
        lambda: make_env(num_seats + num_ai),
        config,
        seed,
        network,
        machines,
        make_namespace=lambda: {"turning": Turning()},
    ).run()


def upset(rng: Random, machines: list[Machine]) -> None:
    """Let some machines freeze, reload or leave; at least one goes through without a reload."""
    for machine in machines[1:]:
        at_ms = rng.uniform(100, 3500)
        match rng.choice(["nothing", "nothing", "freeze", "reload", "leave"]):
            case "freeze":
                machine.freezes = (at_ms, at_ms + rng.uniform(100, 12_000))
            case "reload":
                machine.reloads = ((at_ms, at_ms + rng.uniform(100, 3000)),)
            case "leave":
                machine.leaves_at_ms = at_ms
    rng.shuffle(machines)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_every_record_is_what_was_played(chunk: int) -> None:
    for seed in range(FIRST_SEED + chunk, FIRST_SEED + GAMES, CHUNKS):
        try:
            play(seed).verify()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("seed", [10268, 10325, 10598])
def test_games_that_once_went_wrong_are_what_was_played(seed: int) -> None:
    """Two reload in turn, so that what one confirmed with the other's lost inputs is void."""
    play(seed).verify()
