"""A served experiment in a process of its own, and pages that talk to it over real sockets."""

import contextlib
import json
import queue
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import socketio

from tests.support.still_environment import still_environment

DEADLINE_S = 120
"""How long a test waits for what must happen, in seconds: however slow the machine is."""

SCRIPT = """
import json
import sys
from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes import static_scene
from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import CompletionCodeScene, StartScene
from interactive_gym.server.app import run
from interactive_gym.server.matchmaker import FIFOMatchmaker

place, data_dir, options = sys.argv[1:]
options = json.loads(options)
game = (
    GymScene()
    .scene(scene_id="game")
    .policies(policy_mapping=dict.fromkeys(options.get("agents", ["left", "right"]), "human"))
    .gameplay(default_action=0, action_mapping={"a": 1}, **options.get("gameplay", {}))
    .pyodide(environment_initialization_code=options["environment"])
    .matchmaking(
        matchmaker=FIFOMatchmaker(options.get("threshold_ms")), **options.get("matchmaking", {})
    )
    .user_experience(**options.get("user_experience", {}))
    .reconnection_config(**options.get("reconnection_config", {}))
)
end = CompletionCodeScene().scene(scene_id="end").completion(code="FINISHED")
end.redirect(url="https://panel.example/complete", unfinished_url="https://panel.example/back")
pages = eval(options.get("pages", "[]"), vars(static_scene))
scenes = [StartScene().scene(scene_id="start"), *pages, game, end]
config = ExperimentConfig().experiment(
    stager=Stager(scenes=scenes), experiment_id="pilot", data_dir=data_dir
)
config.recruitment(**options.get("recruitment", {}))
config.hosting(**json.loads(place), **options.get("hosting", {}))
exec(options.get("before_run", ""))
run(config)
"""


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def serve_command(port, data_dir, **options):
    """The command that serves the script above with these options, which it reads as JSON."""
    place = json.dumps({"host": "127.0.0.1", "port": port})
    options.setdefault("environment", still_environment(options.get("agents", ["left", "right"])))
    command = [sys.executable, "-c", SCRIPT, place, data_dir, json.dumps(options)]
    return [str(part) for part in command]


def stop_at_once(process):
    """End a server whoever plays: the second signal does not wait for games."""
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + DEADLINE_S
    while process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.3)
        # The first may come before the server listens to signals, the second before it has begun.
        process.send_signal(signal.SIGINT)


class ServedExperiment:
    """The experiment of the script above: a start page, a game for two, a completion code."""

    def __init__(
        self, folder: Path, *, descriptors: tuple[int, int] | None = None, **options: object
    ) -> None:
        """Start it, with the soft and hard limit of *descriptors* if given."""
        self.data = folder / "data" / "pilot"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.pages: list[Page] = []
        self._log = folder / "log"
        self._command = serve_command(self.port, folder / "data", **options)
        if descriptors is not None:
            soft, hard = descriptors
            limited = f'ulimit -S -n {soft} && ulimit -H -n {hard} && exec "$@"'
            self._command = ["sh", "-c", limited, "sh", *self._command]
        self.start()

    def start(self) -> None:
        """Start the server, at first or again, and wait until it answers."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + DEADLINE_S
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    def get(self, path):
        return urllib.request.urlopen(self.address_of(path), timeout=DEADLINE_S)

    def address_of(self, path):
        """The full address of what the page at the root names by *path*."""
        return urllib.parse.urljoin(f"{self.url}/", path)

    def participant_lines(self):
        lines = (self.data / "participants.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def recruitment_lines(self):
        """Who has come with an id; there is no file before the first."""
        path = self.data / "recruitment.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def recruitment_ids(self):
        """The recruitment ids of all who have come, in their order; `None` of who has none."""
        known = {line["subject_id"]: line["recruitment_id"] for line in self.recruitment_lines()}
        came = [line for line in self.participant_lines() if line["event"] == "started"]
        return [known.get(line["subject_id"]) for line in came]

    def answer_lines(self):
        """The answers so far; there is no file before the first."""
        path = self.data / "answers.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def kill(self):
        """End the server as a power cut would."""
        self._process.kill()
        self._process.wait(DEADLINE_S)

    def ask_to_stop(self):
        """Ask the server to stop once its games are over, as a service manager does."""
        self._process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self):
        """Wait for the server's end; returns its exit status."""
        return self._process.wait(DEADLINE_S)

    def stop(self):
        """Close all pages, and end the server at once, whoever plays."""
        for page in self.pages:
            page.close()
        stop_at_once(self._process)

    def _answers(self):
        try:
            return self.get("/health").status == 200
        except OSError:
            return False


def bootstrap_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="bootstrap">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


def new_client(**options: Any) -> socketio.Client:
    """A client that a busy machine does not make give up."""
    return socketio.Client(reconnection=False, request_timeout=DEADLINE_S, **options)


class Page:
    """One page load of one participant."""

    def __init__(self, served, *, token=None, page_id=None, query="", takes_over=False):
        self.served = served
        served.pages.append(self)
        self.takes_over = takes_over
        self.token = token or bootstrap_of(served.get("/" + query).read().decode())["token"]
        self.page_id = page_id or uuid.uuid4().hex
        self.received = []
        self.events = queue.Queue()
        self.client = new_client()
        self.client.on("*", self._note)
        self.client.on("disconnect", lambda *_: self.events.put(("disconnected", None)))

    def connect(self):
        auth = {"token": self.token, "page_id": self.page_id, "takes_over": self.takes_over}
        self.client.connect(
            self.served.url, auth=auth, transports=["websocket"], wait_timeout=DEADLINE_S
        )
        return self

    def refusal(self):
        """Why the server does not let this page connect."""
        refusals = []
        self.client.on("connect_error", lambda told: refusals.append(told["message"]))
        with contextlib.suppress(socketio.exceptions.ConnectionError):
            self.connect()
        self.close()
        return refusals[0]

    def reconnect(self):
        """The same page, whose socket was lost."""
        return Page(self.served, token=self.token, page_id=self.page_id)

    def reload(self):
        """The same window, loaded anew."""
        return Page(self.served, token=self.token, takes_over=True)

    def close(self):
        self.client.disconnect()
        connection = getattr(self.client.eio, "ws", None)
        if connection is not None:
            # The client leaves it open where the server has ended it.
            connection.close()

    def send(self, event, *payload):
        self.client.emit(event, payload)

    def call(self, event, payload):
        return self.client.call(event, payload, timeout=DEADLINE_S)

    def wait_for(self, event):
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                name, payload = self.events.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {event} but {self.received}") from None
            if name == event:
                return payload

    def wait_for_scene(self, scene_id):
        while True:
            payload = self.wait_for("scene")
            if payload["scene"]["scene_id"] == scene_id:
                return payload

    def into_waitroom(self):
        self.send("advance_scene", {"scene_id": "start"})
        self.wait_for_scene("game")
        self.send("join_game", {"scene_id": "game"})
        return self

    def _note(self, event, *payload):
        self.received.append((event, *payload))
        self.events.put((event, payload[0] if payload else None))
