import os
import subprocess
import sys
import textwrap
import time
import urllib.request

import pytest

from interactive_gym import cli
from interactive_gym.server import app
from tests.support.researchers_scripts import SCRIPT_HEAD
from tests.support.served_experiment import DEADLINE_S, free_port


@pytest.fixture
def script(tmp_path):
    def write(body):
        path = tmp_path / "my_study.py"
        path.write_text(SCRIPT_HEAD + textwrap.dedent(body))
        return path

    return write


@pytest.fixture
def served(monkeypatch):
    """The configs that were run instead of served."""
    configs = []
    monkeypatch.setattr(app, "run", configs.append)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return configs


def page_of(port, process):
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)


def test_a_script_is_served_where_the_environment_says(script, tmp_path):
    path = script("run(study(game('pair', FIFOMatchmaker(120))))")
    port = free_port()
    environment = {
        **os.environ,
        "INTERACTIVE_GYM_PORT": str(port),
        "INTERACTIVE_GYM_DATA_DIR": str(tmp_path / "kept"),
    }
    command = [sys.executable, "-m", "interactive_gym.cli", "run", str(path)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    try:
        assert "main.js" in page_of(port, process)
        assert (tmp_path / "kept/mine/pair/matching.jsonl").exists()
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def test_what_a_script_imports_later_lies_beside_it_too(script, served, tmp_path):
    (tmp_path / "my_threshold.py").write_text("THRESHOLD_MS = 80\n")
    path = script(
        """
        class Later(FIFOMatchmaker):
            def should_reject_for_rtt(self, measured_rtt_ms):
                from my_threshold import THRESHOLD_MS
                return measured_rtt_ms > THRESHOLD_MS

        run(study(game("pair", Later(120))))
        """
    )
    assert cli.main(["run", str(path)]) == 0
    matchmaker = served[0].stager.gym_scenes[0].matchmaker
    assert [matchmaker.should_reject_for_rtt(ms) for ms in (79.0, 81.0)] == [False, True]


def test_ice_servers_and_their_secret_come_from_the_environment(script, served, monkeypatch):
    urls = ["stun:stun.example.org:3478", "turn:turn.example.org:3478"]
    monkeypatch.setenv("INTERACTIVE_GYM_ICE_SERVERS", " ".join(urls))
    monkeypatch.setenv("INTERACTIVE_GYM_TURN_USERNAME", "lab")
    monkeypatch.setenv("INTERACTIVE_GYM_TURN_CREDENTIAL", "secret")
    path = script("run(study(game('pair', FIFOMatchmaker(120))))")
    assert cli.main(["run", str(path)]) == 0
    (config,) = served
    assert config.ice_servers == [
        {"urls": urls[0]},
        {"urls": urls[1], "username": "lab", "credential": "secret"},
    ]


def test_the_script_keeps_what_is_not_given(script, served):
    path = script(
        "run(study(game('pair', FIFOMatchmaker(120)), ice_servers=[{'urls': 'stun:a.example'}])"
        ".hosting(port=8123))"
    )
    assert cli.main(["run", str(path), "--host", "0.0.0.0"]) == 0
    (config,) = served
    assert (config.host, config.port) == ("0.0.0.0", 8123)
    assert config.ice_servers == [{"urls": "stun:a.example"}]


@pytest.mark.parametrize(
    ("body", "arguments", "sentence"),
    [
        ("raise KeyError('x')", [], "cannot be run: KeyError: 'x'"),
        ("run(study())", ["--port", "0"], "port is 0"),
        ("run(study())", ["--ice-server", "turn:a.example"], "turn_username is None"),
        ("run(study())", ["--turn-username", "lab"], "ice_servers names no TURN server"),
    ],
)
def test_what_cannot_be_served_ends_with_a_sentence(
    script, served, capsys, body, arguments, sentence
):
    assert cli.main(["run", str(script(body)), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert served == []
