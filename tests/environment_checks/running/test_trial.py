from itertools import groupby

import gymnasium
import pytest

from interactive_gym.environment_checks.running.environment_source import LoadedEnvironment
from interactive_gym.environment_checks.running.trial import (
    EPISODES,
    LONGEST_PRESS,
    Trial,
    named_result,
    play,
)
from interactive_gym.netcode.simulation import episode_seed
from tests.support.environment_trials import trial_of


def test_the_inputs_are_the_same_whenever_they_are_asked_for_and_keys_are_held() -> None:
    trial = Trial(("left", "right"), ("a", "b", "c"), frames=400)
    inputs = trial.inputs(2)
    assert inputs == trial.inputs(2)
    assert len(inputs) == 400
    for seat in range(2):
        held = [frame[seat] for frame in inputs]
        presses = [len(list(same)) for _, same in groupby(held)]
        assert set(held) == {0, 1, 2}
        assert max(presses) > LONGEST_PRESS / 2, "an action is held for a while"
        assert sum(presses) / len(presses) < LONGEST_PRESS, "and not for ever"


def test_a_trial_of_few_frames_has_episodes_of_one() -> None:
    assert [Trial(("a",), (0,), frames=frames).max_steps for frames in (1, 2, 3, 7)] == [1, 1, 1, 2]


def test_a_trial_comes_back_from_its_record() -> None:
    trial = Trial(("left", "right"), (0, 2), ("steady",), frames=30, seed=5)
    assert Trial.from_record(trial.as_record()) == trial


def test_every_moment_of_a_trial_is_told_from_the_reset_on() -> None:
    with trial_of("Sound", frames=100) as (source, trial):
        moments = list(play(source.load(), trial))
    places = [(moment.episode, moment.step) for moment in moments]
    resets = [place for place in places if place[1] == 0]
    assert places[0] == (0, 0)
    assert len(moments) == trial.frames + len(resets)
    assert resets == [(episode, 0) for episode in range(EPISODES + 1)]
    assert [moment.where() for moment in moments[:2]] == ["the reset", "step 0"]
    assert moments[34].where() == "the reset of episode 1"
    assert moments[36].where() == "step 1 of episode 1"


def test_an_episode_that_ends_by_itself_is_followed_by_another() -> None:
    with trial_of("Sound", frames=270) as (source, trial):
        steps = [moment.step for moment in play(source.load(), trial)]
    assert max(steps) == 60 < trial.max_steps


def test_a_moment_tells_the_state_what_agents_are_told_and_the_picture() -> None:
    with trial_of("Sound", policies=("steady",)) as (source, trial):
        moments = play(source.load(), trial)
        reset, step = next(moments), next(moments)
    assert {"state", "picture", "observation of agent left"} < set(reset.parts)
    assert reset.parts["reward of agent left"] is None
    assert step.parts["reward of agent right"] == 0.5
    assert step.parts["decision of policy steady for agent left"] in (1, 2)
    assert step.leaves()["state['steps']"] == "1"


def test_equal_moments_share_a_digest_and_others_do_not() -> None:
    with trial_of("Sound") as (source, trial):
        first, second, other = (
            [moment.digest() for moment in play(source.load(), trial, seed)] for seed in (1, 1, 2)
        )
    assert first == second
    assert set(first).isdisjoint(other)


def test_each_episode_has_the_seed_that_it_would_have_in_a_game() -> None:
    with trial_of("Sound") as (source, trial):
        loaded = source.load()
        reset, seeds = loaded.env.reset, []

        def note(seed, options=None):
            seeds.append(seed)
            return reset(seed, options)

        loaded.env.reset = note
        list(play(loaded, trial, seed=40))
    assert seeds == [episode_seed(40, episode) for episode in range(len(seeds))]
    assert len(seeds) > EPISODES


def test_an_environment_without_a_state_of_its_own_is_looked_at_whole() -> None:
    with trial_of("Pickled") as (source, trial):
        moment = next(play(source.load(), trial))
    assert "env" in moment.parts
    assert "env.balls[0].x" in moment.leaves()


def test_an_agent_that_is_gone_is_told_no_reward() -> None:
    assert named_result("left", 3, None) == {"observation of agent left": 3}
    told = named_result("left", 3, (1.0, True, False, {"hits": 2}))
    assert (told["reward of agent left"], told["info of agent left"]) == (1.0, {"hits": 2})


@pytest.mark.filterwarnings("ignore:.*without specifying any render mode")
def test_what_wrappers_of_gymnasium_remember_of_calls_is_no_part_of_a_game() -> None:
    env = gymnasium.make("CartPole-v1")
    made = LoadedEnvironment(env, {})
    trial = Trial(("agent",), (0, 1), frames=60)
    first, second = ([moment.digest() for moment in play(made, trial)] for _ in range(2))
    assert first == second
