import json

import numpy as np
import pytest

from interactive_gym.cli import main
from interactive_gym.examples.kitchen import environment as kitchen
from interactive_gym.examples.slime_volleyball import environment as slime_volleyball
from interactive_gym.netcode.simulation import episode_seed
from interactive_gym.verification.observations import observed_games
from tests.support.example_games import AGENTS, stored_example
from tests.support.verified_study import VerifiedStudy

minari = pytest.importorskip("minari", reason="Minari is not installed: see the extra `minari`")


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> VerifiedStudy:
    made = VerifiedStudy(tmp_path_factory.mktemp("made"))
    stored_example(made, "a", slime_volleyball, seed=3)
    stored_example(made, "b", slime_volleyball, seed=4)
    return made


@pytest.fixture
def exported(study, tmp_path, monkeypatch):
    target = tmp_path / "datasets"
    assert main(["export", str(study.folder), "--to", str(target), "--format", "minari"]) == 0
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(target))
    return target


def test_minari_loads_a_dataset_per_role_and_one_with_all(exported, study) -> None:
    assert set(minari.list_local_datasets()) == {
        f"study/game/{name}-v0" for name in ("left", "right", "joint")
    }
    seen = {
        game.folder.name: game
        for game in observed_games(
            study.folder, [study.folder / "game" / name for name in ("a", "b")], 1
        )
    }
    dataset = minari.load_dataset("study/game/left-v0")
    env = slime_volleyball.make_env()
    assert dataset.observation_space == env.observation_space("left")
    assert dataset.action_space == env.action_space("left")
    assert dataset.storage.metadata["algorithm_name"] == "human"
    assert len(dataset) == 4
    for episode, kept in zip(dataset, dataset.storage.get_episode_metadata(range(4)), strict=True):
        game = seen[kept["game_id"]]
        expected = [step[0] for step in game.episodes[int(kept["episode"])]]
        assert np.array_equal(episode.observations, np.array(expected, np.float32))
        assert len(episode.actions) == len(episode.rewards) == len(expected) - 1
        seed = {"a": 3, "b": 4}[kept["game_id"]]
        assert int(kept["seed"]) == episode_seed(seed, int(kept["episode"]))
        assert "left=subject_0" in kept["subject_ids"]
        assert (episode.terminations | episode.truncations).sum() == 1


def test_stepping_the_environment_with_the_actions_of_the_joint_dataset_gives_it_again(
    exported,
) -> None:
    dataset = minari.load_dataset("study/game/joint-v0")
    for episode, kept in zip(dataset, dataset.storage.get_episode_metadata(range(4)), strict=True):
        env = slime_volleyball.make_env()
        saw = env.reset(seed=int(kept["seed"]))[0]
        for step in range(len(episode.rewards)):
            for agent in AGENTS[slime_volleyball]:
                assert np.array_equal(
                    episode.observations[agent][step], np.asarray(saw[agent], np.float32)
                )
            actions = {agent: int(episode.actions[agent][step]) for agent in saw}
            saw, rewards, *_ = env.step(actions)
            assert episode.rewards[step] == sum(rewards.values())


def test_the_code_that_computed_it_comes_along(exported, study) -> None:
    dataset = minari.load_dataset("study/game/joint-v0")
    digest = dataset.storage.metadata["environment_digest"]
    assert dataset.storage.metadata["code_permalink"] == f"code/{digest}"
    for file in (study.folder / "code" / digest).rglob("*"):
        if file.is_file():
            copy = exported / file.relative_to(study.folder)
            assert copy.read_bytes() == file.read_bytes()


def test_whole_numbers_of_a_multi_discrete_or_box_space_are_kept(tmp_path, monkeypatch) -> None:
    made = VerifiedStudy(tmp_path / "made")
    stored_example(made, "a", kitchen)
    target = tmp_path / "datasets"
    assert main(["export", str(made.folder), "--to", str(target), "--format", "minari"]) == 0
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(target))
    dataset = minari.load_dataset("study/game/blue-v0")
    assert dataset.observation_space == kitchen.make_env().observation_space("blue")


def test_a_game_that_does_not_verify_is_left_out_and_named(study, tmp_path, capsys) -> None:
    made = VerifiedStudy(tmp_path / "made")
    stored_example(made, "a", slime_volleyball)
    match = made.folder / "game" / "a" / "match.json"
    match.write_text(json.dumps(json.loads(match.read_text()) | {"seed": 8}))
    assert main(["export", str(made.folder), "--to", str(tmp_path / "d"), "--format=minari"]) == 0
    said = capsys.readouterr().out
    assert "game/a has no observations" in said
    assert "0 datasets" in said
