import pandas as pd

from interactive_gym.data.observed_steps import with_observations


def test_every_step_has_what_its_agent_saw_before_it() -> None:
    steps = pd.DataFrame(
        [
            {"scene_id": "s", "game_id": game, "episode": episode, "step": step, "agent": agent}
            for game in ("a", "b")
            for episode, length in ((0, 2), (1, 1))
            for step in range(length)
            for agent in ("x", "y")
        ]
    )
    seen = [[[0, [0.5]], [1, None], [2, 2]], [[3, 3], [4, 4]]]
    told = with_observations(steps, [(("s", "b"), seen)])
    assert told["observation"][:6].isna().all()
    assert [None if it is pd.NA else it for it in told["observation"][6:]] == [
        "0",
        "[0.5]",
        "1",
        None,
        "3",
        "3",
    ]
    assert "observation" not in steps


def test_a_study_without_games_has_the_column_too() -> None:
    steps = pd.DataFrame(columns=["scene_id", "game_id", "episode", "step"])
    assert list(with_observations(steps, [])["observation"]) == []
