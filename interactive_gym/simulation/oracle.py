"""A greedy oracle to compare matchmakers with: it knows every RTT before it is measured.

It does not know the future, so it is no upper bound: an arriving participant plays at once with the
longest waiting ones who are acceptable to all, or waits. It pays one probe per game, the one whose
connection carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interactive_gym.simulation.study import (
    Fate,
    GameOutcome,
    ParticipantOutcome,
    SimulationResult,
    Study,
    StudySettings,
)


def simulate_oracle(settings: StudySettings, threshold_ms: float) -> SimulationResult:
    """Simulate a study matched by the oracle, with this threshold in milliseconds."""
    study = Study.draw(settings)
    connections, probe_s = study.connections, settings.probing.accept_s
    everybody = range(settings.participants)
    leaves_s = [study.leaves_s(person, settings.patience_s) for person in everybody]
    waiting: list[int] = []
    games: list[GameOutcome] = []
    matched_s: dict[int, float] = {}
    for person, now_s in enumerate(study.arrival_s):
        waiting = [other for other in waiting if leaves_s[other] > now_s]

        def is_good(a: int, b: int, now_s: float = now_s) -> bool:
            is_near = connections.rtt_ms(a, b, now_s) <= threshold_ms
            return is_near and connections.can_connect(a, b)

        partners = first_clique(
            [other for other in waiting if is_good(person, other)],
            settings.group_size - 1,
            is_good,
        )
        if partners is None:
            waiting.append(person)
            continue
        members = (*partners, person)
        worst_ms = study.worst_rtt_ms(members, now_s)
        games.append(GameOutcome(now_s + probe_s, members, worst_ms))
        matched_s.update(dict.fromkeys(members, now_s + probe_s))
        waiting = [other for other in waiting if other not in partners]
    return SimulationResult(
        study=study,
        settings=settings,
        threshold_ms=threshold_ms,
        participants=tuple(
            _outcome(settings, study, person, matched_s.get(person), leaves_s[person])
            for person in everybody
        ),
        games=tuple(games),
        probes=len(games),
    )


def first_clique(
    candidates: Sequence[int], size: int, is_acceptable: Callable[[int, int], bool]
) -> tuple[int, ...] | None:
    """The first `size` candidates, in lexical order, of whom all pairs are acceptable."""
    if size == 0:
        return ()
    for position, first in enumerate(candidates):
        if len(candidates) - position < size:
            return None
        others = [other for other in candidates[position + 1 :] if is_acceptable(first, other)]
        rest = first_clique(others, size - 1, is_acceptable)
        if rest is not None:
            return (first, *rest)
    return None


def _outcome(
    settings: StudySettings, study: Study, person: int, matched_s: float | None, leaves_s: float
) -> ParticipantOutcome:
    since_s = study.arrival_s[person]
    if matched_s is not None:
        return ParticipantOutcome("matched", matched_s - since_s, 1)
    in_vain: Fate = "waited_in_vain"
    if leaves_s == since_s + settings.patience_s:
        return ParticipantOutcome(in_vain, settings.patience_s, 0)
    return ParticipantOutcome("dropped_out", leaves_s - since_s, 0)
