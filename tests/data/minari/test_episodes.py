import pandas as pd

from interactive_gym.data.minari.episodes import episodes_of
from interactive_gym.netcode.simulation import episode_seed

MATCH = {"game_id": "g", "seed": "7", "actions": [0, [1, 2]]}


def steps(rewards, terminated=False):
    """One episode of two agents, whose rewards are given by step."""
    rows = [
        {"episode": 0, "step": step, "agent": agent, "subject_id": subject, "action": "[1,2]"}
        | {"reward": reward, "terminated": None if reward is None else terminated}
        for step, pair in enumerate(rewards)
        for agent, subject, reward in zip("xy", ("s1", None), pair, strict=True)
    ]
    types = {"reward": "Float64", "terminated": "boolean", "subject_id": "string"}
    return pd.DataFrame(rows).astype(types)


def test_an_episode_has_what_was_seen_before_every_step_and_after_the_last() -> None:
    seen = [[[1, 5], [2, 6], [3, 7]]]
    (episode,) = episodes_of(MATCH, steps([(1, 2), (3, 4)], terminated=True), seen)
    assert episode.seed == episode_seed(7, 0)
    assert episode.subjects == {"x": "s1"}
    x, y = episode.trajectories.values()
    assert (x.observations, x.actions, x.rewards) == ([1, 2, 3], [[1, 2], [1, 2]], [1, 3])
    assert y.observations == [5, 6, 7] and y.terminated


def test_an_agent_that_leaves_has_fewer_steps() -> None:
    seen = [[[1, 5], [2, None], [3, None]]]
    (episode,) = episodes_of(MATCH, steps([(1, 2), (3, None)]), seen)
    assert [it.steps for it in episode.trajectories.values()] == [2, 1]
    assert episode.trajectories["y"].observations == [5, 5]
    assert not episode.trajectories["y"].terminated


def test_an_episode_in_which_an_agent_saw_nothing_is_left_out() -> None:
    assert episodes_of(MATCH, steps([(1, 2), (3, 4)]), [[[1, 5], [2, None], [3, 7]]]) == []
