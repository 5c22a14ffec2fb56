"""Makes episodes out of the frames of a game and of what its agents saw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interactive_gym.data.observed_steps import Episodes
from interactive_gym.netcode.cells import text_of
from interactive_gym.netcode.simulation import episode_seed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trajectory:
    """What one agent saw and did in an episode."""

    observations: list[Any]
    """What it saw before every step and after the last, as JSON has it."""
    actions: list[Any]
    """What it did, as the environment got it."""
    rewards: list[float]
    """What it got for it."""
    terminated: bool
    """Whether the episode ended for it."""

    @property
    def steps(self) -> int:
        """How many steps it took part in."""
        return len(self.rewards)


@dataclass(frozen=True)
class Episode:
    """An episode of a game."""

    game_id: str
    """The game."""
    number: int
    """Its number in the game, from 0."""
    seed: int
    """What the environment was reset with."""
    subjects: dict[str, str]
    """Who played which agent; agents that policies play are not here."""
    trajectories: dict[str, Trajectory]
    """What each agent saw and did."""


def episodes_of(match: Mapping[str, Any], steps: pd.DataFrame, seen: Episodes) -> list[Episode]:
    """The episodes of a game in which at least one step was taken.

    An episode in which an agent that took part saw nothing before a step is left out: what it acted
    upon is not known.

    Args:
        match: the content of its ``match.json``.
        steps: its rows of the table `steps`.
        seen: what its agents saw.
    """
    agents = list(dict.fromkeys(steps["agent"]))
    subjects = {
        str(agent): str(subject)
        for agent, subject in zip(steps["agent"], steps["subject_id"].astype(object), strict=True)
        if isinstance(subject, str)
    }
    actions = {text_of(action): action for action in match["actions"]}
    episodes = []
    for number, rows in steps.groupby("episode", sort=True):
        trajectories = {
            agent: _trajectory(
                rows[rows["agent"] == agent],
                [observed[place] for observed in seen[int(str(number))]],
                actions,
            )
            for place, agent in enumerate(agents)
        }
        whole = {agent: it for agent, it in trajectories.items() if it is not None}
        if len(whole) == len(agents) and any(it.steps for it in whole.values()):
            seed = episode_seed(int(match["seed"]), int(str(number)))
            episodes.append(Episode(str(match["game_id"]), int(str(number)), seed, subjects, whole))
    return episodes


def _trajectory(
    rows: pd.DataFrame, seen: Sequence[Any], actions: Mapping[str, Any]
) -> Trajectory | None:
    """What an agent saw and did until it left the episode; `None` if it saw nothing before."""
    taking_part = int(rows["reward"].notna().sum())
    rows = rows.iloc[:taking_part]
    observations = list(seen[: taking_part + 1])
    if None in observations[:taking_part]:
        return None
    if taking_part and observations[-1] is None:
        # Nobody acts upon it.
        observations[-1] = observations[-2]
    return Trajectory(
        observations,
        [actions[text] if text in actions else _read(text) for text in rows["action"]],
        [float(reward) for reward in rows["reward"]],
        bool(taking_part) and bool(rows["terminated"].fillna(False).iloc[-1]),
    )


def _read(text: str) -> Any:
    """An action that is not in the table, which a policy took."""
    try:
        return json.loads(text)
    except ValueError:
        return text
