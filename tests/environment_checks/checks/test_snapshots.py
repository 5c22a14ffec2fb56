import pytest

from interactive_gym.environment_checks.checks.finding import Finding
from interactive_gym.environment_checks.checks.snapshots import SnapshotCheck
from interactive_gym.environment_checks.running.trial import Trial
from tests.support.environment_trials import trial_of


def findings(name: str) -> dict[str, Finding]:
    with trial_of(name) as (source, trial):
        return {finding.check: finding for finding in SnapshotCheck(source.load(), trial).run()}


@pytest.mark.parametrize(
    ("name", "where", "text"),
    [
        ("UnsavedSlot", "saved state", "picture[0]['x'] is "),
        ("AliasedWhenSaved", "saved state", "after it was saved, because"),
        ("AliasedWhenSaved", "saved state", "state['live'][2] is 0, then 1"),
        ("AliasedWhenLoaded", "saved state", "after it was loaded, because"),
        ("AliasedWhenLoaded", "saved state", "state['live'][2] is 0, then 1"),
        ("DrawingChangesState", "drawing", "render() changes the state: state['balls'][0][0] is"),
        ("not_json", "drawing", "picture[2] (circle) has x = (1+2j), not a finite number"),
        ("not_finite", "drawing", "picture[2] (circle) has y = nan, not a finite number"),
        ("misspelt_field", "drawing", "picture[2] (circle) has 'colour', which no circle has"),
        ("twice_the_same_id", "drawing", "picture[2] has the id 'ball_1', as picture[1] has"),
        ("unknown_type", "drawing", "picture[2] has the type 'disc'"),
    ],
)
def test_what_is_wrong_is_named(name: str, where: str, text: str) -> None:
    found = findings(name)[where]
    assert found.status == "wrong"
    assert text in found.text


@pytest.mark.parametrize(
    ("name", "how"),
    [("Sound", "get_state and set_state, "), ("Pickled", "a pickle of the environment, ")],
)
def test_of_a_sound_environment_it_is_told_how_it_is_saved_and_how_large_that_is(
    name: str, how: str
) -> None:
    found = findings(name)
    assert found["saved state"].status == "ok"
    assert found["saved state"].text.startswith(how)
    assert found["saved state"].text.endswith((" bytes", " kB"))
    assert found["drawing"].status == "ok"
    assert found["drawing"].text.startswith("up to 2 draw commands, ")


def test_an_environment_that_draws_nothing_is_noted() -> None:
    with trial_of("SingleAgent") as (source, _):
        check = SnapshotCheck(source.load(), Trial(("agent",), (1, 2), frames=40))
        _, drawing = check.run()
    assert (drawing.status, drawing.text) == ("note", "render() draws nothing")


def test_a_picture_that_is_wrong_only_in_a_later_episode_is_found() -> None:
    with trial_of("Sound") as (source, trial):
        loaded = source.load()
        reset, render = loaded.env.reset, loaded.env.render
        seeds = []

        def note_reset(seed, options=None):
            seeds.append(seed)
            return reset(seed, options)

        loaded.env.reset = note_reset
        loaded.env.render = lambda: render() if len(seeds) < 2 else [{"type": "disc"}]
        _, drawing = SnapshotCheck(loaded, trial).run()
    assert drawing.status == "wrong"
    assert drawing.text.endswith("(before step 0).")
