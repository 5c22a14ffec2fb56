"""The other participants of a game: judges what they send, answers them, and agrees with them.

Inputs go on to the rollback session and checksums to the checkpoints. Two things are agreed with
the other participants: at which frame a lost seat ends, and when a participant that reloaded has
all inputs back.
"""

from collections.abc import Iterable, Iterator

from interactive_gym.netcode import wire
from interactive_gym.netcode.checkpoints import Checkpoints
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, LOWER, RAISE
from interactive_gym.netcode.peer import Peer
from interactive_gym.netcode.rollback_session import RollbackSession

RELAYS_PER_TICK = 4
"""The most relay messages with inputs of one seat that a peer is sent in a tick."""


class Mesh:
    """Every other participant of a game, each connected to every other.

    Args:
        config: The game.
        session: The session that takes the inputs.
        checkpoints: Where the peers' checksums are compared.
    """

    def __init__(
        self, config: GameConfig, session: RollbackSession, checkpoints: Checkpoints
    ) -> None:
        self._config = config
        self._session = session
        self._checkpoints = checkpoints
        self._cut_seats: set[int] = set()
        self.peers = {
            seat: Peer(seat, config.num_seats, config.frame_ms)
            for seat in range(config.num_seats)
            if seat != config.seat
        }
        for peer in self.peers.values():
            peer.counts = [min(queue.count, session.given) for queue in session.queues]

    @property
    def cuts(self) -> dict[int, int | None]:
        """The seats cut so far, each with its agreed number of frames, or None until all agree."""
        queues = self._session.queues
        return {
            seat: queues[seat].count if queues[seat].is_closed else None
            for seat in sorted(self._cut_seats)
        }

    @property
    def held(self) -> int | None:
        """How many frames every peer holds all inputs of; None if there is no peer.

        Whoever is lost or reloads after that, those who are left can still make these frames.
        """
        queues = self._session.queues
        return min(
            (
                count
                for peer in self.peers.values()
                for queue, count in zip(queues, peer.counts, strict=True)
                if not (queue.is_closed and count >= queue.count)
            ),
            default=None,
        )

    @property
    def recalled_until(self) -> int:
        """How many inputs of the local seat some participant is known to hold, or the server."""
        known = [peer.counts[self._config.seat] for peer in self.peers.values()]
        return max([self._session.given, *known])

    def receive(self, records: Iterable[tuple[int, bytes]], now_ms: float) -> None:
        """Take in datagrams, each with the seat whose connection brought it."""
        for seat, datagram in records:
            message = wire.decode(datagram, self._config.session_tag)
            if message is None or seat not in self.peers or message.seat != seat:
                continue
            peer = self._current(message)
            if peer is None or not self._are_actions(message.inputs):
                continue
            if isinstance(message, wire.InputMessage):
                self._hear(peer, message, now_ms)
            elif self._is_wanted(message):
                self._session.add_inputs(message.origin, message.first_input, message.inputs)

    def cut(self, seat: int) -> None:
        """Go on without a participant: nothing that it sends counts from now on."""
        if seat in self.peers:
            del self.peers[seat]
            self._checkpoints.forget_peer(seat)
            self._cut_seats.add(seat)

    def settle(self) -> None:
        """Do what the newest messages allow: end a cut seat's inputs, end the recall of one's own.

        Once all have cut a seat, none of them takes more inputs from its participant, so the most
        that any of them holds is final. All get as far by relays and close the seat there. As a
        peer must have cut all that is cut here, what it holds grows only by what others who stay
        hold.
        """
        mask = self._cut_mask()
        if all(peer.was_heard and not mask & ~peer.cut_seats for peer in self.peers.values()):
            for seat in self._cut_seats:
                queue = self._session.queues[seat]
                most = max((peer.counts[seat] for peer in self.peers.values()), default=0)
                if not queue.is_closed and queue.count >= most:
                    self._session.close(seat)
        if self._session.recalls and self._has_recalled():
            self._session.end_recall()

    def messages(self, frame: int, complete: bool, now_ms: float) -> Iterator[tuple[int, bytes]]:
        """The datagrams of this tick, each with its receiver's seat.

        Args:
            frame: How many frames are simulated.
            complete: Whether all is confirmed here and nothing is owed to a peer.
            now_ms: The time.
        """
        checkpoint, checksums = self._checkpoints.newest
        counts = tuple(queue.count for queue in self._session.queues)
        tag, seat = self._config.session_tag, self._config.seat
        for peer in self.peers.values():
            acknowledged = peer.counts[seat]
            message = wire.InputMessage(
                seat=seat,
                incarnation=self._config.incarnation,
                receiver_incarnation=peer.incarnation,
                complete=complete,
                resuming=self._session.recalls,
                frame=frame,
                lead=peer.estimate_lead(frame, now_ms),
                sent_at=wire.clock_stamp(now_ms),
                echo=peer.echo(now_ms),
                cut_seats=self._cut_mask(),
                checkpoint=checkpoint,
                checksums=checksums,
                counts=counts,
                first_input=acknowledged,
                inputs=self._session.local_queue.since(acknowledged, wire.MAX_INPUTS),
            )
            yield peer.seat, wire.encode(message, tag)
            for relay in self._relays(peer):
                yield peer.seat, wire.encode(relay, tag)

    def _current(self, message: wire.Message) -> Peer | None:
        """The peer that a message comes from, if both are the incarnations it speaks of."""
        peer = self.peers[message.seat]
        if message.incarnation > peer.incarnation:
            peer = Peer(
                peer.seat, self._config.num_seats, self._config.frame_ms, message.incarnation
            )
            self.peers[message.seat] = peer
            self._checkpoints.restart_peer(peer.seat)
        own = self._config.incarnation
        is_current = message.incarnation == peer.incarnation and message.receiver_incarnation == own
        return peer if is_current else None

    def _hear(self, peer: Peer, message: wire.InputMessage, now_ms: float) -> None:
        if not self._is_possible(message):
            return
        if not self._session.add_inputs(peer.seat, message.first_input, message.inputs):
            return
        peer.hear(message, now_ms)
        self._checkpoints.add_remote(peer.seat, message.checkpoint, message.checksums)

    def _is_possible(self, message: wire.InputMessage) -> bool:
        """Whether a peer that follows the rules can have sent this.

        No peer can hold or confirm a frame whose input was not made here yet, nor simulate further
        beyond it than the prediction limit. While inputs of one's own are missing this is not
        known.
        """
        if len(message.counts) != self._config.num_seats:
            return False
        if self._session.recalls:
            return True
        made = self._session.local_queue.count
        if message.counts[self._config.seat] > made or message.checkpoint > made:
            return False
        if message.frame > made + self._config.max_prediction:
            return False
        last_input = message.first_input + len(message.inputs)
        return max(last_input, *message.counts) <= self._furthest_input()

    def _is_wanted(self, message: wire.RelayMessage) -> bool:
        """Whether relayed inputs are taken: of a cut seat, the sender's own, or all if resuming."""
        if message.origin >= self._config.num_seats:
            return False
        if self._session.recalls:
            return True
        if message.first_input + len(message.inputs) > self._furthest_input():
            return False
        return message.origin == message.seat or message.origin in self._cut_seats

    def _furthest_input(self) -> int:
        """The frame before which every input made so far must lie."""
        return self._session.local_queue.count + self._config.max_prediction + MAX_INPUT_DELAY

    def _are_actions(self, inputs: bytes) -> bool:
        num_actions = len(self._config.actions)
        wishes = (RAISE, LOWER) if self._config.adapts_input_delay else ()
        return all(value & ACTION_MASK < num_actions or value in wishes for value in inputs)

    def _has_recalled(self) -> bool:
        """Whether the local seat's inputs are known as far as any peer holds them.

        What a peer holds of them is final once it has heard of this incarnation, except for what
        others relay, who hold as much. One peer must still have the game: if all have reloaded,
        none may go on as if nothing had been played.
        """
        peers = self.peers.values()
        if not all(peer.was_heard for peer in peers) or all(peer.resuming for peer in peers):
            return False
        return self._session.local_queue.count >= self.recalled_until

    def _relays(self, peer: Peer) -> Iterator[wire.RelayMessage]:
        """Inputs that a peer lacks and would otherwise not get, or too slowly."""
        for seat, queue in enumerate(self._session.queues):
            first = peer.counts[seat]
            if seat == self._config.seat:
                is_needed = queue.count - first > wire.MAX_INPUTS
            elif seat == peer.seat:
                is_needed = peer.resuming
            else:
                is_needed = seat in self._cut_seats and bool(peer.cut_seats >> seat & 1)
            if not is_needed:
                continue
            end = min(queue.count, first + RELAYS_PER_TICK * wire.MAX_RELAYED)
            for start in range(first, end, wire.MAX_RELAYED):
                yield wire.RelayMessage(
                    seat=self._config.seat,
                    incarnation=self._config.incarnation,
                    receiver_incarnation=peer.incarnation,
                    origin=seat,
                    first_input=start,
                    inputs=queue.since(start, wire.MAX_RELAYED),
                )

    def _cut_mask(self) -> int:
        return sum(1 << seat for seat in self._cut_seats)
