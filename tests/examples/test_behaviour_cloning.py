import numpy as np
import pytest

from interactive_gym.cli import main
from interactive_gym.examples.behaviour_cloning import cloned, evaluated
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from tests.support.example_games import stored_example
from tests.support.slime_volleyball_players import heuristic
from tests.support.verified_study import VerifiedStudy


def test_what_depends_on_the_observation_is_learned() -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(2000, 3))
    done = (seen[:, 0] * seen[:, 1] > 0).astype(np.int64)
    policy = cloned(seen, done, 2, passes=60, seed=2)
    assert (policy.probabilities(seen).argmax(1) == done).mean() > 0.95


def test_gradients_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(1)
    seen, done = rng.normal(size=(20, 3)), rng.integers(0, 4, 20)
    policy = cloned(seen, done, 4, passes=1, seed=2)
    gradients = policy.learn(seen, done)

    def loss() -> float:
        return float(-np.log(policy.probabilities(seen)[np.arange(20), done]).mean())

    for weight, gradient in zip(policy.weights, gradients, strict=True):
        place = tuple(0 for _ in weight.shape)
        before = weight[place]
        weight[place] = before + 1e-6
        above = loss()
        weight[place] = before - 1e-6
        slope = (above - loss()) / 2e-6
        weight[place] = before
        assert slope == pytest.approx(gradient[place], abs=1e-6)


def test_a_policy_is_learned_from_an_exported_study(tmp_path, monkeypatch) -> None:
    pytest.importorskip("minari", reason="Minari is not installed: see the extra `minari`")
    made = VerifiedStudy(tmp_path / "made")
    for seed in range(1, 6):
        policy = heuristic(seed, error=5)
        stored_example(made, f"game_{seed}", slime_volleyball, 1200, seed, policy)
    target = tmp_path / "datasets"
    assert main(["export", str(made.folder), "--to", str(target), "--format", "minari"]) == 0
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(target))
    found = evaluated("study/game/left-v0", passes=30)
    assert (found["episodes"], found["steps"]) == (10, 6000)
    assert found["accuracy"] > found["commonest_action"] + 0.1
