from typing import Any

from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.simulation import (
    FrameResult,
    Simulation,
    episode_seed,
    scalar_keys,
)
from tests.support.simulated_network import game_config
from tests.support.stub_game import StubGame


class SeedLogger(StubGame):
    """Notes its seeds; its episodes never end by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds: list[int | None] = []

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.seeds.append(seed)
        return super().reset(seed, options)

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        results = super().step(actions)
        self.agents = list(self.possible_agents)
        return (*results[:2], dict.fromkeys(self.agents, False), *results[3:])


def run(env: Any, frames: int, **changes: Any) -> list[FrameResult | None]:
    config = game_config(**changes)
    simulation = Simulation(adapt(env, config.agents), config, {})
    return [simulation.step(b"\x00\x00") for _ in range(frames)]


def test_every_episode_is_reset_with_its_own_seed_and_the_first_with_the_games() -> None:
    env = SeedLogger()
    run(env, 10, max_steps=3, num_episodes=3, seed=7)
    assert env.seeds == [7, episode_seed(7, 1), episode_seed(7, 2)]
    assert len(set(env.seeds)) == 3
    assert all(0 <= seed < 2**31 for seed in env.seeds if seed is not None)


def test_frames_run_on_through_episodes_and_steps_begin_again() -> None:
    results = run(SeedLogger(), 7, max_steps=3, num_episodes=3)
    assert [(r.episode, r.step) for r in results if r] == [
        *((0, 0), (0, 1), (0, 2)),
        *((1, 0), (1, 1), (1, 2)),
        (2, 0),
    ]


def test_max_steps_truncates_every_agent() -> None:
    results = run(SeedLogger(), 3, max_steps=3, num_episodes=2)
    flags = [outcome[1:3] for r in results if r for outcome in r.outcomes if outcome]
    assert flags == [(False, False)] * 4 + [(False, True)] * 2


def test_only_the_last_frame_of_the_last_episode_ends_the_game_and_nothing_follows() -> None:
    results = run(SeedLogger(), 8, max_steps=3, num_episodes=2)
    assert [r.ends_game if r else None for r in results] == [*[False] * 5, True, None, None]


def test_a_snapshot_covers_the_episode_and_the_end_of_the_game() -> None:
    config = game_config(max_steps=3, num_episodes=2)
    simulation = Simulation(adapt(SeedLogger(), config.agents), config, {})
    for _ in range(2):
        simulation.step(b"\x00\x00")
    state = simulation.save()
    first = [simulation.step(b"\x01\x00") for _ in range(5)]
    assert simulation.is_over
    simulation.load(state)
    assert not simulation.is_over
    assert [simulation.step(b"\x01\x00") for _ in range(5)] == first


def test_an_info_dict_that_the_environment_reuses_keeps_the_values_of_its_frame() -> None:
    class Reusing(SeedLogger):
        def __init__(self) -> None:
            super().__init__()
            self.shared: dict[str, Any] = {}

        def _infos(self) -> dict[str, Any]:
            self.shared["rng"] = self.rng
            return dict.fromkeys(self.possible_agents, self.shared)

    results = run(Reusing(), 3)
    assert len({r.outcomes[0][3] for r in results if r and r.outcomes[0]}) == 3


def test_only_scalars_become_columns() -> None:
    infos: list[dict[Any, Any]] = [
        {"b": 1, "list": [], "none": None},
        {"a": "x", "dict": {}, 3: 1, "line\nfeed": 1},
    ]
    assert scalar_keys(infos) == ("a", "b", "none")
