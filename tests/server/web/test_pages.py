import re

import pytest
from flask import Flask

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.options.link_parameters import LinkParameters
from interactive_gym.packages.runtime import build_runtime_bundle
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.participants.recruited import Recruited
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.web import pages


def registry():
    return ParticipantRegistry(
        "key", experiment_id="pilot", new_id=lambda: "a", new_completion_code=lambda: "b"
    )


def game(scene_id):
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .policies(policy_mapping={"left": "human", "right": "human"})
        .gameplay(default_action=0, action_mapping={"a": 1})
        .pyodide(environment_initialization_code="env = None")
    )


@pytest.fixture
def config(tmp_path):
    """An experiment with two games, only the first of which has images."""
    folder = tmp_path / "images"
    (folder / "below").mkdir(parents=True)
    for name in ("cook one.png", "cook.webp", ".hidden.png", "below/cook.png"):
        (folder / name).write_bytes(b"picture")
    (tmp_path / "secret.png").write_bytes(b"secret")
    drawn = game("drawn")
    drawn.assets_dir = folder
    scenes = [StartScene().scene(scene_id="start"), drawn, game("plain")]
    stager = Stager(scenes=[*scenes, EndScene().scene(scene_id="end")])
    return ExperimentConfig().experiment(stager=stager, experiment_id="pilot")


@pytest.fixture
def client(config):
    app = Flask("interactive_gym.server.app")
    participants = registry()
    pages.register(app, config, participants, build_runtime_bundle())
    return app.test_client()


def test_an_image_of_a_scene_is_served_and_not_again_while_it_is_the_same(client):
    path = "/assets/drawn/cook%20one.png"
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"picture", "image/png")
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
    assert (again.status_code, again.data) == (304, b"")
    assert "no-cache" in answer.headers["Cache-Control"]


def test_an_image_has_its_type_even_where_the_system_does_not_know_it(client):
    assert client.get("/assets/drawn/cook.webp", buffered=True).mimetype == "image/webp"


@pytest.mark.parametrize(
    "path",
    [
        *("drawn/nobody.png", "drawn/.hidden.png", "drawn/below/cook.png", "drawn/below"),
        *("drawn/../secret.png", "drawn/..%2fsecret.png", "drawn/%2e%2e/secret.png"),
        *("drawn//etc/passwd", "drawn/%2fetc%2fpasswd", "drawn/"),
        *("plain/cook.webp", "nowhere/cook.webp", "start/cook.webp"),
    ],
)
def test_nothing_else_is_served(client, path):
    assert client.get(f"/assets/{path}").status_code == 404


@pytest.mark.parametrize(
    ("query", "kept"),
    [("PROLIFIC_PID=x", "x"), ("PROLIFIC_PID=&PROLIFIC_PID=+y", "y"), ("other=x", None)],
)
def test_the_recruitment_id_of_the_link_is_sealed_into_the_token(client, query, kept):
    page = client.get(f"/?{query}").text
    token = re.search(r'"token": ?"([^"]+)"', page)
    connection = registry().connect(token.group(1), "page", "sid")
    assert connection.participant.recruitment_id == kept


def test_what_else_the_link_says_is_sealed_into_the_token(config):
    config.recruitment("prolific", parameters=["wave"])
    app = Flask("interactive_gym.server.app")
    pages.register(app, config, registry(), build_runtime_bundle())
    query = "PROLIFIC_PID=P&STUDY_ID=st&SESSION_ID=se&wave=2&wave=3&other=x"
    token = re.search(r'"token": ?"([^"]+)"', app.test_client().get(f"/?{query}").text)
    connection = registry().connect(token.group(1), "page", "sid")
    link = LinkParameters("st", "se", {"wave": "2"})
    assert connection.participant.recruited == Recruited("P", link)


def test_html_that_browsers_ignore_is_told_when_the_server_starts(caplog):
    start = StartScene().scene(scene_id="start").display(scene_body="<script>a()</script>")
    drawn = game("drawn").user_experience(in_game_scene_body='<b onclick="a()">x</b>')
    stager = Stager(scenes=[start, drawn, EndScene().scene(scene_id="end")])
    config = ExperimentConfig().experiment(stager=stager, experiment_id="pilot")
    participants = ParticipantRegistry(
        "key", experiment_id="pilot", new_id=str, new_completion_code=str
    )
    pages.register(Flask("a"), config, participants, build_runtime_bundle())
    script, handler = caplog.messages
    assert "scene 'start' has <script>" in script
    assert "scene 'drawn' has the attribute onclick" in handler
