"""An environment of NumPy's arithmetic comes out alike, bit by bit, wherever Pyodide runs.

Run it with ``NUMPY_FOLDER`` naming a folder that holds the wheel of Pyodide's distribution, under
the name that ``pyodide-lock.json`` states; nothing else has that wheel.
"""

import hashlib
import os
from pathlib import Path

import pytest

from interactive_gym.packages.platform import BrowserPlatform
from tests.support.e2e.pyodide_runs import BrowserUnusable, in_chromium, in_firefox, in_node

pytestmark = pytest.mark.e2e

SOURCE = """
import json
import numpy as np
from interactive_gym.netcode.environment import adapt
from interactive_gym.netcode.state_digest import state_digest

class Swarm:
    possible_agents = agents = ["left", "right"]

    def reset(self, seed=None, options=None):
        self.rng = np.random.default_rng(seed)
        self.places = self.rng.normal(size=(40, 2))
        self.speeds = self.rng.normal(size=(40, 2)).astype("float32")
        self.wind = np.linalg.qr(self.rng.normal(size=(2, 2)))[0]
        return self.told()

    def told(self):
        return dict.fromkeys(self.agents, self.places.mean(axis=0)), {}

    def step(self, actions):
        push = np.array([actions["left"], actions["right"]], "float32")
        self.speeds += np.sin(self.places).astype("float32") * push * np.float32(0.01)
        self.places = np.tanh(self.places @ self.wind + self.speeds) + np.exp(-self.places**2)
        self.places += self.rng.normal(size=(40, 2)) * 0.01
        flags = dict.fromkeys(self.agents, False)
        observations, infos = self.told()
        rewards = dict.fromkeys(self.agents, np.log1p(np.abs(self.places)).sum())
        return observations, rewards, flags, flags, infos

    def render(self):
        return []

game = adapt(Swarm(), ["left", "right"])
game.reset(7)
digests = []
for frame in range(200):
    saved = game.save()
    first = game.step([frame % 3, frame % 2])
    game.load(saved)
    again = game.step([frame % 3, frame % 2])
    assert state_digest(first) == state_digest(again)
    digests.append(state_digest([game.unpack(game.save()), again]).hex())
json.dumps(digests)
"""


@pytest.fixture(scope="module")
def wheel() -> Path:
    """NumPy's wheel, which must be the one that the lock file states."""
    folder = os.environ.get("NUMPY_FOLDER")
    if folder is None:
        pytest.skip("NUMPY_FOLDER names no folder with NumPy's wheel for Pyodide.")
    stated = BrowserPlatform.vendored().files_for(["numpy"])[0]
    file = Path(folder, stated.file_name)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == stated.sha256
    return file


@pytest.mark.parametrize("run", [in_chromium, in_firefox])
def test_browsers_agree_with_node_in_every_frame(wheel: Path, run) -> None:  # type: ignore[no-untyped-def]
    try:
        in_browser = run(SOURCE, [], [wheel])
    except BrowserUnusable as why:
        pytest.skip(str(why))
    assert in_browser == in_node(SOURCE, [], [wheel])
