import json
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.netcode import game_loop, wire
from interactive_gym.netcode.checkpoints import Checksums
from interactive_gym.netcode.game_loop import (
    GameLoop,
    create_game_loop,
    join_records,
    split_records,
)
from interactive_gym.netcode.input_queue import HIDDEN
from interactive_gym.netcode.resimulation import inputs_from_rows
from tests.support.simulated_network import Network, SimulatedGame, game_config, seated
from tests.support.stub_game import StubGame

Records = list[tuple[int, bytes]]
CONFIG = game_config(num_episodes=2, max_steps=12, input_delay=1)
TICK_KEYS = {
    *("frame", "confirmed_frame", "advanced", "rollback_frames", "rollbacks", "episode", "step"),
    *("draw", "packets", "wait_ms", "peers", "finished", "cut_short", "drained", "desync", "cuts"),
    *("resuming", "network", "corrected", "input_delay"),
}
ROW_KEYS = {"columns", "first_frame", "rows", "digest"}


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


class Table:
    """Two loops whose datagrams arrive one tick later."""

    def __init__(self, config: Any = CONFIG) -> None:
        self.loops = [GameLoop(StubGame(), seated(config, seat)) for seat in (0, 1)]
        self.inboxes: list[Records] = [[], []]
        self.rows: list[list[str]] = [[], []]
        self.results: list[dict[str, Any]] = [{}, {}]
        self.now_ms = 0.0

    def tick(self, actions: tuple[int, int] = (0, 0), extra: bytes = b"") -> None:
        """Both tick; *extra* goes to the first, behind what the second sent."""
        self.now_ms += 33
        incoming = [join_records(inbox) for inbox in self.inboxes]
        incoming[0] += extra
        self.inboxes = [[], []]
        for seat, loop in enumerate(self.loops):
            text = loop.tick(self.now_ms, actions[seat], False, incoming[seat])
            result = json.loads(text, parse_constant=refuse_constant)
            self.results[seat] = result
            self.rows[seat] += result.get("rows", [])
            for receiver, packet in result["packets"]:
                self.inboxes[receiver].append((seat, b64decode(packet)))

    def play(self, extras: list[bytes] | None = None) -> list[str]:
        """Play to the end; the rows that the first recorded."""
        for number in range(60):
            extra = extras[number % len(extras)] if extras else b""
            self.tick((number // 3 % 4, number // 4 % 4), extra)
        assert all(result["drained"] for result in self.results)
        assert self.rows[0] == self.rows[1]
        return self.rows[0]

    def message_from_second(self, **changes: Any) -> bytes:
        """The newest datagram on its way to the first, changed in some fields and sealed again."""
        message = wire.decode(self.inboxes[0][-1][1], CONFIG.session_tag)
        assert isinstance(message, wire.InputMessage)
        return wire.encode(message._replace(**changes), CONFIG.session_tag)


UNDISTURBED = Table().play()


def test_a_tick_says_all_that_is_promised_and_rows_only_when_frames_are_confirmed() -> None:
    table = Table()
    with_rows = 0
    for _ in range(20):
        table.tick()
        result = table.results[0]
        assert set(result) == TICK_KEYS | (ROW_KEYS if "rows" in result else set())
        with_rows += "rows" in result
    assert with_rows > 5
    assert set(result["peers"][0]) == {"seat", "silence_ms", "rtt_ms", "frame", "resuming"}
    assert result["draw"][0]["type"] == "circle"


def test_after_a_rollback_the_picture_shown_last_is_given_as_it_should_have_been() -> None:
    config = game_config(num_episodes=1, max_steps=40, input_delay=0)
    table = Table(config)
    shown, corrected = {}, {}
    for number in range(30):
        table.tick((number // 3 % 4, number // 4 % 4))
        result = table.results[0]
        shown[result["frame"]] = result["draw"]
        if result["rollback_frames"]:
            corrected[result["frame"] - 1] = result["corrected"]
        else:
            assert result["corrected"] is None
    truth, env = {}, StubGame()
    env.reset(config.seed)
    for frame, inputs in enumerate(inputs_from_rows(table.rows[0], config), 1):
        actions = [config.actions[action] for action in inputs]
        env.step(dict(zip(env.possible_agents, actions, strict=True)))
        truth[frame] = env.render()
    # The last datagrams are still under way, so the newest frames have no truth yet.
    corrected = {frame: picture for frame, picture in corrected.items() if frame in truth}
    assert len(corrected) > 5
    assert all(truth[frame] == picture != shown[frame] for frame, picture in corrected.items())


def test_every_eight_frames_and_after_the_last_checksums_go_out() -> None:
    table = Table(game_config(num_episodes=2, max_steps=13, input_delay=1))
    seen: list[int] = []
    for _ in range(60):
        table.tick()
        for _, datagram in table.inboxes[0]:
            message = wire.decode(datagram, CONFIG.session_tag)
            if isinstance(message, wire.InputMessage) and message.checkpoint not in seen:
                seen.append(message.checkpoint)
    last = len(table.rows[0]) // 2
    assert last % 8
    assert seen == [*range(0, last, 8), last]


def test_create_game_loop_reads_the_config_as_the_server_sends_it() -> None:
    options = {**CONFIG.__dict__, "agents": ["player_0"], "policies": None}
    loop = create_game_loop(StubGame(1), json.dumps(options))
    assert json.loads(loop.tick(0, 1, False, b""))["frame"] == 1


@pytest.mark.parametrize("num_seats", [1, 2, 3])
def test_however_long_a_game_nothing_but_its_inputs_is_kept(num_seats: int) -> None:
    config = game_config(num_seats, num_episodes=10**6)
    game = SimulatedGame(lambda: StubGame(num_seats), config, 3, Network(delay_ms=40))
    for until_ms in (5_000, 15_000):
        game.run(until_ms)
        for player in game.players:
            loop = player.loop
            assert player.result["confirmed_frame"] > until_ms / 40
            assert len(loop._checkpoints._local) <= 2
            assert sum(map(len, loop._checkpoints._remote.values())) <= num_seats
            for kept in (loop._states, loop._results, loop._session._used, loop._unreleased):
                assert len(kept) <= 2 * config.max_prediction


def test_a_game_of_one_seat_confirms_every_frame_at_once_and_drains_with_the_last() -> None:
    loop = GameLoop(StubGame(1), game_config(1, num_episodes=1, max_steps=5, input_delay=0))
    results = [json.loads(loop.tick(number * 33, number % 4, False, b"")) for number in range(6)]
    frames = len([result for result in results if "rows" in result])
    assert 1 <= frames <= 5
    for number, result in enumerate(results[:frames]):
        assert result["confirmed_frame"] == number
        assert result["packets"] == []
        assert result["finished"] == result["drained"] == (number == frames - 1)


def test_an_environment_with_agents_of_no_seat_fails_at_construction() -> None:
    with pytest.raises(ValueError, match="no seat controls"):
        GameLoop(StubGame(3), CONFIG)


def test_a_number_that_json_cannot_say_is_drawn_as_null() -> None:
    class Unplaced(StubGame):
        def render(self) -> list[dict[str, Any]]:
            return [{"type": "circle", "x": float("nan"), "y": float("inf")}]

    loop = GameLoop(Unplaced(), CONFIG)
    result = json.loads(loop.tick(0, 0, False, b""), parse_constant=refuse_constant)
    assert result["draw"] == [{"type": "circle", "x": None, "y": None}]


@pytest.mark.parametrize("action", [-1, 4])
def test_an_action_outside_the_table_is_an_error(action: int) -> None:
    with pytest.raises(ValueError, match="index into the table of 4 actions"):
        GameLoop(StubGame(), CONFIG).tick(0, action, False, b"")


def test_a_hidden_page_plays_the_neutral_action_and_says_so() -> None:
    config = game_config(1, num_episodes=1, max_steps=4, input_delay=0, default_action=2)
    loop = GameLoop(StubGame(1), config)
    rows = []
    for hidden in (False, True, False):
        rows += json.loads(loop.tick(0, 1, hidden, b""))["rows"]
    assert inputs_from_rows(rows, config) == [b"\x01", bytes([2 | HIDDEN]), b"\x01"]


def test_a_predicted_end_of_the_game_is_waited_at_and_taken_back_when_it_was_wrong() -> None:
    class EndsOnZero(StubGame):
        """Its only episode ends as soon as the second agent does nothing."""

        def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
            results = super().step({**actions, "player_0": 0})
            over = actions["player_1"] == 0 and self.totals[0] != 0
            return (*results[:2], dict.fromkeys(results[2], over), *results[3:])

    config = game_config(num_episodes=1, max_steps=None, input_delay=0)
    first, second = (GameLoop(EndsOnZero(), seated(config, seat)) for seat in (0, 1))
    result: dict[str, Any] = {}
    for number in range(4):
        result = json.loads(first.tick(number * 33, 0, False, b""))
    assert (result["frame"], result["advanced"], result["finished"]) == (1, False, False)

    answer = json.loads(second.tick(99, 3, False, b""))
    incoming = join_records([(1, b64decode(answer["packets"][0][1]))])
    result = json.loads(first.tick(132, 0, False, incoming))
    assert result["rollback_frames"] == 1
    assert (result["frame"], result["advanced"], result["finished"]) == (2, True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"counts": (10_000, 0)},
        {"counts": (0, 10_000)},
        {"counts": (0,)},
        {"counts": (0, 0, 0)},
        {"receiver_incarnation": 1},
        {"checkpoint": 10_000, "checksums": Checksums(1, 1)},
        {"frame": 10_000},
        {"first_input": 10_000},
        {"inputs": bytes(200)},
        {"inputs": b"\x7f"},
        {"seat": 0},
        {"seat": 2},
        {"inputs": b"\x03\x03\x03\x03", "first_input": 0},
    ],
)
def test_an_impossible_message_is_refused_whole(changes: dict[str, Any]) -> None:
    table = Table()
    for _ in range(8):
        table.tick()
    before = table.results[0]["peers"][0]
    forged = table.message_from_second(sent_at=2**30, **changes)
    table.inboxes[0] = []
    table.tick(extra=join_records([(1, forged)]))
    after = table.results[0]["peers"][0]
    assert after["frame"] == before["frame"]
    assert after["silence_ms"] == before["silence_ms"] + 33
    table.play()


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": 0, "first_input": 9},
        {"origin": 0, "first_input": 0},
        {"origin": 2},
        {"origin": 1, "first_input": 10_000},
        {"origin": 1, "first_input": 200, "inputs": bytes(1000)},
        {"origin": 1, "first_input": 0, "inputs": b"\x03\x03\x03\x03"},
        {"origin": 1, "inputs": b"\x7f"},
        {"origin": 1, "inputs": b"\xff"},
        {"origin": 1, "receiver_incarnation": 1},
        {"origin": 1, "seat": 0},
    ],
)
def test_relayed_inputs_that_nobody_asked_for_change_nothing(changes: dict[str, Any]) -> None:
    table = Table()
    for number in range(8):
        table.tick((number // 3 % 4, number // 4 % 4))
    queues = table.loops[0]._session.queues
    before = [queue.since(0, 999) for queue in queues]
    relay = wire.RelayMessage(1, 0, 0, 1, 0, queues[1].count, b"\x03\x03")._replace(**changes)
    datagram = wire.encode(relay, CONFIG.session_tag)
    table.loops[0]._mesh.receive([(1, datagram)], 1000)
    assert [queue.since(0, 999) for queue in queues] == before


def test_a_peer_that_began_anew_is_not_taken_for_the_one_it_was() -> None:
    table = Table()
    for _ in range(8):
        table.tick()
    mesh = table.loops[0]._mesh
    late = table.inboxes[0][-1][1]
    message = wire.decode(late, CONFIG.session_tag)
    assert isinstance(message, wire.InputMessage)
    anew = message._replace(incarnation=1, counts=(0, 0), first_input=0, inputs=b"", frame=0)
    mesh.receive([(1, wire.encode(anew, CONFIG.session_tag))], 1000)
    assert mesh.peers[1].counts == [0, 0]
    mesh.receive([(1, late)], 1010)
    assert mesh.peers[1].counts == [0, 0]
    assert mesh.peers[1].incarnation == 1


def test_a_possible_message_is_heard() -> None:
    table = Table()
    for _ in range(8):
        table.tick()
    message = table.message_from_second(sent_at=2**30)
    table.inboxes[0] = []
    table.tick(extra=join_records([(1, message)]))
    assert table.results[0]["peers"][0]["silence_ms"] == 0


def test_a_datagram_of_another_game_changes_nothing() -> None:
    other = Table(game_config(num_episodes=2, max_steps=12, session_tag=1))
    other.tick((3, 3))
    table = Table()
    table.tick()
    before = table.results[0]["peers"][0]["silence_ms"]
    table.inboxes[0] = []
    table.tick(extra=join_records(other.inboxes[0]))
    assert table.results[0]["peers"][0]["silence_ms"] == before + 33


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=20))
def test_random_bytes_among_the_datagrams_change_no_game(extras: list[bytes]) -> None:
    assert Table().play(extras) == UNDISTURBED


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 255), st.binary(max_size=80)).map(
            lambda record: join_records([record])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_random_datagrams_from_any_seat_change_no_game(extras: list[bytes]) -> None:
    assert Table().play(extras) == UNDISTURBED


@settings(max_examples=100)
@given(st.data())
def test_damaged_and_stale_datagrams_change_no_game(data: st.DataObject) -> None:
    table = Table()
    heard: list[bytes] = []
    for number in range(60):
        extra = b""
        if heard and data.draw(st.booleans()):
            datagram = bytearray(data.draw(st.sampled_from(heard)))
            for _ in range(data.draw(st.integers(0, 3))):
                datagram[data.draw(st.integers(0, len(datagram) - 1))] ^= data.draw(
                    st.integers(0, 255)
                )
            cut = data.draw(st.none() | st.integers(0, len(datagram)))
            extra = join_records([(1, bytes(datagram[:cut]))])
        heard += [datagram for _, datagram in table.inboxes[0]]
        table.tick((number // 3 % 4, number // 4 % 4), extra)
    assert table.rows[0] == table.rows[1] == UNDISTURBED


UINT32 = st.integers(0, 2**32 - 1) | st.integers(0, 60)
SMALL = st.integers(0, 3)
some_inputs = st.binary(max_size=30) | st.lists(SMALL, max_size=30).map(bytes)
whole_messages = st.builds(
    wire.InputMessage,
    seat=SMALL,
    incarnation=SMALL,
    receiver_incarnation=SMALL,
    complete=st.booleans(),
    resuming=st.booleans(),
    frame=UINT32,
    lead=st.floats(-127, 127),
    sent_at=UINT32,
    echo=st.none() | UINT32,
    cut_seats=st.integers(0, 2**16 - 1),
    asked_for=st.integers(0, 2**16 - 1),
    checkpoint=UINT32,
    checksums=st.builds(Checksums, UINT32, UINT32),
    counts=st.tuples(UINT32, UINT32) | st.lists(UINT32, max_size=5).map(tuple),
    first_input=UINT32,
    inputs=some_inputs,
) | st.builds(
    wire.RelayMessage,
    seat=SMALL,
    incarnation=SMALL,
    receiver_incarnation=SMALL,
    origin=SMALL,
    origin_incarnation=SMALL,
    first_input=UINT32,
    inputs=some_inputs,
)


@settings(max_examples=50)
@given(st.lists(whole_messages, min_size=60, max_size=60))
def test_even_a_peer_that_lies_in_every_field_raises_nothing(
    messages: list[wire.Message],
) -> None:
    table = Table()
    for message in messages:
        forged = wire.encode(message, CONFIG.session_tag)
        table.tick((1, 2), join_records([(1, forged)]))


@settings(max_examples=50)
@given(st.lists(whole_messages, min_size=20, max_size=20))
def test_nor_does_it_to_a_participant_who_has_just_reloaded(messages: list[wire.Message]) -> None:
    config = seated(CONFIG, 0, incarnation=1)
    loop = GameLoop(StubGame(), config)
    for number, message in enumerate(messages):
        forged = wire.encode(message, CONFIG.session_tag)
        loop.tick(33.0 * number, 1, False, join_records([(1, forged)]))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=50))), st.binary(max_size=2))
def test_records_come_apart_as_they_were_joined(records: Records, tail: bytes) -> None:
    assert list(split_records(join_records(records) + tail)) == records


class Scripted:
    """One loop, and what its peers say, message by message."""

    def __init__(self, num_seats: int = 2, env: Any = None, **changes: Any) -> None:
        options = {"num_episodes": 1, "max_steps": 40, "input_delay": 0, **changes}
        incarnation = options.pop("incarnation", 0)
        self.config = seated(game_config(num_seats, **options), 0, incarnation)
        self.loop = GameLoop(env or Endless(num_seats), self.config)
        self.now_ms = 1000.0
        self.result: dict[str, Any] = {}
        self.rows: list[str] = []

    def tick(self, *messages: wire.Message, after_ms: float = 33.0, action: int = 0) -> Any:
        self.now_ms += after_ms
        records = [(one.seat, wire.encode(one, self.config.session_tag)) for one in messages]
        text = self.loop.tick(self.now_ms, action, False, join_records(records))
        self.result = json.loads(text, parse_constant=refuse_constant)
        self.rows += self.result.get("rows", [])
        return self.result

    def says(self, seat: int = 1, **changes: Any) -> wire.InputMessage:
        """What a peer says that has made and holds nothing, unless told otherwise."""
        message = wire.InputMessage(
            seat=seat,
            incarnation=0,
            receiver_incarnation=self.config.incarnation,
            complete=False,
            resuming=False,
            frame=0,
            lead=0.0,
            sent_at=wire.clock_stamp(self.now_ms),
            echo=None,
            cut_seats=0,
            asked_for=0,
            checkpoint=0,
            checksums=Checksums(0, 0),
            counts=(0,) * self.config.num_seats,
            first_input=0,
            inputs=b"",
        )
        return message._replace(**changes)

    def sent(self) -> list[wire.Message | None]:
        packets = self.result["packets"]
        return [wire.decode(b64decode(one), self.config.session_tag) for _, one in packets]


class Endless(StubGame):
    """Its episodes end at the limit alone."""

    def step(self, actions: dict[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        results = super().step(actions)
        self.agents = list(self.possible_agents)
        return (*results[:2], dict.fromkeys(self.agents, False), *results[3:])


def test_before_anything_is_heard_a_tick_says_so() -> None:
    game = Scripted(3)
    for silence_ms in (0, 33, 66):
        peers = game.tick()["peers"]
        assert peers == [
            {
                "seat": seat,
                "silence_ms": silence_ms,
                "rtt_ms": None,
                "frame": 0,
                "resuming": False,
            }
            for seat in (1, 2)
        ]
    assert game.result["frame"] == 3
    assert game.result["confirmed_frame"] == -1
    assert (game.result["episode"], game.result["step"]) == (0, 3)
    assert (game.result["desync"], game.result["resuming"], game.result["cuts"]) == (None, None, [])
    assert not (game.result["finished"] or game.result["cut_short"] or game.result["drained"])
    assert game.result["wait_ms"] == 0


def test_what_a_peer_says_of_itself_is_told() -> None:
    game = Scripted()
    game.tick()
    sent_at = wire.clock_stamp(game.now_ms)
    game.tick(game.says(frame=7, inputs=bytes(7), resuming=True, echo=sent_at), after_ms=50)
    (peer,) = game.result["peers"]
    assert peer == {"seat": 1, "silence_ms": 0, "rtt_ms": 50, "frame": 7, "resuming": True}


def test_a_loop_that_stalls_neither_advances_nor_waits_longer() -> None:
    game = Scripted(max_prediction=3)
    for frame in (1, 2, 3):
        game.tick(game.says(frame=0, lead=-9.0))
        assert (game.result["frame"], game.result["advanced"]) == (frame, True)
    assert game.result["wait_ms"] > 0
    game.tick(game.says(lead=-9.0))
    assert (game.result["frame"], game.result["advanced"]) == (3, False)
    assert game.result["wait_ms"] == 0
    game.tick(game.says(inputs=b"\0", lead=-9.0))
    assert (game.result["frame"], game.result["confirmed_frame"]) == (4, 0)


def test_a_peer_that_resumes_or_has_not_told_its_lead_makes_nobody_wait() -> None:
    for changes in ({"resuming": True}, None):
        game = Scripted()
        for _ in range(8):
            game.tick(*([] if changes is None else [game.says(lead=-9.0, **changes)]))
            assert game.result["wait_ms"] == 0


def test_rollbacks_are_counted_and_only_where_a_guess_was_wrong() -> None:
    game = Scripted()
    for _ in range(4):
        game.tick()
    game.tick(game.says(inputs=b"\0\0"))
    assert (game.result["rollbacks"], game.result["rollback_frames"]) == (0, 0)
    game.tick(game.says(inputs=b"\0\0\1"))
    assert (game.result["rollbacks"], game.result["rollback_frames"]) == (1, 3)
    game.tick(game.says(inputs=b"\0\0\1\2"))
    assert (game.result["rollbacks"], game.result["rollback_frames"]) == (2, 3)
    game.tick()
    assert (game.result["rollbacks"], game.result["rollback_frames"]) == (2, 0)


def test_rows_are_out_once_every_peer_holds_all_inputs_of_their_frame() -> None:
    game = Scripted(3)
    for _ in range(3):
        game.tick()
    game.tick(game.says(1, inputs=bytes(3)), game.says(2, inputs=bytes(2)))
    assert (game.result["confirmed_frame"], "rows" in game.result) == (1, False)
    game.tick(game.says(1, inputs=bytes(3), counts=(2, 3, 2)), game.says(2, inputs=bytes(2)))
    assert "rows" not in game.result
    game.tick(game.says(2, inputs=bytes(3), counts=(4, 1, 3)))
    assert (game.result["first_frame"], len(game.result["rows"])) == (0, 3)
    game.tick(game.says(2, inputs=bytes(3), counts=(4, 3, 3)))
    assert (game.result["first_frame"], len(game.result["rows"])) == (1, 3)
    assert game.result["columns"][0] == "frame"
    assert [row.split(",")[0] for row in game.rows] == list("000111")


def test_no_tick_hands_out_more_rows_than_a_page_can_send_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(game_loop, "MAX_RELEASED_ROWS", 5)
    game = Scripted(max_steps=6)
    for _ in range(6):
        game.tick()
    pieces = []
    for _ in range(3):
        game.tick(game.says(inputs=bytes(6), counts=(6, 6)))
        pieces.append((game.result["first_frame"], len(game.result["rows"])))
        assert game.result["finished"] is (len(game.rows) == 12)
    assert pieces == [(0, 4), (2, 4), (4, 4)]


def test_the_rows_of_one_frame_stay_together_however_long_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(game_loop, "MAX_RELEASED_CHARS", 1)
    game = Scripted(max_steps=2)
    for _ in range(2):
        game.tick()
    for frame in range(2):
        game.tick(game.says(inputs=bytes(2), counts=(2, 2)))
        assert (game.result["first_frame"], len(game.result["rows"])) == (frame, 2)


def test_a_difference_is_told_once_all_rows_are_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(game_loop, "MAX_RELEASED_ROWS", 10)
    game = Scripted()
    for _ in range(8):
        game.tick()
    game.tick(game.says(inputs=bytes(9)))
    game.tick(game.says(inputs=bytes(9), counts=(2, 9), checkpoint=8, checksums=Checksums(1, 1)))
    assert (game.result["desync"], len(game.rows)) == (None, 10)
    game.tick()
    assert game.result["desync"] == {"frame": 7, "seat": 1, "part": "rows"}
    assert len(game.rows) == 2 * 9


def test_who_has_all_rows_sends_on_until_the_peer_is_complete() -> None:
    game = Scripted(max_steps=3)
    for _ in range(3):
        game.tick()
    game.tick(game.says(inputs=bytes(3), counts=(2, 3)))
    assert (game.result["confirmed_frame"], game.result["finished"]) == (2, False)
    game.tick(game.says(inputs=bytes(3), counts=(3, 3)))
    assert (game.result["finished"], game.result["drained"]) == (True, False)
    assert (game.result["frame"], game.result["advanced"]) == (3, False)
    (said,) = game.sent()
    assert isinstance(said, wire.InputMessage) and said.complete
    game.tick(game.says(inputs=bytes(3), counts=(3, 3), complete=True))
    assert (game.result["finished"], game.result["drained"]) == (True, True)


def test_who_owes_an_input_is_not_complete() -> None:
    game = Scripted(input_delay=2, max_steps=3)
    for _ in range(3):
        game.tick()
    game.tick(game.says(inputs=bytes(5), counts=(4, 5)))
    assert (game.result["finished"], game.result["drained"]) == (True, False)
    (said,) = game.sent()
    assert isinstance(said, wire.InputMessage) and not said.complete
    game.tick(game.says(inputs=bytes(5), counts=(5, 5), complete=True))
    assert game.result["drained"]


def test_a_peer_that_never_says_it_is_complete_is_sent_to_for_ninety_ticks() -> None:
    game = Scripted(max_steps=1)
    game.tick()
    game.tick(game.says(inputs=bytes(1), counts=(1, 1)))
    ticks = 1
    while not game.result["drained"]:
        assert game.result["finished"]
        game.tick()
        ticks += 1
    assert ticks == 90


def test_a_difference_stops_the_loop_and_hands_out_all_rows_that_are_held_back() -> None:
    game = Scripted()
    for _ in range(8):
        game.tick()
    game.tick(game.says(inputs=bytes(9)))
    assert (game.result["confirmed_frame"], game.rows) == (8, [])
    game.tick(game.says(inputs=bytes(9), counts=(2, 9), checkpoint=8, checksums=Checksums(1, 1)))
    assert game.result["desync"] == {"frame": 7, "seat": 1, "part": "rows"}
    assert len(game.rows) == 2 * 9
    before = game.result["frame"]
    for _ in range(3):
        game.tick()
        assert (game.result["frame"], game.result["advanced"]) == (before, False)


def test_where_a_cut_ends_the_game_nothing_is_simulated_beyond_it() -> None:
    game = Scripted(3, on_cut="end", max_prediction=8)
    for _ in range(2):
        game.tick(game.says(1, inputs=bytes(4)), game.says(2, inputs=bytes(4)))
    game.loop.cut(2)
    game.tick(game.says(1, inputs=bytes(9), counts=(2, 9, 4), cut_seats=0b100))
    assert game.result["cuts"] == [{"seat": 2, "frames": 4}]
    game.tick(game.says(1, inputs=bytes(9), counts=(3, 9, 4), cut_seats=0b100))
    assert (game.result["frame"], game.result["cut_short"]) == (4, True)
    game.tick(game.says(1, inputs=bytes(9), counts=(4, 9, 4), cut_seats=0b100))
    assert (game.result["frame"], game.result["finished"]) == (4, True)
    assert len(game.rows) == 4 * 3


def test_of_two_cuts_the_earlier_one_ends_the_game() -> None:
    game = Scripted(3, on_cut="end", max_prediction=8)
    game.tick(game.says(1, inputs=bytes(5)), game.says(2, inputs=bytes(3)))
    for seat in (1, 2):
        game.loop.cut(seat)
    for _ in range(4):
        game.tick()
    assert game.result["cuts"] == [{"seat": 1, "frames": 5}, {"seat": 2, "frames": 3}]
    assert (game.result["frame"], game.result["finished"], game.result["drained"]) == (
        3,
        True,
        True,
    )
    assert len(game.rows) == 3 * 3


def test_where_a_cut_does_not_end_the_game_it_goes_on_to_its_own_end() -> None:
    game = Scripted(2, on_cut="neutral", max_steps=6)
    game.tick(game.says(1, inputs=bytes(2)))
    game.loop.cut(1)
    for _ in range(7):
        game.tick()
    assert game.result["cuts"] == [{"seat": 1, "frames": 2}]
    assert (game.result["finished"], game.result["cut_short"]) == (True, False)
    assert len(game.rows) == 6 * 2


def resuming(frames: int) -> Scripted:
    """A page that has just got all inputs of so many frames back, which a partner still plays."""
    game = Scripted(incarnation=1, max_steps=10**6, num_episodes=1)
    for queue in game.loop._session.queues:
        queue.extend(0, bytes(frames))
    return game


def test_a_game_is_simulated_again_in_ever_larger_steps_as_long_as_ticks_are_on_time() -> None:
    game = resuming(5000)
    reached = []
    for _ in range(9):
        game.tick(game.says(counts=(5000, 5000), frame=5000), after_ms=66)
        reached.append(game.result["frame"])
        assert game.result["draw"] is None
    steps = [after - before for before, after in zip([0, *reached], reached, strict=False)]
    assert steps == [16, 32, 64, 128, 256, 512, 512, 512, 512]
    assert game.result["resuming"] == {"frame": sum(steps), "of": 5000}


def test_a_late_tick_halves_the_step_down_to_eight_frames() -> None:
    game = resuming(5000)
    for _ in range(4):
        game.tick(game.says(counts=(5000, 5000), frame=5000))
    before, steps = game.result["frame"], []
    for _ in range(6):
        game.tick(game.says(counts=(5000, 5000), frame=5000), after_ms=67)
        steps.append(game.result["frame"] - before)
        before = game.result["frame"]
    assert steps == [64, 32, 16, 8, 8, 8]


def test_who_has_simulated_everything_again_goes_on_and_draws() -> None:
    game = resuming(40)
    said = {"counts": (40, 40), "frame": 40}
    for frame in (16, 40):
        game.tick(game.says(**said))
        assert game.result["resuming"] == ({"frame": 16, "of": 40} if frame == 16 else None)
    assert (game.result["frame"], game.result["advanced"]) == (41, True)
    assert game.result["draw"]
    assert game.result["corrected"] is None


def test_while_a_page_resumes_its_partner_does_not_wait_for_it_nor_it_for_the_partner() -> None:
    game = resuming(5000)
    for _ in range(6):
        game.tick(game.says(counts=(5000, 5000), frame=0, lead=-500.0))
        assert game.result["wait_ms"] == 0


def test_a_second_of_play_is_told_of_the_network_until_the_game_ends() -> None:
    game = Scripted(max_steps=35)
    for number in range(60):
        made = min(number + 1, 36)
        game.tick(game.says(inputs=bytes(made), counts=(min(number, 36), made)))
        if game.result["network"]:
            assert number == 31
            (row,) = game.result["network"]
            assert (row["ticks"], row["frame"], row["peer_seat"]) == (32, 32, 1)
            assert (row["confirmed_frames"], row["stalled_ticks"]) == (32, 0)
            assert (row["missing_inputs"], row["max_silence_ms"]) == (0, 0)
    assert game.result["finished"]


def test_what_is_missing_of_a_peer_is_how_far_it_is_behind_the_simulation() -> None:
    game = Scripted(max_prediction=8)
    for _ in range(32):
        game.tick(game.says(inputs=b"\0\0"))
    (row,) = game.result["network"]
    assert (row["max_missing_inputs"], row["stalled_ticks"]) == (8, 22)


def test_a_truncated_record_is_left_out_and_those_before_it_are_not() -> None:
    whole = join_records([(1, b"abc"), (2, b"")])
    assert list(split_records(whole)) == [(1, b"abc"), (2, b"")]
    for size in range(len(whole)):
        expected = [(1, b"abc")] if size >= 6 else []
        assert list(split_records(whole[:size])) == expected
    large = join_records([(255, bytes(65535))])
    assert list(split_records(large)) == [(255, bytes(65535))]


def test_the_picture_before_the_first_tick_is_that_of_the_first_state() -> None:
    game = Scripted()
    assert json.loads(game.loop.picture()) == json.loads(json.dumps(Endless().render()))


@pytest.mark.parametrize("action", [0, 3])
def test_every_action_of_the_table_can_be_played(action: int) -> None:
    game = Scripted(1)
    game.tick(action=action)
    assert inputs_from_rows(game.rows, game.config) == [bytes([action])]
