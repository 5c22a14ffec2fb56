import urllib.parse

import pytest
from flask import Flask

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.packages.runtime import build_runtime_bundle
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene
from interactive_gym.server.participants.registry import ParticipantRegistry
from interactive_gym.server.web import pages
from interactive_gym.server.web.ask_id import FIELD

ID = "5f3c" + "0" * 20


def client_of(*panel, **options):
    stager = Stager(scenes=[StartScene().scene(scene_id="s"), EndScene().scene(scene_id="e")])
    config = ExperimentConfig().experiment(stager=stager, experiment_id="pilot")
    config.recruitment(*panel, **options)
    app = Flask("interactive_gym.server.app")
    participants = ParticipantRegistry(
        "key", experiment_id="pilot", new_id=str, new_completion_code=str
    )
    pages.register(app, config, participants, build_runtime_bundle())
    return app.test_client()


def asks(answer):
    return f'name="{FIELD}"' in answer.text


def test_whoever_comes_without_an_id_is_asked_for_it_if_the_study_says_so():
    assert asks(client_of("prolific", ask_for_id=True).get("/"))
    assert not asks(client_of("prolific").get("/"))
    assert not asks(client_of("prolific", ask_for_id=True).get(f"/?PROLIFIC_PID={ID}"))
    assert client_of("prolific").post("/").status_code == 405


@pytest.mark.parametrize(
    ("panel", "words"),
    [(("prolific",), "Prolific ID"), (("sona",), "SONA identity code"), ((), "participant ID")],
)
def test_the_question_is_in_the_words_of_the_panel(panel, words):
    answer = client_of(*panel, ask_for_id=True).get("/")
    assert f"What is your {words}?" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_typed_id_becomes_part_of_the_address_and_the_rest_stays():
    client = client_of("prolific", ask_for_id=True)
    query = "STUDY_ID=s&PROLIFIC_PID=%7B%7Bx%7D%7D&wave=%C3%A4%0d%0a"
    answer = client.post(f"/?{query}", data={FIELD: f" {ID.upper()} "})
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert urllib.parse.parse_qsl(location.removeprefix("?")) == [
        ("PROLIFIC_PID", ID),
        ("STUDY_ID", "s"),
        ("wave", "\u00e4\r\n"),
    ]
    assert not asks(client.get("/" + location))


@pytest.mark.parametrize("typed", ["", "  ", "5f3c", "<script>", "none", "a" * 5000, "\x00"])
def test_what_cannot_be_an_id_is_asked_for_again_and_said_to_be_wrong(typed):
    answer = client_of("prolific", ask_for_id=True).post("/", data={FIELD: typed})
    assert answer.status_code == 422
    assert asks(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "<script>" not in answer.text.replace("<script type", "")


@pytest.mark.parametrize("typed", ["", "undefined", "{{ID}}", "a\u200bb"])
def test_where_ids_have_no_form_anything_that_can_be_an_id_is_taken(typed):
    client = client_of(ask_for_id=True)
    assert client.post("/", data={FIELD: typed}).status_code == 422
    assert client.post("/", data={FIELD: "Ann 7"}).headers["Location"] == "?PROLIFIC_PID=Ann+7"


def test_a_form_that_is_too_long_is_not_read():
    client = client_of(ask_for_id=True)
    assert client.post("/", data={FIELD: "a" * 100_000}).status_code == 413
