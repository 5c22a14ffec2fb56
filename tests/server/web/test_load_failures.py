import json

import pytest
from flask import Flask

from interactive_gym.server.web import load_failures

REPORT = {"token": "genuine", "resource": "page", "reason": "main.js could not be loaded"}


class Experiment:
    """Keeps what it is told of one participant."""

    def __init__(self):
        self.told = []

    def note_load_failure(self, token, resource, reason):
        if token != "genuine":
            return False
        self.told.append((resource, reason))
        return True


@pytest.fixture
def experiment():
    return Experiment()


@pytest.fixture
def client(experiment):
    app = Flask("load_failures")
    load_failures.register(app, experiment)
    return app.test_client()


def test_a_report_is_passed_on(client, experiment):
    answer = client.post("/load_failures", data=json.dumps(REPORT))
    assert (answer.status_code, answer.data) == (204, b"")
    assert experiment.told == [("page", "main.js could not be loaded")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({**REPORT, "token": "forged"}), 403),
        (json.dumps({**REPORT, "resource": "bank"}), 400),
        (json.dumps({**REPORT, "reason": "x" * 501}), 400),
        (json.dumps({**REPORT, "reason": None}), 400),
        (json.dumps([REPORT]), 400),
        ("", 400),
        ("{", 400),
        (b"\xff\xfe", 400),
        ("[" * 5_000, 400),
        (json.dumps({**REPORT, "more": "x" * load_failures.MAX_BYTES}), 413),
    ],
)
def test_anything_else_is_refused_and_changes_nothing(client, experiment, body, status):
    assert client.post("/load_failures", data=body).status_code == status
    assert experiment.told == []


def test_it_is_no_page(client):
    assert client.get("/load_failures").status_code == 405
