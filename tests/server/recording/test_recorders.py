"""Which process records a game, and which answers a request."""

import itertools
import warnings

import pytest

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    from interactive_gym.server.recording import recorders


class FakeLink:
    """A recorder without a process."""

    def __init__(self, settings):
        self.settings = settings
        self.records = []
        self.handing = f"channel {settings.number}"
        self._numbers = itertools.count(1)

    @property
    def players(self):
        return sum(record.players for record in self.records)

    def new_number(self):
        return next(self._numbers)

    def send(self, command):
        """Send nothing."""

    def add(self, record):
        self.records.append(record)

    def routes_of(self, game_id, seats):
        return [{"address": f"recorder/{self.settings.number}/", "key": "k"}] * seats


@pytest.fixture
def new_store(tmp_path, monkeypatch):
    monkeypatch.setattr(recorders, "RecorderLink", FakeLink)

    def make(number, base_path="/"):
        return recorders.RecordedStore(
            tmp_path,
            "pilot",
            recorders=number,
            signing_key="a" * 64,
            base_path=base_path,
            allowed_origins=None,
            wall_clock=lambda: 1_800_000_000.0,
        )

    return make


def match_of(number):
    group = [{"seat": seat, "agent": agent} for seat, agent in enumerate(("left", "right"))]
    return {"game_id": f"game-{number}", "agents": ["left", "right"], "group": group}


def places(store, games):
    """Which recorder each of so many games is given to; 0 is this process."""
    records = [store.open_game("game", f"game-{it}", match_of(it)) for it in range(games)]
    routes = [record.upload_route(0) for record in records]
    return records, [int(route["address"].split("/")[1]) if route else 0 for route in routes]


def test_games_go_to_the_recorders_first_and_this_process_takes_somewhat_fewer(new_store):
    _, given = places(new_store(2), 30)
    assert given[:2] == [1, 2]
    counts = [given.count(place) for place in range(3)]
    assert 0 < counts[0] < counts[1]
    assert abs(counts[1] - counts[2]) <= 1


def test_a_game_that_is_closed_makes_room(new_store):
    store = new_store(1)
    records, given = places(store, 10)
    for record, place in zip(records, given, strict=True):
        if place == 0:
            record.close("completed")
    (again,) = [store.open_game("game", "game-10", match_of(10))]
    assert again.upload_route(0) is None


def test_no_game_is_recorded_twice(new_store, tmp_path):
    (tmp_path / "pilot" / "game" / "game-0").mkdir(parents=True)
    with pytest.raises(FileExistsError):
        new_store(1).open_game("game", "game-0", match_of(0))


@pytest.mark.parametrize(
    ("line", "channel"),
    [
        (b"GET /recorder/1/socket.io/?EIO=4 HTTP/1.1\r\n", "channel 1"),
        (b"POST /study/recorder/2/socket.io/ HTTP/1.1\r\n", "channel 2"),
        (b"GET /recorder/3/socket.io/ HTTP/1.1\r\n", None),
        (b"GET /recorder/0/socket.io/ HTTP/1.1\r\n", None),
        (b"GET /recorder/1/socket.io/?EIO=4", None),
        (b"GET /other/recorder/1/socket.io/ HTTP/1.1\r\n", None),
        (b"GET /?next=/recorder/1/socket.io/ HTTP/1.1\r\n", None),
        (b"", None),
    ],
)
def test_a_request_is_for_a_recorder_by_its_path(new_store, line, channel):
    assert new_store(2, "/study/").channel_for(line) == channel
