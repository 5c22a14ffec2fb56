from typing import Any

import pytest

from interactive_gym.netcode import wire
from interactive_gym.netcode.checkpoints import NO_CHECKSUMS, Checkpoints, Checksums, Desync
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import HIDDEN, LOWER, RAISE
from interactive_gym.netcode.mesh import DETOURS_PER_PEER, MAX_DETOURED, Mesh
from interactive_gym.netcode.rollback_session import RollbackSession
from tests.support.simulated_network import game_config, seated

NOW_MS = 1000.0
THREE = game_config(3, input_delay=2)


class Seat:
    """One participant's mesh, with what it stands on."""

    def __init__(self, config: GameConfig = THREE) -> None:
        self.config = config
        self.session = RollbackSession(
            num_seats=config.num_seats,
            local_seat=config.seat,
            default_input=config.default_action,
            input_delay=config.input_delay,
            max_prediction=config.max_prediction,
            recalls=config.incarnation > 0,
        )
        seats = [seat for seat in range(config.num_seats) if seat != config.seat]
        self.checkpoints = Checkpoints(seats)
        self.mesh = Mesh(config, self.session, self.checkpoints)

    @property
    def counts(self) -> list[int]:
        return [queue.count for queue in self.session.queues]

    @property
    def heard(self) -> list[int]:
        """The seats of which something was believed."""
        return [seat for seat, peer in self.mesh.peers.items() if peer.was_heard]

    def receive(self, message: wire.Message, seat: int | None = None) -> None:
        datagram = wire.encode(message, self.config.session_tag)
        self.mesh.receive([(message.seat if seat is None else seat, datagram)], NOW_MS)

    def make(self, frames: int) -> None:
        """Make inputs of this seat until there are so many."""
        while self.session.local_queue.count < frames:
            self.session.local_queue.append(0)

    def sent(self, frame: int = 0, complete: bool = False) -> list[tuple[int, wire.Message]]:
        """What goes out in a tick, with the receivers."""
        sent = []
        for seat, datagram in self.mesh.messages(frame, complete, NOW_MS):
            message = wire.decode(datagram, self.config.session_tag)
            assert message is not None
            sent.append((seat, message))
        return sent

    def relayed(self) -> list[tuple[int, int, int, int]]:
        """The relay messages of a tick: receiver, origin, first input, how many."""
        return [
            (seat, message.origin, message.first_input, len(message.inputs))
            for seat, message in self.sent()
            if isinstance(message, wire.RelayMessage)
        ]


def says(seat: int = 1, **changes: Any) -> wire.InputMessage:
    """A message that any peer of a game of three may send before anything was played."""
    message = wire.InputMessage(
        seat=seat,
        incarnation=0,
        receiver_incarnation=0,
        complete=False,
        resuming=False,
        frame=0,
        lead=0.0,
        sent_at=1,
        echo=None,
        cut_seats=0,
        asked_for=0,
        checkpoint=0,
        checksums=NO_CHECKSUMS,
        counts=(0, 0, 0),
        first_input=0,
        inputs=b"",
    )
    return message._replace(**changes)


def relays(origin: int, inputs: bytes, **changes: Any) -> wire.RelayMessage:
    return wire.RelayMessage(1, 0, 0, origin, 0, 0, inputs)._replace(**changes)


LAST = len(THREE.actions) - 1
"""The highest action of the table."""


@pytest.mark.parametrize("value", [0, LAST, HIDDEN, LAST | HIDDEN])
def test_every_action_of_the_table_is_taken_be_the_page_hidden_or_not(value: int) -> None:
    one = Seat()
    one.receive(says(inputs=bytes([value])))
    one.receive(relays(1, bytes([0, value]), first_input=1))
    assert one.counts == [2, 3, 0]


@pytest.mark.parametrize("value", [LAST + 1, (LAST + 1) | HIDDEN, 0x7F, 0xFF])
def test_an_input_beyond_the_table_is_refused_wherever_it_stands(value: int) -> None:
    one = Seat()
    for inputs in (bytes([value]), bytes([0, value]), bytes([value, 0])):
        one.receive(says(inputs=inputs))
        one.receive(relays(1, inputs))
    assert one.counts == [2, 0, 0]
    assert one.heard == []


@pytest.mark.parametrize("value", [RAISE, LOWER])
def test_a_wish_is_taken_where_the_input_delay_changes_and_nowhere_else(value: int) -> None:
    for adapts, counts in ((True, [2, 3, 0]), (False, [2, 0, 0])):
        one = Seat(game_config(3, input_delay=2, adapts_input_delay=adapts))
        one.receive(says(inputs=bytes([0, value])))
        one.receive(relays(1, bytes([value, 0]), first_input=1))
        one.receive(says(inputs=bytes([value | HIDDEN, 0, 0, 0])))
        assert one.counts == counts


@pytest.mark.parametrize("incarnation", [0, 1])
@pytest.mark.parametrize("origin", [3, 4, 255])
def test_a_relay_of_a_seat_that_there_is_not_is_refused(origin: int, incarnation: int) -> None:
    one = Seat(seated(THREE, 0, incarnation))
    before = one.counts
    one.receive(relays(origin, b"\0", receiver_incarnation=incarnation))
    assert one.counts == before


def test_the_last_seat_may_be_relayed_once_it_is_cut() -> None:
    one = Seat()
    one.receive(relays(2, b"\0\0"))
    assert one.counts == [2, 0, 0]
    one.mesh.cut(2)
    one.receive(relays(2, b"\0\0"))
    assert one.counts == [2, 0, 2]


def test_a_seat_that_is_not_cut_speaks_for_itself_alone() -> None:
    one = Seat()
    one.receive(relays(1, b"\0\0"))
    one.receive(relays(2, b"\0\0"))
    one.receive(relays(0, b"\0\0\0"))
    assert one.counts == [2, 2, 0]


def test_who_has_reloaded_takes_from_anybody_what_was_played() -> None:
    one = Seat(seated(THREE, 0, incarnation=1))
    many = bytes(1000)
    for origin in range(3):
        one.receive(relays(origin, many, receiver_incarnation=1))
    assert one.counts == [1000, 1000, 1000]


MADE = 20
"""How many inputs the local seat has made below."""
FURTHEST = MADE + THREE.max_prediction + MAX_INPUT_DELAY
"""The frame before which every input made by anybody must lie then."""


@pytest.mark.parametrize(
    ("changes", "beyond"),
    [
        ({"counts": (MADE, 0, 0)}, {"counts": (MADE + 1, 0, 0)}),
        ({"counts": (0, FURTHEST, 0)}, {"counts": (0, FURTHEST + 1, 0)}),
        ({"counts": (0, 0, FURTHEST)}, {"counts": (0, 0, FURTHEST + 1)}),
        ({"checkpoint": MADE}, {"checkpoint": MADE + 1}),
        ({"frame": MADE + THREE.max_prediction}, {"frame": MADE + THREE.max_prediction + 1}),
        ({"inputs": bytes(FURTHEST)}, {"inputs": bytes(FURTHEST + 1)}),
    ],
)
def test_a_message_is_believed_as_far_as_anybody_can_be_and_no_further(
    changes: dict[str, Any], beyond: dict[str, Any]
) -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(**beyond))
    assert one.heard == []
    one.receive(says(**changes))
    assert one.heard == [1]


def test_where_the_inputs_of_a_message_begin_counts_towards_the_limit() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(inputs=bytes(FURTHEST - 1)))
    one.receive(says(2))
    one.receive(says(first_input=FURTHEST - 1, inputs=bytes(2), sent_at=2))
    assert one.counts == [MADE, FURTHEST - 1, 0]
    one.receive(says(first_input=FURTHEST - 1, inputs=bytes(1), sent_at=3))
    assert one.counts == [MADE, FURTHEST, 0]


@pytest.mark.parametrize("counts", [(0, 0), (0, 0, 0, 0)])
def test_a_message_of_a_game_of_another_size_is_refused(counts: tuple[int, ...]) -> None:
    one = Seat()
    one.receive(says(counts=counts))
    assert one.heard == []


@pytest.mark.parametrize("changes", [{"inputs": bytes(2)}, {"inputs": b"\0", "first_input": 1}])
def test_a_relay_is_believed_up_to_the_last_frame_that_anybody_can_have_reached(
    changes: dict[str, Any],
) -> None:
    one = Seat()
    one.make(MADE)
    one.receive(relays(1, bytes(FURTHEST - 1)))
    far = relays(1, **changes)
    one.receive(far._replace(first_input=far.first_input + FURTHEST - 1))
    assert one.counts[1] == FURTHEST - 1
    one.receive(far._replace(first_input=FURTHEST - 1, inputs=b"\0"))
    assert one.counts[1] == FURTHEST


def test_a_participant_who_has_reloaded_cannot_tell_what_is_possible() -> None:
    one = Seat(seated(THREE, 0, incarnation=1))
    one.receive(says(receiver_incarnation=1, counts=(900, 900, 900), frame=900, checkpoint=896))
    assert one.heard == [1]
    assert one.mesh.recalled_until == 900


def test_only_the_seat_on_the_connection_is_believed() -> None:
    one = Seat()
    one.receive(says(1), seat=2)
    one.receive(says(0), seat=0)
    one.receive(says(3), seat=3)
    one.mesh.cut(2)
    one.receive(says(2))
    assert one.heard == []


@pytest.mark.parametrize(
    "changes", [{"incarnation": 1}, {"incarnation": 2, "receiver_incarnation": 1}]
)
def test_what_an_old_page_sends_or_is_sent_counts_no_more(changes: dict[str, int]) -> None:
    one = Seat()
    one.receive(says(2, incarnation=2))
    one.receive(says(2, **changes))
    one.receive(relays(2, b"\0", seat=2, **changes))
    assert one.mesh.peers[2].incarnation == 2
    assert one.counts == [2, 0, 0]


def test_a_page_that_is_new_has_nothing_acknowledged_and_confirmed_nothing() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(counts=(MADE, 0, 0), checkpoint=8, checksums=Checksums(5, 5)))
    one.receive(says(incarnation=1))
    assert one.mesh.peers[1].counts == [0, 0, 0]
    one.checkpoints.add_local(8, 6, b"")
    assert one.checkpoints.desync is None


def test_a_refused_message_leaves_no_checksum_behind() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(first_input=1, inputs=b"\0", checkpoint=8, checksums=Checksums(5, 5)))
    one.checkpoints.add_local(8, 6, b"")
    assert one.heard == []
    assert one.checkpoints.desync is None


def test_one_datagram_that_is_refused_keeps_none_of_the_others_from_being_heard() -> None:
    one = Seat()
    tag = one.config.session_tag
    records = [
        (1, b"noise"),
        (1, wire.encode(says(1), tag ^ 1)),
        (2, wire.encode(says(1), tag)),
        (1, wire.encode(says(1, receiver_incarnation=7), tag)),
        (1, wire.encode(says(1, inputs=b"\x7f"), tag)),
        (2, wire.encode(says(2), tag)),
        (1, wire.encode(relays(1, b"\0"), tag)),
        (1, wire.encode(says(1, inputs=b"\0\0"), tag)),
    ]
    one.mesh.receive(records, NOW_MS)
    assert one.heard == [1, 2]
    assert one.counts == [2, 2, 0]


def test_what_peers_say_of_their_frames_is_compared_with_what_was_made_here() -> None:
    one = Seat()
    one.make(MADE)
    one.checkpoints.add_local(8, 6, b"")
    one.receive(says(2, checkpoint=8, checksums=Checksums(5, 5)))
    assert one.checkpoints.desync == Desync(7, 2, "rows")


def test_with_a_lost_seat_nothing_is_compared_any_more() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(2, checkpoint=8, checksums=Checksums(5, 5)))
    one.mesh.cut(2)
    one.checkpoints.add_local(8, 6, b"")
    assert one.checkpoints.desync is None
    one.mesh.cut(2)
    assert one.mesh.cuts == {2: None}


def test_who_plays_alone_sends_nothing_holds_everything_and_recalls_nothing() -> None:
    one = Seat(game_config(1))
    one.mesh.settle()
    assert one.sent() == []
    assert (one.mesh.held, one.mesh.recalled_until, one.mesh.cuts) == (None, 0, {})


def test_what_is_made_here_goes_to_every_peer_from_what_that_peer_holds_on() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(1, counts=(5, 0, 0)))
    one.receive(says(2, counts=(7, 0, 0), inputs=b"\3"))
    sent = one.sent(frame=4)
    assert [seat for seat, _ in sent] == [1, 2]
    for (_, message), acknowledged in zip(sent, (5, 7), strict=True):
        assert isinstance(message, wire.InputMessage)
        assert (message.first_input, len(message.inputs)) == (acknowledged, MADE - acknowledged)
        assert (message.seat, message.frame, message.counts) == (0, 4, (MADE, 0, 1))
        assert (message.cut_seats, message.complete, message.resuming) == (0, False, False)
        assert message.sent_at == wire.clock_stamp(NOW_MS)


def test_a_peer_that_lacks_more_than_fits_into_one_message_is_relayed_the_rest() -> None:
    one = Seat()
    one.make(MADE)
    one.mesh.cut(2)
    one.receive(says(counts=(MADE, 0, 0)))
    one.make(MADE + 255)
    assert one.relayed() == []
    one.make(MADE + 255 + 1)
    assert one.relayed() == [(1, 0, MADE, 255 + 1)]


def test_only_so_many_relays_go_out_in_one_tick() -> None:
    one = Seat()
    one.mesh.cut(2)
    most = 4 * 1000
    one.make(most + 500)
    whole = [(1, 0, start, 1000) for start in range(0, most, 1000)]
    assert one.relayed() == whole
    one.mesh.peers[1].counts[0] = 1000
    assert one.relayed() == [*whole[1:], (1, 0, most, 500)]


def test_a_page_that_is_resuming_gets_its_own_inputs_back_and_no_other_ones() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(1, inputs=bytes(9)))
    one.receive(says(2, inputs=bytes(7)))
    assert one.relayed() == []
    one.receive(says(2, incarnation=1, resuming=True))
    assert one.relayed() == [(2, 2, 0, 7)]


def test_inputs_of_a_lost_seat_go_to_those_who_have_cut_it_and_lack_them() -> None:
    four = game_config(4, input_delay=2)
    one = Seat(four)
    one.make(MADE)
    one.receive(says(3, counts=(0, 0, 0, 0), inputs=bytes(9)))
    one.receive(says(1, counts=(0, 0, 0, 4), cut_seats=0b1000))
    one.receive(says(2, counts=(0, 0, 0, 4), cut_seats=0b0001))
    assert one.relayed() == []
    one.mesh.cut(3)
    assert one.relayed() == [(1, 3, 4, 5)]
    assert {m.cut_seats for _, m in one.sent() if isinstance(m, wire.InputMessage)} == {0b1000}


def test_a_lost_seat_ends_once_all_have_cut_it_and_nobody_holds_more() -> None:
    one = Seat()
    one.receive(says(2, inputs=bytes(5)))
    one.receive(says(1, counts=(0, 0, 7)))
    one.mesh.cut(2)
    one.mesh.settle()
    assert one.mesh.cuts == {2: None}
    one.receive(says(1, counts=(0, 0, 7), cut_seats=0b100, sent_at=2))
    one.mesh.settle()
    assert one.mesh.cuts == {2: None}
    one.receive(relays(2, bytes(7)))
    one.mesh.settle()
    assert one.mesh.cuts == {2: 7}


def test_a_peer_that_has_cut_another_seat_has_not_cut_this_one() -> None:
    one = Seat(game_config(4, input_delay=2))
    one.receive(says(1, counts=(0, 0, 0, 0), cut_seats=0b1000))
    one.receive(says(2, counts=(0, 0, 0, 0), cut_seats=0b1000))
    one.mesh.cut(3)
    one.mesh.cut(2)
    one.mesh.settle()
    assert one.mesh.cuts == {2: None, 3: None}


def test_a_peer_that_was_never_heard_may_hold_anything_of_a_lost_seat() -> None:
    one = Seat(game_config(4, input_delay=2))
    one.receive(says(1, counts=(0, 0, 0, 0), cut_seats=0b1000))
    one.mesh.cut(3)
    one.mesh.settle()
    assert one.mesh.cuts == {3: None}


def test_who_is_left_alone_ends_the_lost_seats_by_what_is_here() -> None:
    one = Seat()
    one.receive(says(1, inputs=bytes(4)))
    one.mesh.cut(2)
    one.mesh.cut(1)
    one.mesh.settle()
    assert one.mesh.cuts == {1: 4, 2: 0}
    assert one.mesh.held is None


def test_frames_are_held_by_all_as_far_as_every_peer_holds_every_input() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(1, inputs=bytes(15), counts=(12, 15, 9)))
    one.receive(says(2, inputs=bytes(15), counts=(11, 10, 15)))
    assert one.mesh.held == 9
    one.receive(says(1, counts=(12, 15, 15), sent_at=2))
    assert one.mesh.held == 10


def test_a_closed_seat_holds_nobody_back_who_has_all_of_it() -> None:
    one = Seat()
    one.make(MADE)
    one.receive(says(2, inputs=bytes(5)))
    one.receive(says(1, inputs=bytes(15), counts=(12, 15, 4), cut_seats=0b100))
    one.mesh.cut(2)
    one.mesh.settle()
    assert one.mesh.held == 4
    one.receive(says(1, counts=(12, 15, 5), cut_seats=0b100, sent_at=2))
    assert one.mesh.held == 12


def test_a_recall_ends_with_the_last_input_that_any_peer_holds() -> None:
    one = Seat(seated(THREE, 0, incarnation=1))
    one.receive(says(1, receiver_incarnation=1, counts=(6, 0, 0)))
    one.mesh.settle()
    assert one.session.recalls
    one.receive(says(2, receiver_incarnation=1, counts=(4, 0, 0)))
    one.receive(relays(0, bytes(5), receiver_incarnation=1))
    one.mesh.settle()
    assert one.session.recalls
    one.receive(relays(0, bytes(6), receiver_incarnation=1))
    one.mesh.settle()
    assert not one.session.recalls


def test_while_all_have_reloaded_nobody_goes_on_as_if_nothing_had_been_played() -> None:
    one = Seat(seated(THREE, 0, incarnation=1))
    for seat in (1, 2):
        one.receive(says(seat, receiver_incarnation=1, incarnation=1, resuming=True))
    one.mesh.settle()
    assert one.session.recalls
    one.receive(says(2, receiver_incarnation=1, incarnation=1, sent_at=2))
    one.mesh.settle()
    assert not one.session.recalls


def needs_a_detour(**changes: Any) -> Seat:
    """Seat 0, who has heard that seat 2 holds inputs of seat 1 that seat 1 did not bring."""
    one = Seat()
    one.make(10)
    one.receive(says(1))
    one.receive(says(2, counts=(0, 8, 0))._replace(**changes))
    return one


def asked(seat: Seat) -> dict[int, int]:
    """What is asked of whom, as bit masks."""
    sent = seat.sent()
    return {to: one.asked_for for to, one in sent if isinstance(one, wire.InputMessage)}


def test_inputs_that_come_late_are_asked_of_who_holds_them() -> None:
    assert asked(needs_a_detour()) == {1: 0, 2: 1 << 1}
    assert asked(needs_a_detour(counts=(0, 2, 0))) == {1: 0, 2: 0}


def test_inputs_are_taken_from_who_was_asked_for_them_and_from_nobody_else() -> None:
    one = needs_a_detour()
    detour = relays(1, b"\1\1", seat=2)
    one.receive(detour)
    assert one.counts[1] == 0
    asked(one)
    one.receive(detour._replace(origin=2, seat=1))
    assert one.counts[2] == 0
    one.receive(detour)
    assert one.counts[1] == 2


def test_inputs_of_a_page_that_is_gone_or_not_settled_are_not_taken() -> None:
    one = needs_a_detour()
    asked(one)
    one.receive(relays(1, b"\1", seat=2, origin_incarnation=1))
    assert one.counts[1] == 0
    one.receive(says(1, incarnation=1, resuming=True, sent_at=2))
    one.receive(relays(1, b"\1", seat=2, origin_incarnation=1))
    assert one.counts[1] == 0


def test_what_came_around_is_not_acknowledged_to_its_origin_nor_held_for_good() -> None:
    one = needs_a_detour(counts=(8, 8, 8), inputs=bytes(8))
    one.receive(says(1, counts=(8, 8, 8)))
    asked(one)
    one.receive(relays(1, bytes(8), seat=2))
    counts = {to: message.counts for to, message in one.sent()}
    assert counts == {1: (10, 0, 8), 2: (10, 8, 8)}
    assert one.mesh.held == 0
    one.receive(says(1, inputs=bytes(5)))
    assert one.mesh.held == 5
    one.receive(says(1, first_input=5, inputs=bytes(3)))
    assert one.mesh.held == 8
    assert {to: message.counts for to, message in one.sent()}[1] == (10, 8, 8)


def helper(peers: int = 2) -> Seat:
    """Seat 0, who holds 100 inputs of every other, of which the others hold none."""
    one = Seat(game_config(peers + 1, input_delay=2))
    one.make(100)
    for seat in range(1, peers + 1):
        counts = (90, *[0] * peers)
        one.receive(says(seat, counts=counts, inputs=bytes(100)))
    return one


def test_who_is_asked_relays_what_is_lacking_up_to_a_limit() -> None:
    one = helper()
    assert one.relayed() == []
    one.receive(says(2, counts=(90, 0, 100), asked_for=0b10, sent_at=2))
    assert one.relayed() == [(2, 1, 0, MAX_DETOURED)]
    one.receive(says(2, counts=(90, 98, 100), asked_for=0b10, sent_at=3))
    assert one.relayed() == [(2, 1, 98, 2)]
    one.receive(says(2, counts=(90, 100, 100), asked_for=0b10, sent_at=4))
    assert one.relayed() == []


def test_only_so_many_seats_are_relayed_to_one_peer() -> None:
    one = helper(peers=5)
    one.receive(says(5, counts=(90, 0, 0, 0, 0, 100), asked_for=0b11111, sent_at=2))
    assert [origin for _, origin, _, _ in one.relayed()] == [1, 2][:DETOURS_PER_PEER]


def test_nothing_is_relayed_of_who_is_reloading() -> None:
    one = helper()
    one.receive(says(2, counts=(90, 0, 100), asked_for=0b10, sent_at=2))
    one.receive(says(1, incarnation=1, resuming=True, counts=(90, 0, 0), sent_at=2))
    assert [relay for relay in one.relayed() if relay[0] == 2] == []
    one.receive(says(1, incarnation=1, counts=(90, 100, 0), sent_at=3))
    assert [relay for relay in one.relayed() if relay[0] == 2] == [(2, 1, 0, MAX_DETOURED)]


def test_with_a_lost_helper_its_detours_end() -> None:
    one = needs_a_detour()
    asked(one)
    one.mesh.cut(2)
    assert asked(one) == {1: 0}
