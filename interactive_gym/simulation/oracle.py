"""An upper bound to compare matchmakers with: it knows every RTT before it is measured.

It does not know the future: an arriving participant plays at once with the longest waiting ones who
are acceptable to all, or waits. It pays one probe per game, the one whose connection carries it.
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
    worst_rtt_ms,
)


def simulate_oracle(settings: StudySettings, threshold_ms: float) -> SimulationResult:
    """Simulate a study matched by the oracle, with this threshold in milliseconds."""
    study = Study.draw(settings)
    rtt_ms, probe_s = study.cohort.rtt_ms, settings.probing.accept_s
    leaves_s = [
        min(since_s + settings.patience_s, dropout_s if dropout_s is not None else float("inf"))
        for since_s, dropout_s in zip(study.arrival_s, study.dropout_s, strict=True)
    ]
    waiting: list[int] = []
    games: list[GameOutcome] = []
    matched_s: dict[int, float] = {}
    for person, now_s in enumerate(study.arrival_s):
        waiting = [other for other in waiting if leaves_s[other] > now_s]
        partners = first_clique(
            [other for other in waiting if rtt_ms(person, other) <= threshold_ms],
            settings.group_size - 1,
            lambda a, b: rtt_ms(a, b) <= threshold_ms,
        )
        if partners is None:
            waiting.append(person)
            continue
        members = (*partners, person)
        games.append(GameOutcome(now_s + probe_s, members, worst_rtt_ms(study.cohort, members)))
        matched_s.update(dict.fromkeys(members, now_s + probe_s))
        waiting = [other for other in waiting if other not in partners]
    return SimulationResult(
        study=study,
        settings=settings,
        threshold_ms=threshold_ms,
        participants=tuple(
            _outcome(settings, study, person, matched_s.get(person), leaves_s[person])
            for person in range(settings.participants)
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
