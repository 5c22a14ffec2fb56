from typing import Any

import numpy
import pytest

from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.simulation import (
    FrameResult,
    Simulation,
    episode_seed,
    is_scalar,
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


class Flags(SeedLogger):
    """Ends for its agents as it is told: per step the flags (terminated, truncated) of each."""

    def __init__(self, *steps: tuple[tuple[bool, bool] | None, tuple[bool, bool] | None]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.received: list[dict[str, int]] = []

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        self.received.append(actions)
        observations, rewards, *_, infos = super().step({"player_0": 0, "player_1": 0} | actions)
        flags = dict(zip(self.possible_agents, self.steps.pop(0), strict=True))
        there = {agent: one for agent, one in flags.items() if one is not None}
        return (
            observations,
            {agent: rewards[agent] for agent in there},
            {agent: terminated for agent, (terminated, _) in there.items()},
            {agent: truncated for agent, (_, truncated) in there.items()},
            infos,
        )


ON, TERMINATED, TRUNCATED = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("flags", "is_over"),
    [
        ((ON, ON), False),
        ((ON, TERMINATED), False),
        ((TRUNCATED, ON), False),
        ((ON, None), False),
        ((TERMINATED, TERMINATED), True),
        ((TRUNCATED, TERMINATED), True),
        ((None, TRUNCATED), True),
        ((TERMINATED, None), True),
    ],
)
def test_an_episode_ends_once_it_is_over_for_every_agent_that_takes_part(
    flags: Any, is_over: bool
) -> None:
    (result,) = run(Flags(flags), 1, num_episodes=1, max_steps=9)
    assert result is not None
    assert result.ends_game == is_over
    assert [one and one[1:3] for one in result.outcomes] == list(flags)


def test_at_the_limit_only_those_are_truncated_who_have_not_terminated() -> None:
    (result,) = run(Flags((TERMINATED, ON)), 1, num_episodes=1, max_steps=1)
    assert result is not None
    assert [one and one[1:3] for one in result.outcomes] == [TERMINATED, TRUNCATED]
    assert result.ends_game


def test_without_a_limit_an_episode_goes_on() -> None:
    results = run(Flags(*[(ON, ON)] * 50), 50, num_episodes=1, max_steps=None)
    assert [r.step for r in results if r] == list(range(50))


def test_the_bit_of_a_hidden_page_and_a_vacant_seat_are_no_actions() -> None:
    env = Flags(*[(ON, ON)] * 3)
    config = game_config(actions=[10, 11, 12], default_action=1)
    simulation = Simulation(adapt(env, config.agents), config, {})
    results = [simulation.step(inputs) for inputs in (b"\x00\x02", b"\x82\x80", b"\xff\x00")]
    received = [list(actions.values()) for actions in env.received]
    assert received == [[10, 12], [12, 10], [11, 10]]
    assert [r.actions for r in results if r] == received


def test_a_frame_carries_the_rewards_and_then_the_columns_of_its_infos() -> None:
    class Told(Flags):
        def _infos(self) -> dict[str, Any]:
            return {"player_0": {"b": len(self.steps), "a": None}, "player_1": {"c": "x"}}

    env = Told((ON, ON))
    config = game_config()
    simulation = Simulation(adapt(env, config.agents), config, {})
    assert simulation.info_keys == ("a", "b", "c")
    result = simulation.step(b"\x00\x01")
    assert result is not None
    (reward_0, *rest_0), (reward_1, *rest_1) = (one or () for one in result.outcomes)
    assert (reward_0, reward_1) == (env.totals[0] / 3, env.totals[1] / 3)
    assert rest_0 == [False, False, None, 1, None]
    assert rest_1 == [False, False, None, None, "x"]
    assert (result.episode, result.step, result.inputs) == (0, 0, b"\x00\x01")


class Watching:
    """A policy that keeps what it is asked, and answers with the action 5."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []

    def __call__(self, observation: int, agent: str) -> int:
        self.asked.append((observation, agent))
        return 5

    def get_state(self) -> None:
        return None

    def set_state(self, state: None) -> None:
        pass


class Showing(Flags):
    """Shows every agent how many steps are still to come."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        results = super().step(actions)
        return dict.fromkeys(self.possible_agents, len(self.steps)), *results[1:]


def test_a_policy_sees_every_observation_and_acts_on_it_in_the_next_step() -> None:
    policy = Watching()
    env = Showing(*[(ON, ON)] * 3)
    config = game_config(policies=[None, "watching"], seed=9, max_steps=2, num_episodes=2)
    simulation = Simulation(adapt(env, config.agents), config, {"watching": policy})
    for _ in range(3):
        simulation.step(b"\x00")
    # The last observation of an episode is acted on by nobody, as the next one is reset at once.
    assert [seen for seen, _ in policy.asked] == [9, 2, episode_seed(9, 1), 0]
    assert {agent for _, agent in policy.asked} == {"player_1"}
    assert [actions["player_1"] for actions in env.received] == [5, 5, 5]


def test_a_vacant_seat_is_taken_over_in_the_step_after_and_in_the_next_episode() -> None:
    policy = Watching()
    env = Showing(*[(ON, ON)] * 4)
    config = game_config(on_cut="watching", default_action=1, max_steps=2, num_episodes=2)
    simulation = Simulation(adapt(env, config.agents), config, {"watching": policy})
    for inputs in (b"\x02\x02", b"\x02\xff", b"\x02\xff", b"\x02\xff"):
        simulation.step(inputs)
    assert [agent for _, agent in policy.asked] == ["player_1"] * 2
    assert [actions["player_1"] for actions in env.received] == [2, 1, 5, 5]


def test_nothing_is_decided_after_the_end_of_the_game() -> None:
    policy = Watching()
    config = game_config(policies=[None, "watching"], max_steps=1, num_episodes=1)
    simulation = Simulation(adapt(SeedLogger(), config.agents), config, {"watching": policy})
    assert simulation.step(b"\x00") is not None
    assert (simulation.is_over, len(policy.asked)) == (True, 1)
    assert (simulation.episode, simulation.step_number) == (0, 0)


def test_a_snapshot_has_the_environment_the_policies_and_the_progress() -> None:
    config = game_config(policies=[None, "random"], max_steps=3)
    simulation = Simulation(adapt(SeedLogger(), config.agents), config, {})
    simulation.step(b"\x00")
    state = simulation.save()
    environment, policies, progress = simulation.unpack(state)
    assert environment == simulation._environment.unpack(state[0])
    assert policies[0] == tuple(simulation._policies.actions)
    assert progress == (0, 1, False)
    assert simulation.digest(state) == simulation.digest(simulation.save())
    simulation.step(b"\x00")
    assert simulation.digest(state) != simulation.digest(simulation.save())


def test_the_seeds_of_later_episodes_are_the_same_on_every_machine_and_in_every_release() -> None:
    seeds = [episode_seed(7, episode) for episode in range(4)]
    assert seeds == [7, 1808820083, 1187467706, 143530063]
    assert episode_seed(2**32 - 1, 0) == 2**32 - 1
    assert all(episode_seed(7, episode) < 2**31 for episode in range(1, 100))


@pytest.mark.parametrize("value", [None, "x", 1, 1.5, True, numpy.int64(3), numpy.float32(2)])
def test_one_value_fits_into_a_cell(value: Any) -> None:
    assert is_scalar(value)
    assert scalar_keys([{"key": value}]) == ("key",)


@pytest.mark.parametrize("value", [[], {}, (1,), b"x", object(), numpy.zeros(1), numpy.zeros(0)])
def test_several_values_or_none_do_not(value: Any) -> None:
    assert not is_scalar(value)
    assert scalar_keys([{"key": value}]) == ()


def test_only_scalars_become_columns() -> None:
    infos: list[dict[Any, Any]] = [
        {"b": 1, "list": [], "none": None},
        {"a": "x", "dict": {}, 3: 1, "line\nfeed": 1},
    ]
    assert scalar_keys(infos) == ("a", "b", "none")
