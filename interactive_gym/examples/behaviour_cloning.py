"""Learns to play as participants did, from a dataset of ``interactive-gym export``.

Behaviour cloning (D. Pomerleau, "ALVINN: an autonomous land vehicle in a neural network", 1989): a
network with one hidden layer learns which action followed each observation, by Adam (D. Kingma and
J. Ba, "Adam: a method for stochastic optimization", 2015). It needs NumPy and Minari alone::

    export MINARI_DATASETS_PATH=datasets
    python -m interactive_gym.examples.behaviour_cloning my_study/volleyball/left-v0
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HIDDEN = 64
RATE = 0.003
BATCH = 256
TEST_SHARE = 0.2


@dataclass
class Policy:
    """A network that tells how likely a person takes each action."""

    mean: Array
    """The mean of every number of an observation, which is taken off it."""
    scale: Array
    """What it is divided by then."""
    weights: list[Array]
    """Weights and offsets of the hidden layer, and of the output."""

    def probabilities(self, observations: Array) -> Array:
        """The probability of each action, one row an observation."""
        return _softmax(self._layers(observations)[1])

    def act(self, observation: Any) -> int:
        """The action that is most likely."""
        return int(self.probabilities(np.ravel(observation)[None])[0].argmax())

    def learn(self, observations: Array, actions: NDArray[np.int64]) -> list[Array]:
        """The gradient of the mean cross-entropy, in the order of the weights."""
        hidden, scores = self._layers(observations)
        error = _softmax(scores)
        error[np.arange(len(actions)), actions] -= 1
        error /= len(actions)
        back = (error @ self.weights[2].T) * (1 - hidden**2)
        inputs = (observations - self.mean) / self.scale
        return [inputs.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]

    def _layers(self, observations: Array) -> tuple[Array, Array]:
        inputs = (observations - self.mean) / self.scale
        hidden = np.tanh(inputs @ self.weights[0] + self.weights[1])
        return hidden, hidden @ self.weights[2] + self.weights[3]


def cloned(
    observations: Array, actions: NDArray[np.int64], num_actions: int, passes: int, seed: int
) -> Policy:
    """A policy that has learned from what was seen and done.

    Args:
        observations: one row for every step.
        actions: the action of each, from 0.
        num_actions: how many actions there are.
        passes: how often it goes through all steps.
        seed: decides the first weights and the order of steps.
    """
    rng = np.random.default_rng(seed)
    inputs = observations.shape[1]
    policy = Policy(
        observations.mean(0),
        observations.std(0) + 1e-6,
        [
            rng.normal(0, inputs**-0.5, (inputs, HIDDEN)),
            np.zeros(HIDDEN),
            rng.normal(0, HIDDEN**-0.5, (HIDDEN, num_actions)),
            np.zeros(num_actions),
        ],
    )
    means = [np.zeros_like(weight) for weight in policy.weights]
    squares = [np.zeros_like(weight) for weight in policy.weights]
    step = 0
    for _ in range(passes):
        order = rng.permutation(len(actions))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            step += 1
            gradients = policy.learn(observations[chosen], actions[chosen])
            for place, gradient in enumerate(gradients):
                means[place] = 0.9 * means[place] + 0.1 * gradient
                squares[place] = 0.999 * squares[place] + 0.001 * gradient**2
                size = np.sqrt(squares[place] / (1 - 0.999**step)) + 1e-8
                policy.weights[place] -= RATE * means[place] / (1 - 0.9**step) / size
    return policy


def evaluated(dataset_id: str, passes: int = 30, seed: int = 0) -> dict[str, float]:
    """How often the most likely action is the one taken, in episodes that were not learned from.

    Beside it, how often the commonest action is: what who never looks would reach.

    Args:
        dataset_id: a dataset of one role, in the folder that ``MINARI_DATASETS_PATH`` names.
        passes: how often it goes through all steps.
        seed: decides which episodes are learned from, and all else that is random.

    Raises:
        ValueError: the dataset has fewer than two episodes.
    """
    import minari

    dataset = minari.load_dataset(dataset_id)
    episodes = [
        (
            np.array(episode.observations[:-1], np.float64).reshape(len(episode.actions), -1),
            np.array(episode.actions, np.int64) - int(dataset.action_space.start),
        )
        for episode in dataset.iterate_episodes()
    ]
    if len(episodes) < 2:
        raise ValueError(f"{dataset_id} has fewer than two episodes: one is needed for the test.")
    order = np.random.default_rng(seed).permutation(len(episodes))
    tested = max(1, round(TEST_SHARE * len(episodes)))
    seen, done = _together([episodes[number] for number in order[tested:]])
    new_seen, new_done = _together([episodes[number] for number in order[:tested]])
    policy = cloned(seen, done, int(dataset.action_space.n), passes, seed)
    commonest = np.bincount(done).argmax()
    return {
        "episodes": len(episodes),
        "steps": len(done) + len(new_done),
        "accuracy": float((policy.probabilities(new_seen).argmax(1) == new_done).mean()),
        "commonest_action": float((new_done == commonest).mean()),
    }


def _together(
    episodes: list[tuple[Array, NDArray[np.int64]]],
) -> tuple[Array, NDArray[np.int64]]:
    return np.concatenate([it[0] for it in episodes]), np.concatenate([it[1] for it in episodes])


def _softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(1, keepdims=True))
    total: Array = powers.sum(1, keepdims=True)
    return np.divide(powers, total)


if __name__ == "__main__":
    print(json.dumps(evaluated(sys.argv[1]), indent=2))
