"""AI agents inside the rolled-back step, alone with a participant and among several."""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from interactive_gym.netcode.game_loop import GameLoop, create_game_loop
from interactive_gym.netcode.policies import Policies, RandomPolicy
from interactive_gym.netcode.resimulation import inputs_from_rows, resimulate
from interactive_gym.netcode.sync_test import sync_test
from tests.support.simulated_network import SimulatedGame, bad_machines, bad_network, game_config
from tests.support.stub_game import StubGame


class Seen(StubGame):
    """Shows every agent its number."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        results = super().step(actions)
        return dict.fromkeys(self.possible_agents, self.rng), *results[1:]


def three(**changes: Any) -> Any:
    """Two participants and an AI agent between them."""
    policies = [None, changes.pop("policy", "random"), None]
    agents = ["player_0", "player_1", "player_2"]
    return game_config(agents=agents, policies=policies, **changes)


def mirror(observation: int, agent: str) -> int:
    return [0, 1, 2, 5][observation % 4]


class Counting:
    """Remembers how often it was asked, and is pickled."""

    def __init__(self) -> None:
        self.asked = 0

    def reset(self, seed: int) -> None:
        self.asked = seed % 3

    def __call__(self, observation: int, agent: str) -> int:
        self.asked += 1
        return [0, 1, 2, 5][(self.asked + observation) % 4]


class Saved(Counting):
    """The same with a state of its own."""

    def get_state(self) -> int:
        return self.asked

    def set_state(self, state: int) -> None:
        self.asked = state


def namespace() -> Mapping[str, Any]:
    return {"mirror": mirror, "counting": Counting(), "saved": Saved(), "number": 3}


@pytest.mark.parametrize("policy", ["random", "mirror", "counting", "saved"])
@pytest.mark.parametrize("frame_skip", [1, 3])
def test_a_group_with_an_ai_agent_records_what_it_played(policy: str, frame_skip: int) -> None:
    for seed in range(5):
        network, draws = bad_network(seed)
        config = three(policy=policy, frame_skip=frame_skip, seed=seed)
        game = SimulatedGame(
            lambda: Seen(3),
            config,
            seed,
            network,
            bad_machines(2, draws),
            make_namespace=namespace,
        )
        game.run().verify()
        rows = game.players[0].rows
        assert len({row.split(",")[4] for row in rows[1::3]}) > 1
        assert {row.split(",")[5] for row in rows[1::3]} == {""}
        inputs = inputs_from_rows(rows, config)
        assert resimulate(Seen(3), config, inputs, namespace())[0] == rows


def test_a_policy_that_takes_over_a_lost_seat_is_recorded_alike_by_all() -> None:
    acted = 0
    for seed in range(10):
        network, draws = bad_network(seed)
        machines = bad_machines(3, draws)
        machines[2].leaves_at_ms = 2000
        config = game_config(3, seed=seed, num_episodes=4, on_cut="saved")
        game = SimulatedGame(
            lambda: Seen(3), config, seed, network, machines, make_namespace=namespace
        )
        game.run().verify()
        cells = [row.split(",") for row in game.players[0].rows]
        acted += len({row[4] for row in cells if row[3] == "player_2" and row[5] == ""}) > 1
    assert acted > 6


def test_one_participant_plays_with_ai_agents_without_a_network() -> None:
    config = game_config(3, num_episodes=1, max_steps=9, policies=["random", None, "mirror"])
    loop = GameLoop(Seen(3), config, namespace())
    rows: list[str] = []
    for number in range(12):
        result = json.loads(loop.tick(number * 33, 3, False, b""))
        assert result["packets"] == [] and result["rollback_frames"] == 0
        rows += result.get("rows", [])
    assert result["drained"]
    assert {row.split(",")[4] for row in rows[1::3][2:]} == {"5"}
    assert rows == resimulate(Seen(3), config, inputs_from_rows(rows, config), namespace())[0]


def test_frame_skip_repeats_an_action_until_the_next_decision() -> None:
    config = game_config(
        2, num_episodes=1, max_steps=20, policies=[None, "random"], frame_skip=4, seed=5
    )
    rows, _ = resimulate(StubGame(), config, [b"\x00"] * 20)
    actions = [row.split(",")[4] for row in rows[1::2]]
    groups = [actions[start : start + 4] for start in range(0, len(actions), 4)]
    assert all(len(set(group)) == 1 for group in groups)
    assert len(set(actions)) > 1


def test_the_random_policy_draws_every_action_equally_often() -> None:
    policy = RandomPolicy([0, 1, 2, 3, 4], 1)
    policy.reset(7)
    counts = Counter(policy.decide(None, "a") for _ in range(10_000))
    assert set(counts) == {0, 1, 2, 3, 4}
    assert all(1800 < count < 2200 for count in counts.values())


@pytest.mark.parametrize(
    ("seed", "salt", "actions", "draws"),
    [
        (7, 0, 4, [0, 0, 3, 0, 0, 1, 0, 0, 1, 2, 3, 1]),
        (7, 1, 4, [1, 1, 2, 3, 1, 2, 3, 1, 2, 1, 0, 3]),
        (2**32 - 1, 0, 127, [52, 106, 61, 117, 96, 94, 0, 15, 64, 106, 38, 49]),
    ],
)
def test_the_draws_of_a_seed_are_the_same_on_every_machine_and_in_every_release(
    seed: int, salt: int, actions: int, draws: list[int]
) -> None:
    policy = RandomPolicy(list(range(actions)), salt)
    policy.reset(seed)
    assert [policy.decide(None, "a") for _ in draws] == draws


def test_a_random_policy_goes_on_from_the_draw_that_was_saved() -> None:
    policy = RandomPolicy(list(range(50)), 3)
    policy.reset(7)
    policy.decide(None, "a")
    state = policy.save()
    rest = [policy.decide(None, "a") for _ in range(5)]
    policy.load(state)
    assert policy.unpack(state) == state == policy.save()
    assert [policy.decide(None, "a") for _ in range(5)] == rest


def test_two_random_agents_draw_apart_and_every_episode_anew() -> None:
    first, second = RandomPolicy(list(range(50)), 0), RandomPolicy(list(range(50)), 1)
    draws = []
    for policy, seed in ((first, 1), (second, 1), (first, 2), (first, 1)):
        policy.reset(seed)
        draws.append([policy.decide(None, "a") for _ in range(10)])
    assert draws[0] == draws[3]
    assert draws[0] != draws[1] and draws[0] != draws[2]


class Asked:
    """Keeps who was asked for, and with what; answers with the action 5."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, Any]] = []
        self.seeds: list[int] = []

    def reset(self, seed: int) -> None:
        self.seeds.append(seed)

    def __call__(self, observation: Any, agent: Any) -> int:
        self.calls.append((observation, agent))
        return 5


def asked(**changes: Any) -> tuple[Policies, Asked]:
    """The policies of two participants and an AI agent between them."""
    policy = Asked()
    policies = [None, changes.pop("policy", "random"), None]
    config = game_config(3, policies=policies, on_cut="asked", **changes)
    return Policies(config, {"asked": policy}), policy


def test_a_policy_is_asked_for_a_participants_agent_only_once_the_seat_is_vacant() -> None:
    policies, policy = asked()
    policies.reset(7)
    policies.decide(0, ["x", "y", "z"])
    assert policy.calls == []
    assert policies.actions[0] == policies.actions[2] == 0
    policies.decide(1, ["x", "y", "z"], vacant=[2])
    assert policy.calls == [("z", "player_2")]
    policies.decide(2, ["x", "y", "z"], vacant=[0, 2])
    assert policy.calls[1:] == [("x", "player_0"), ("z", "player_2")]
    assert policies.actions[0] == policies.actions[2] == 5


def test_an_ai_agent_is_asked_once_in_a_step_also_where_seats_are_vacant() -> None:
    policies, policy = asked(policy="asked")
    for vacant in ([], [0], [0, 2]):
        policy.calls.clear()
        policies.decide(0, ["x", "y", "z"], vacant)
        assert [agent for _, agent in policy.calls] == [
            "player_1",
            *(f"player_{position}" for position in vacant),
        ]


@pytest.mark.parametrize("on_cut", ["end", "neutral"])
def test_where_nobody_takes_over_a_vacant_seat_keeps_the_neutral_action(on_cut: str) -> None:
    config = game_config(3, policies=[None, "asked", None], on_cut=on_cut, default_action=1)
    policies = Policies(config, {"asked": Asked(), "end": Asked(), "neutral": Asked()})
    policies.decide(0, ["x", "y", "z"], vacant=[2])
    assert policies.actions == [1, 5, 1]


@pytest.mark.parametrize("frame_skip", [1, 2, 3])
def test_a_policy_decides_in_every_so_manieth_step(frame_skip: int) -> None:
    policies, policy = asked(policy="asked", frame_skip=frame_skip)
    decided = []
    for step in range(9):
        policy.calls.clear()
        policies.decide(step, ["x", "y", "z"])
        decided += [step] if policy.calls else []
    assert decided == list(range(0, 9, frame_skip))


def test_an_agent_that_takes_no_part_is_not_asked_for_and_keeps_its_action() -> None:
    policies, policy = asked(policy="asked")
    policies.decide(0, ["x", "y", "z"])
    policy.calls.clear()
    policies.decide(1, ["x", None, None], vacant=[2])
    assert policy.calls == []
    assert policies.actions == [0, 5, 0]


def test_a_random_agent_draws_whether_it_sees_anything_or_not() -> None:
    policies, _ = asked(actions=list(range(100)))
    policies.reset(7)
    drawn = set()
    for step in range(20):
        policies.decide(step, [None, None, None])
        drawn.add(policies.actions[1])
    assert len(drawn) > 10


def test_an_episode_begins_with_the_neutral_action_and_tells_every_policy_once() -> None:
    policies, policy = asked(policy="asked", default_action=2)
    policies.decide(0, ["x", "y", "z"], vacant=[0, 2])
    assert policies.actions == [5, 5, 5]
    policies.reset(7)
    assert policies.actions == [2, 2, 2]
    assert policy.seeds == [7]


def test_a_snapshot_brings_back_the_actions_and_every_policys_state() -> None:
    config = game_config(3, policies=[None, "saved", "counting"])
    policies = Policies(config, namespace())
    policies.reset(7)
    policies.decide(0, [1, 1, 1])
    state = policies.save()
    actions = list(policies.actions)
    assert policies.unpack(state)[1] == 2
    assert policies.unpack(state)[2].asked == 2
    policies.decide(1, [2, 2, 2])
    assert policies.actions != actions
    policies.load(state)
    assert policies.actions == actions
    assert policies.unpack(policies.save())[2].asked == 2


class Plain:
    """Only answers, and remembers how often."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, observation: Any, agent: Any) -> int:
        self.asked += 1
        return 1


class OnlyGets(Plain):
    def get_state(self) -> int:
        return self.asked


class OnlySets(Plain):
    def set_state(self, state: int) -> None:
        self.asked = state


@pytest.mark.parametrize("make", [Plain, OnlyGets, OnlySets])
def test_an_object_needs_no_reset_and_is_pickled_unless_it_has_both_methods(make: Any) -> None:
    policies = Policies(game_config(2, policies=[None, "plain"]), {"plain": make()})
    policies.reset(7)
    policies.decide(0, [1, 1])
    state = policies.save()
    assert isinstance(state[1], bytes)
    policies.decide(1, [1, 1])
    policies.load(state)
    assert policies.unpack(policies.save())[1].asked == 1


def test_of_a_function_or_a_class_nothing_is_kept_or_reset() -> None:
    def function(observation: Any, agent: Any) -> int:
        return 1

    class Constant:
        resets = 0

        def __new__(cls, observation: Any, agent: Any) -> Any:
            return 1

        @classmethod
        def reset(cls, seed: int) -> None:
            cls.resets += 1

    function.reset = Constant.reset  # type: ignore[attr-defined]
    for policy in (function, Constant):
        policies = Policies(game_config(2, policies=[None, "it"]), {"it": policy})
        policies.reset(7)
        policies.decide(0, [1, 1])
        assert policies.save() == ((0, 1), None) == policies.unpack(policies.save())
        policies.load(((0, 0), None))
        assert policies.actions == [0, 0]
    assert Constant.resets == 0


def test_without_policies_there_is_nothing_to_save() -> None:
    policies = Policies(game_config(2), {})
    assert policies.save() == policies.unpack(policies.save()) == ()
    policies.load(())
    policies.decide(0, ["x", "y"], vacant=[0])
    assert policies.actions == [0, 0]


def test_a_policy_with_a_memory_outside_its_state_is_found() -> None:
    class Forgetful(Saved):
        def get_state(self) -> int:
            return 0

        def set_state(self, state: int) -> None:
            pass

    config = game_config(2, policies=[None, "forgetful"])
    inputs = [bytes([number % 4]) for number in range(100)]
    found = sync_test(Seen(), config, inputs, namespace={"forgetful": Forgetful()})
    assert found is not None
    assert "action of agent player_1" in found.where or "policies" in found.where
    sound = game_config(2, policies=[None, "saved"])
    assert sync_test(Seen(), sound, inputs, namespace=namespace()) is None


@pytest.mark.parametrize("name", ["absent", "number"])
def test_a_name_that_is_no_policy_is_an_error(name: str) -> None:
    config = game_config(2, policies=[None, name])
    with pytest.raises(ValueError, match=f"no policy named '{name}'"):
        Policies(config, namespace())


def test_a_policy_that_cannot_be_saved_is_an_error() -> None:
    class Locked(Counting):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(ValueError, match=r"cannot be saved.*get_state\(\)"):
        Policies(game_config(2, policies=[None, "locked"]), {"locked": Locked()})


def test_the_names_are_looked_up_where_the_environment_was_defined() -> None:
    config = game_config(2, policies=[None, "mirror"])
    options = {**config.__dict__, "policies": [None, "mirror"]}
    loop = create_game_loop(Seen(), json.dumps(options), namespace())
    assert json.loads(loop.tick(0, 0, False, b""))["frame"] == 1


def test_a_seat_is_counted_among_the_participants_agents_only() -> None:
    config = three(seat=1)
    assert config.num_seats == 2
    assert config.seat_of_agent == (0, None, 1)
    for wrong in ({"policies": ["random"]}, {"policies": ["random", "random"]}, {"seat": 2}):
        with pytest.raises(ValueError):
            game_config(2, **wrong)
