"""The other participants of a game: judges what they send, answers them, and agrees with them.

Inputs go on to the rollback session and checksums to the checkpoints. Two things are agreed with
the other participants: at which frame a lost seat ends, and when a participant that reloaded has
all inputs back. Inputs that come late from where they were made are asked of somebody who has them
earlier (``detours``). Such inputs are played, but no row is handed out before their origin has
brought them, too, so that nobody can put another's inputs into the record.
"""

from collections.abc import Iterable, Iterator

from interactive_gym.netcode import wire
from interactive_gym.netcode.checkpoints import Checkpoints
from interactive_gym.netcode.detours import Detours
from interactive_gym.netcode.game_config import MAX_INPUT_DELAY, GameConfig
from interactive_gym.netcode.input_queue import ACTION_MASK, LOWER, RAISE
from interactive_gym.netcode.peer import Peer
from interactive_gym.netcode.rollback_session import RollbackSession

RELAYS_PER_TICK = 4
"""The most relay messages with inputs of one seat that a peer is sent in a tick."""

DETOURS_PER_PEER = 2
"""The most seats whose inputs are relayed to one peer around bad links: one message a tick each."""

MAX_DETOURED = 64
"""The most inputs in such a message. A peer that plays lacks fewer."""


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
        self._detours = Detours(config.fps)
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
        """How many frames every peer holds all inputs of and has brought its own of; None if there
        is no peer.

        Whoever is lost or reloads after that, those who are left can still make these frames.
        """
        queues = self._session.queues
        counts = (
            count
            for peer in self.peers.values()
            for queue, count in zip(queues, peer.counts, strict=True)
            if not (queue.is_closed and count >= queue.count)
        )
        return min((*counts, *self._brought()), default=None)

    @property
    def vouched(self) -> int | None:
        """How many frames every peer has brought its own inputs of; None if there is no peer."""
        return min(self._brought(), default=None)

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
                self._take_relayed(peer, message)

    def cut(self, seat: int) -> None:
        """Go on without a participant: nothing that it sends counts from now on."""
        if seat in self.peers:
            del self.peers[seat]
            self._checkpoints.forget_peer(seat)
            self._cut_seats.add(seat)
            self._detours.forget(seat)

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
        counts = [queue.count for queue in self._session.queues]
        if not self._session.recalls:
            self._detours.choose(self.peers.values(), counts)
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
                asked_for=self._detours.asked_of(peer.seat),
                checkpoint=checkpoint,
                checksums=checksums,
                # What it has not brought itself it shall send again, so that its rows may go out.
                counts=(*counts[: peer.seat], peer.brought, *counts[peer.seat + 1 :]),
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
                peer.seat,
                self._config.num_seats,
                self._config.frame_ms,
                message.incarnation,
                brought=self._session.queues[peer.seat].count,
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
        peer.bring(message.first_input, len(message.inputs))
        peer.hear(message, now_ms)
        self._checkpoints.add_remote(peer.seat, message.checkpoint, message.checksums)

    def _brought(self) -> Iterator[int]:
        return (peer.brought for peer in self.peers.values())

    def _take_relayed(self, peer: Peer, message: wire.RelayMessage) -> None:
        taken = self._session.add_inputs(message.origin, message.first_input, message.inputs)
        if taken and message.origin == peer.seat:
            peer.bring(message.first_input, len(message.inputs))

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
        """Whether relayed inputs are taken: of a cut seat, the sender's own, those that the sender
        was asked for, or all if resuming.
        """
        if message.origin >= self._config.num_seats:
            return False
        if self._session.recalls:
            return True
        if message.first_input + len(message.inputs) > self._furthest_input():
            return False
        if message.origin == message.seat or message.origin in self._cut_seats:
            return True
        origin = self.peers.get(message.origin)
        return (
            origin is not None
            and not origin.resuming
            and origin.incarnation == message.origin_incarnation
            and self._detours.runs_through(message.seat, message.origin)
        )

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
        detours = DETOURS_PER_PEER
        for seat, queue in enumerate(self._session.queues):
            first = peer.counts[seat]
            limit = RELAYS_PER_TICK * wire.MAX_RELAYED
            if seat == self._config.seat:
                is_needed = queue.count - first > wire.MAX_INPUTS
            elif seat == peer.seat:
                is_needed = peer.resuming
            elif seat in self._cut_seats:
                is_needed = bool(peer.cut_seats >> seat & 1)
            else:
                is_needed = detours > 0 and self._may_detour(peer, seat)
                detours -= is_needed
                limit = MAX_DETOURED
            if not is_needed:
                continue
            end = min(queue.count, first + limit)
            for start in range(first, end, wire.MAX_RELAYED):
                yield wire.RelayMessage(
                    seat=self._config.seat,
                    incarnation=self._config.incarnation,
                    receiver_incarnation=peer.incarnation,
                    origin=seat,
                    origin_incarnation=self._incarnation_of(seat),
                    first_input=start,
                    inputs=queue.since(start, min(wire.MAX_RELAYED, end - start)),
                )

    def _may_detour(self, peer: Peer, origin: int) -> bool:
        """Whether a peer asks for another's inputs that are sure to be those of its newest page.

        What a page holds of a participant who is reloading may be void before long.
        """
        of = self.peers.get(origin)
        is_settled = of is not None and of.was_heard and not of.resuming
        return is_settled and bool(peer.asked_for >> origin & 1) and not self._session.recalls

    def _incarnation_of(self, seat: int) -> int:
        if seat == self._config.seat:
            return self._config.incarnation
        return self.peers[seat].incarnation if seat in self.peers else 0

    def _cut_mask(self) -> int:
        return sum(1 << seat for seat in self._cut_seats)
