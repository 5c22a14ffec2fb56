"""What a page does to play: it gets ready, uploads confirmed frames, and says that it is done."""

import hashlib
import json
import time
from typing import Any

from interactive_gym.server.data.frame_rows import BASE_COLUMNS, header_line
from tests.support.browser_events import events
from tests.support.raw_client import RawClient
from tests.support.served_experiment import DEADLINE_S, Page, ServedExperiment

AGENTS = ("left", "right")


def wait_until(condition):
    """Wait for something to become true, and return it."""
    deadline = time.monotonic() + DEADLINE_S
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return result


def rows_of(first: int, last: int, *, score: Any = 0.0, ends_at: int | None = None) -> list[str]:
    """The rows of frames from `first` up to before `last`, in a game of one episode."""
    return [
        f"{frame},0,{frame},{agent},0,false,{score},false,{str(frame + 1 == ends_at).lower()}"
        for frame in range(first, last)
        for agent in AGENTS
    ]


class Player:
    """A page in a game, and what it has uploaded."""

    def __init__(self, page: Page, created: dict[str, Any]) -> None:
        self.page = page
        self.game_id = created["game_id"]
        self.seat = created["game"]["seat"]
        self.route = created.get("uploads")
        self.recorder: RawClient | None = None
        self.columns = list(BASE_COLUMNS)
        self.lines: list[str] = []
        self.events = 0

    @property
    def frames(self) -> int:
        return len(self.lines) // len(AGENTS)

    def digest_with(self, rows: list[str]) -> str:
        lines = [header_line(self.columns), *(f"{row}\n" for row in [*self.lines, *rows])]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def upload(self, rows: list[str], **fields: Any) -> Any:
        """Send the next rows; returns the answer. They count as sent if the server took them."""
        payload = {"columns": self.columns, "first_frame": self.frames, "rows": rows}
        payload |= {"game_id": self.game_id, "digest": self.digest_with(rows), **fields}
        answer = self.call("game_frames", payload)
        if answer == {"next_frame": self.frames + len(rows) // len(AGENTS)}:
            self.lines += rows
        return answer

    def reach_recorder(self) -> "Player":
        """Connect to the recorder of the game, as soon as it takes connections."""
        if self.recorder is not None:
            self.recorder.close()
        below = "/" + self.route["address"].removesuffix("/socket.io/")

        def connected():
            try:
                recorder = RawClient(self.page.served.port, below=below)
            except ConnectionError:
                return None
            recorder.send("40" + json.dumps({"key": self.route["key"]}))
            answer = recorder.wait_for(("40", "44"))
            assert answer.startswith("40"), answer
            return recorder

        self.recorder = wait_until(connected)
        return self

    def call(self, event: str, payload: dict[str, Any]) -> Any:
        """Send what a recorder takes, if there is one; returns the answer."""
        if self.recorder is None:
            return self.page.call(event, payload)
        answers = self.recorder.call(event, payload)
        return answers[0] if answers else None

    def play(self, frames: int, **options: Any) -> Any:
        """Upload the next frames."""
        return self.upload(rows_of(self.frames, self.frames + frames, **options))

    def say(self, event: str, **fields: Any) -> None:
        self.page.send(event, {"game_id": self.game_id, **fields})

    def tell(self, kind: str, detail: Any = None) -> None:
        """Tell of an event, once and without waiting for the answer."""
        self.say("game_events", **events({"kind": kind, "detail": detail}, first=self.events))
        self.events += 1

    def finish(self, reason: str = "completed", **fields: Any) -> Any:
        payload = {"frames": self.frames, "digest": self.digest_with([]), **fields}
        return self.page.call(
            "game_finished", {"game_id": self.game_id, "reason": reason, **payload}
        )


def begin_game(served: ServedExperiment, size: int = 2) -> list[Player]:
    """Have new participants come into one game that has started; in the order of their seats."""
    pages = [Page(served).connect().into_waitroom() for _ in range(size)]
    players = [Player(page, page.wait_for("game_created")) for page in pages]
    for player in players:
        player.say("game_ready")
    for player in players:
        player.page.wait_for("game_start")
    return sorted(players, key=lambda player: player.seat)


def close_all(players: list[Player]) -> None:
    for player in players:
        player.page.close()
        if player.recorder is not None:
            player.recorder.close()
