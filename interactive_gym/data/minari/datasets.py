"""Writes datasets that ``minari.load_dataset`` loads: one per role and one with all agents.

The format is that of Minari (O. Younis et al., "Minari", https://minari.farama.org).
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interactive_gym.data.minari.episodes import Episode, Trajectory
from interactive_gym.data.minari.spaces import space_for, space_of, stacked

if TYPE_CHECKING:
    from gymnasium import Space

ALGORITHM = "human"
"""The algorithm that acted."""

JOINT = "joint"
"""The name of the dataset with all agents."""


@dataclass
class Recorded:
    """All episodes of a scene that one code computed."""

    study: str
    """The study."""
    scene_id: str
    """The scene."""
    digest: str
    """The environment digest of the code."""
    version: int
    """Counts the codes of the scene, from 0."""
    actions: Sequence[Any]
    """The table of actions."""
    spaces: Mapping[str, Sequence[Any]]
    """For ``observation`` and ``action`` the space of each agent, described."""
    episodes: list[Episode] = field(default_factory=list)
    """The episodes."""

    @property
    def roles(self) -> list[str]:
        """The agents that participants play, and no policy, in every episode."""
        played = [set(episode.subjects) for episode in self.episodes]
        return [agent for agent in self._agents if all(agent in found for found in played)]

    @property
    def _agents(self) -> list[str]:
        return list(self.episodes[0].trajectories) if self.episodes else []

    def spaces_of(self, agent: str) -> tuple[Space[Any], Space[Any]]:
        """The spaces of what an agent sees and does; of what it saw and did, if it names none.

        Args:
            agent: the agent.

        Raises:
            ValueError: Minari cannot store one of them.
        """
        place = self._agents.index(agent)
        seen = self.spaces.get("observation", [None])[place : place + 1]
        done = self.spaces.get("action", [None])[place : place + 1]
        first = self.episodes[0].trajectories[agent].observations[0]
        return (
            space_of(seen[0]) if seen and seen[0] else space_for(first),
            space_of(done[0]) if done and done[0] else self._index_space(),
        )

    def _index_space(self) -> Space[Any]:
        from gymnasium.spaces import Discrete

        whole = all(type(action) is int and action >= 0 for action in self.actions)
        if not whole:
            raise ValueError(
                "the environment has no action_space, and its actions are not whole numbers"
            )
        return Discrete(max(self.actions) + 1)


def write_datasets(recorded: Recorded, root: Path) -> list[str]:
    """Write the datasets of a scene; their ids, by which Minari loads them.

    Args:
        recorded: its episodes.
        root: the folder that ``MINARI_DATASETS_PATH`` names when they are loaded.

    Raises:
        ValueError: Minari cannot store what agents see or do.
        OSError: a file cannot be written.
    """
    from gymnasium import spaces

    if not recorded.episodes:
        return []
    pairs = {agent: recorded.spaces_of(agent) for agent in recorded._agents}
    made = [
        _write(recorded, root, agent, pairs[agent], _role(agent, pairs[agent]))
        for agent in recorded.roles
    ]
    if len(pairs) > 1:
        both = tuple(spaces.Dict({name: pair[n] for name, pair in pairs.items()}) for n in (0, 1))
        made.append(_write(recorded, root, JOINT, (both[0], both[1]), _joint(pairs)))
    return made


Content = Callable[[Episode], dict[str, Any]]


def _role(agent: str, pair: tuple[Space[Any], Space[Any]]) -> Content:
    """Makes what Minari stores of one agent's part of an episode."""

    def content(episode: Episode) -> dict[str, Any]:
        part = episode.trajectories[agent]
        return {
            "observations": stacked(pair[0], part.observations),
            "actions": stacked(pair[1], part.actions),
            "rewards": part.rewards,
            **_end(part.steps, part.terminated),
        }

    return content


def _joint(pairs: Mapping[str, tuple[Space[Any], Space[Any]]]) -> Content:
    """Makes what Minari stores of all agents' parts of an episode; rewards are their sum.

    An agent that left before the others goes on seeing and doing what it did last.
    """

    def content(episode: Episode) -> dict[str, Any]:
        parts = episode.trajectories
        steps = max(part.steps for part in parts.values())
        filled = {agent: _until(part, steps) for agent, part in parts.items()}
        return {
            "observations": {a: stacked(pairs[a][0], it[0]) for a, it in filled.items()},
            "actions": {a: stacked(pairs[a][1], it[1]) for a, it in filled.items()},
            "rewards": [
                sum(rewards) for rewards in zip(*(it[2] for it in filled.values()), strict=True)
            ],
            "infos": {"rewards": {agent: it[2] for agent, it in filled.items()}},
            **_end(steps, all(part.terminated for part in parts.values())),
        }

    return content


def _until(part: Trajectory, steps: int) -> tuple[list[Any], list[Any], list[float]]:
    missing = steps - part.steps
    return (
        [*part.observations, *part.observations[-1:] * missing],
        [*part.actions, *part.actions[-1:] * missing],
        [*part.rewards, *[0.0] * missing],
    )


def _end(steps: int, terminated: bool) -> dict[str, list[bool]]:
    """An episode that did not terminate is cut off with its last step."""
    before = [False] * (steps - 1)
    return {"terminations": [*before, terminated], "truncations": [*before, not terminated]}


def _write(
    recorded: Recorded,
    root: Path,
    name: str,
    pair: tuple[Space[Any], Space[Any]],
    content: Content,
) -> str:
    import minari
    import numpy as np
    from minari.data_collector.episode_buffer import EpisodeBuffer

    parts = [recorded.study, recorded.scene_id, name]
    dataset_id = "/".join(re.sub(r"[^-\w]", "-", part) for part in parts) + f"-v{recorded.version}"
    episodes = [it for it in recorded.episodes if name == JOINT or it.trajectories[name].steps]
    buffers = []
    for number, episode in enumerate(episodes):
        made = content(episode)
        infos = (
            {"rewards": {agent: np.array(it) for agent, it in made.pop("infos")["rewards"].items()}}
            if "infos" in made
            else {}
        )
        arrays = {
            key: np.array(made.pop(key)) for key in ("rewards", "terminations", "truncations")
        }
        buffers.append(EpisodeBuffer(id=number, seed=episode.seed, infos=infos, **made, **arrays))
    with _minari_root(root):
        dataset = minari.create_dataset_from_buffers(
            dataset_id,
            buffers,
            algorithm_name=ALGORITHM,
            code_permalink=f"code/{recorded.digest}",
            observation_space=pair[0],
            action_space=pair[1],
            description=_description(recorded, name),
            jpeg_encoding=False,
        )
        dataset.storage.update_metadata(
            {
                "study": recorded.study,
                "scene_id": recorded.scene_id,
                "environment_digest": recorded.digest,
            }
        )
        dataset.storage.update_episode_metadata(
            [
                {
                    "game_id": episode.game_id,
                    "episode": episode.number,
                    "subject_ids": ",".join(
                        f"{agent}={subject}" for agent, subject in episode.subjects.items()
                    ),
                }
                for episode in episodes
            ]
        )
    return dataset_id


def _description(recorded: Recorded, name: str) -> str:
    who = "all agents" if name == JOINT else f"the agent {name}"
    return (
        f"What {who} of the scene {recorded.scene_id} of the study {recorded.study} saw and did. "
        "Observations were computed from the inputs of participants, by the code in "
        f"code/{recorded.digest}, in games that this code confirms frame by frame. Episodes name "
        "their game and participants, whose answers, that to consent included, are in the study's "
        "table answers."
    )


@contextmanager
def _minari_root(root: Path) -> Iterator[None]:
    """Has Minari write into a folder, and keep to itself that there is no Gymnasium id."""
    name = "MINARI_DATASETS_PATH"
    before = os.environ.get(name)
    os.environ[name] = str(root)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
