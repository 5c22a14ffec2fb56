"""Two honest participants who play while somebody attacks, and what must be true then."""

import hashlib
import json
import threading
import time

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from tests.support.raw_client import RawClient, new_token
from tests.support.served_experiment import DEADLINE_S

FRAMES_PER_BATCH = 15
"""Half a second of play, as pages upload it."""


def rows_of(frame):
    return [f"{frame},0,{frame},{agent},0,false,0.0,false,false" for agent in ("left", "right")]


class _Player:
    """One participant of the served experiment, in its game."""

    def __init__(self, served):
        self._client = RawClient(served.port, compressed=True)
        assert self._client.sign_in(new_token(served)).startswith("40")
        self._client.send_event("advance_scene", {"scene_id": "start"})
        self._client.send_event("join_game", {"scene_id": "game"})
        self._digest = hashlib.sha256(header_line(BASE_COLUMNS).encode())
        self._next_frame = 0

    def get_ready(self):
        created = json.loads(self._client.wait_for('42["game_created"')[2:])[1]
        self.game_id = created["game_id"]
        self._client.send_event("game_ready", {"game_id": self.game_id})

    def begin(self):
        self._client.wait_for('42["game_start"')

    def upload(self):
        """Upload a batch; returns after how many seconds it was acknowledged."""
        first = self._next_frame
        rows = [row for n in range(FRAMES_PER_BATCH) for row in rows_of(first + n)]
        self._digest.update("".join(f"{row}\n" for row in rows).encode())
        self._next_frame += FRAMES_PER_BATCH
        upload = {
            "game_id": self.game_id,
            "columns": list(BASE_COLUMNS),
            "first_frame": first,
            "rows": rows,
            "digest": self._digest.hexdigest(),
        }
        began = time.perf_counter()
        answer = self._client.call("game_frames", upload)
        took_s = time.perf_counter() - began
        assert answer == [{"next_frame": self._next_frame}], answer
        return took_s

    def finish(self):
        finished = {"game_id": self.game_id, "reason": "completed", "frames": self._next_frame}
        finished["digest"] = self._digest.hexdigest()
        assert self._client.call("game_finished", finished) == [{}]
        return self._next_frame

    def wait_for_end(self):
        self._client.wait_for('42["game_ended"')

    def close(self):
        self._client.close()


class HonestGame:
    """A game of two, played by a thread from `start()` to `finish()`."""

    def __init__(self, served):
        self._served = served
        self._players = [_Player(served), _Player(served)]
        for player in self._players:
            player.get_ready()
        for player in self._players:
            player.begin()
        self.latencies_s = []
        """How long each upload took so far."""
        self._failure = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, failure, *_):
        self._stopping.set()
        self._thread.join(DEADLINE_S)
        try:
            if failure is None:
                self._check()
        finally:
            for player in self._players:
                player.close()

    def play_on(self, uploads=10):
        """Wait until so many more uploads are acknowledged."""
        enough = len(self.latencies_s) + uploads
        deadline = time.monotonic() + DEADLINE_S
        while len(self.latencies_s) < enough:
            assert self._thread.is_alive(), self._failure
            assert time.monotonic() < deadline, "the honest game does not go on"
            time.sleep(0.01)

    def _play(self):
        try:
            while not self._stopping.is_set():
                for player in self._players:
                    self.latencies_s.append(player.upload())
                # No faster than some players are, as a game has no more frames than that.
                time.sleep(0.1)
        except BaseException as error:
            self._failure = error
            raise

    def _check(self):
        """See that the game ended as a clean one, and that all its rows are stored."""
        assert self._failure is None
        frames = {player.finish() for player in self._players}
        assert len(frames) == 1
        for player in self._players:
            player.wait_for_end()
        (played,) = frames
        folder = self._served.data / "game" / self._players[0].game_id
        deadline = time.monotonic() + DEADLINE_S
        while "ended_at" not in (match := json.loads((folder / "match.json").read_text())):
            assert time.monotonic() < deadline, "the game is not closed"
            time.sleep(0.02)
        assert (match["agreed"], match["end_reason"], match["frames"]) == (
            True,
            "completed",
            played,
        )
        rows = [row for frame in range(played) for row in rows_of(frame)]
        expected = header_line(BASE_COLUMNS) + "".join(f"{row}\n" for row in rows)
        assert (folder / "frames.csv").read_text() == expected
