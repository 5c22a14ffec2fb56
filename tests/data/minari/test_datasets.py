import pytest

from interactive_gym.data.minari.datasets import Recorded, write_datasets
from interactive_gym.data.minari.episodes import Episode, Trajectory

minari = pytest.importorskip("minari", reason="Minari is not installed: see the extra `minari`")


def recorded(actions=(0, 1, 2), subjects=None, **changes) -> Recorded:
    parts = {
        "x": Trajectory([0.5, 1.5, 2.5], [0, 1], [1.0, 2.0], True),
        "y": Trajectory([9.0, 8.0], [2], [4.0], False),
    }
    episode = Episode("g", 0, 7, subjects or {"x": "s1", "y": "s2"}, parts)
    return Recorded("my study", "game", "abc", 0, list(actions), {}, [episode], **changes)


def test_an_agent_that_left_goes_on_in_the_joint_dataset_as_it_was_last(
    tmp_path, monkeypatch
) -> None:
    ids = write_datasets(recorded(), tmp_path)
    assert ids == [f"my-study/game/{name}-v0" for name in ("x", "y", "joint")]
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    (episode,) = minari.load_dataset(ids[2])
    assert episode.observations["y"].tolist() == [9.0, 8.0, 8.0]
    assert episode.actions["y"].tolist() == [2, 2]
    assert episode.rewards.tolist() == [5.0, 2.0]
    assert episode.infos["rewards"]["y"].tolist() == [4.0, 0.0]
    (alone,) = minari.load_dataset(ids[1])
    assert len(alone.actions) == 1 and alone.truncations.tolist() == [True]


def test_an_agent_that_a_policy_plays_has_no_dataset_of_its_own(tmp_path) -> None:
    ids = write_datasets(recorded(subjects={"x": "s1"}), tmp_path)
    assert ids == ["my-study/game/x-v0", "my-study/game/joint-v0"]


def test_actions_without_a_space_must_be_whole_numbers(tmp_path) -> None:
    with pytest.raises(ValueError, match="no action_space"):
        write_datasets(recorded(actions=("left", "right")), tmp_path)


def test_without_episodes_there_is_no_dataset(tmp_path) -> None:
    assert write_datasets(Recorded("s", "game", "abc", 0, [0], {}), tmp_path) == []
