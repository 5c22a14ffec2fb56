"""What pages must have said for a game not to start as a ledger tells, for its replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from interactive_gym.server.games.events import GameMessage, GameReady, GameSignal
from interactive_gym.server.ledger.schema import RepoolLine
from interactive_gym.server.messages.signals import Answer, Candidate, IceCandidate, Offer
from interactive_gym.server.probing.conduct import FailureCause


def messages_before_failed_start(
    line: RepoolLine, group: Sequence[str], game_id: str
) -> Iterator[tuple[str, GameMessage]]:
    """What each of a group says, so that the same pairs fail for the same causes.

    The pairs of which both were ready had a connection. Who is not named as a cause was ready if a
    page was, and has else done their part for every connection.

    Args:
        line: what became of the game.
        group: its members' subject ids, by seat.
        game_id: the game, as the replay calls it.
    """
    unconnected = {frozenset(pair) for pair in line.unconnected}
    ready = {m for pair in combinations(group, 2) if {*pair} not in unconnected for m in pair}
    if "not_started" in line.causes.values():
        ready.update(member for member in line.subject_ids if member not in line.causes)
    for subject_id in sorted(ready):
        yield subject_id, GameReady(game_id)
    if not ready:
        yield from _signals(line.causes, group, game_id)


def _signals(
    causes: Mapping[str, FailureCause], group: Sequence[str], game_id: str
) -> Iterator[tuple[str, GameSignal]]:
    """Signals of every pair. Each member who is named has failed one of their partners at least."""
    named: set[str] = set()
    for pair in combinations(range(len(group)), 2):
        to_blame = [seat for seat in pair if group[seat] in causes]
        if any(causes[group[seat]] == "no_signal" for seat in to_blame):
            # Only one of two can be named for that: the other is whom it was kept from.
            to_blame.sort(key=lambda seat: group[seat] in named)
            del to_blame[1:]
        named.update(group[seat] for seat in to_blame)
        for seat, to_seat in (pair, pair[::-1]):
            cause = causes[group[seat]] if seat in to_blame else None
            if cause == "no_signal":
                continue
            way = IceCandidate("candidate:") if cause is None else None
            description = Offer("v=0") if seat < to_seat else Answer("v=0")
            for signal in (description, Candidate(way)):
                yield group[seat], GameSignal(game_id, to_seat, signal)
