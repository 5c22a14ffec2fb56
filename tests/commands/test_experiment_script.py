import sys
import textwrap

import pytest

from interactive_gym.commands.experiment_script import load_config, scenes_of
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.examples.kitchen import experiment as kitchen
from interactive_gym.server import app
from tests.support.paths import ROOT
from tests.support.researchers_scripts import SCRIPT_HEAD


@pytest.fixture
def script(tmp_path):
    def write(body):
        path = tmp_path / "my_study.py"
        path.write_text(SCRIPT_HEAD + textwrap.dedent(body))
        return path

    return write


@pytest.mark.parametrize(
    "serving",
    [
        "run(study(game('a', FIFOMatchmaker(120))))",
        "application = create_app(study(game('a', FIFOMatchmaker(120))))",
        "if __name__ == '__main__':\n    run(study(game('a', FIFOMatchmaker(120))))",
        "from interactive_gym.server import app\napp.run(study(game('a', FIFOMatchmaker(120))))",
        "try:\n    run(study(game('a', FIFOMatchmaker(120))))\nexcept Exception:\n    raise",
        "config = study(game('a', FIFOMatchmaker(120)))",
    ],
)
def test_the_experiment_of_a_script_is_taken_where_it_would_be_served(script, serving):
    (scene,) = scenes_of(script(serving))
    assert (scene.scene_id, scene.group_size, scene.patience_s) == ("a", 2, 90.0)
    assert (scene.threshold_ms, type(scene.matchmaker).__name__) == (120, "FIFOMatchmaker")


def test_nothing_of_this_process_is_changed_by_a_script(script, capsys):
    before = (app.run, app.create_app, sys.argv, sys.path[:])
    path = script("import sys\nprint(sys.argv)\nrun(study(game('a', FIFOMatchmaker(120))))\n")
    assert isinstance(load_config(path), ExperimentConfig)
    assert (app.run, app.create_app, sys.argv, sys.path) == before
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"[{str(path)!r}]\n")


def test_a_script_imports_what_lies_beside_it(script, tmp_path):
    (tmp_path / "my_settings.py").write_text("THRESHOLD_MS = 77\n")
    (scene,) = scenes_of(
        script(
            "from my_settings import THRESHOLD_MS\n"
            "run(study(game('a', FIFOMatchmaker(THRESHOLD_MS))))"
        )
    )
    assert scene.threshold_ms == 77


def test_scenes_for_one_participant_are_left_out(script):
    games = "game('alone', FIFOMatchmaker(), ['left']), game('three', FIFOMatchmaker(99), 'xyz')"
    (scene,) = scenes_of(script(f"run(study({games}))"))
    assert (scene.scene_id, scene.group_size) == ("three", 3)


def test_a_turn_server_is_a_relay(script):
    turn = (
        "ice_servers=[{'urls': ['stun:s.test', 'turn:t.test'], 'username': 'u', 'credential': 'c'}]"
    )
    for servers, has_relay in ((f", {turn}", True), ("", False)):
        (scene,) = scenes_of(script(f"run(study(game('a', FIFOMatchmaker(99)){servers}))"))
        assert scene.has_relay is has_relay


def test_the_scripts_own_matchmaker_is_made_with_other_thresholds(script):
    (scene,) = scenes_of(
        script(
            """
            class Own(LatencyMatchmaker):
                pass

            run(study(game("a", GroupReunionMatchmaker(
                100,
                reunion_timeout_s=20,
                compatible=lambda a, b: a.attributes["x"] == b.attributes["x"],
                fallback=Own(100, probe_price=3.0, rtt_expansions=[(20, 140), (40, 190)]),
            ))))
            """
        )
    )
    made = scene.make_matchmaker(150.0)
    assert type(made) is type(scene.matchmaker) and made is not scene.matchmaker
    assert (made.max_p2p_rtt_ms, made.reunion_timeout_s, made.compatible) == (150.0, 20, None)
    assert (made.fallback.max_p2p_rtt_ms, made.fallback.probe_price) == (150.0, 3.0)
    assert made.fallback.rtt_expansions == ((40, 190),)
    assert scene.matchmaker.max_p2p_rtt_ms == 100
    assert any("compatible is left out" in note for note in scene.notes)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("import sys\nsys.exit('which participant?')", "ended by itself (which participant?)"),
        ("1 / 0", "cannot be run: ZeroDivisionError"),
        ("x =", "cannot be run: SyntaxError"),
        ("", "serves no experiment and describes 0"),
        ("a, b = study(), study()", "serves no experiment and describes 2"),
        ("run(study(game('a', FIFOMatchmaker(), ['left'])))", "no scene in which several"),
    ],
)
def test_a_script_that_cannot_be_planned_is_refused_in_a_sentence(script, body, sentence):
    with pytest.raises(ValueError) as refused:
        scenes_of(script(body))
    assert sentence in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no file"):
        scenes_of(tmp_path / "none.py")


@pytest.mark.parametrize("example", ["kitchen", "slime_volleyball"])
def test_the_examples_can_be_planned(example):
    scenes = scenes_of(ROOT / f"interactive_gym/examples/{example}/experiment.py")
    assert all(scene.group_size == 2 for scene in scenes)
    assert kitchen.config is not None


def test_a_matchmaker_that_cannot_be_made_again_is_named(script):
    (scene,) = scenes_of(
        script(
            """
            class Own(FIFOMatchmaker):
                def __init__(self, max_p2p_rtt_ms, secret):
                    super().__init__(max_p2p_rtt_ms)

            run(study(game("a", Own(100, 1))))
            """
        )
    )
    with pytest.raises(ValueError, match="Its public attributes must be what its constructor"):
        scene.make_matchmaker(80.0)
