"""A baseline to compare matchmakers with: propose on arrival only, and remember nothing.

An arriving participant is tried with those who have waited longest. After a rejection all wait on,
in their places, until they are tried with a later arrival; the same pair may be tried again. It
shares no code with the GameManager.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

from interactive_gym.simulation.simulated_probing import SimulatedProbing
from interactive_gym.simulation.study import (
    Fate,
    GameOutcome,
    ParticipantOutcome,
    SimulationResult,
    Study,
    StudySettings,
    stream,
    worst_rtt_ms,
)
from interactive_gym.simulation.virtual_time import VirtualTime


def simulate_naive(settings: StudySettings, threshold_ms: float) -> SimulationResult:
    """Simulate a study under the naive strategy, with this threshold in milliseconds."""
    return _NaiveRun(settings, threshold_ms).run()


class _NaiveRun:
    def __init__(self, settings: StudySettings, threshold_ms: float) -> None:
        self._settings = settings
        self._threshold_ms = threshold_ms
        self._study = Study.draw(settings)
        self._time = VirtualTime()
        self._waiting: list[int] = []
        self._fates: dict[int, tuple[Fate, float]] = {}
        self._games: list[GameOutcome] = []
        self._probing = SimulatedProbing(
            self._time,
            settings.probing,
            rtt_ms=lambda a, b: self._study.cohort.rtt_ms(int(a), int(b)),
            is_rejected=self._is_rejected,
            rng=stream(settings.seed, "probing"),
        )

    def run(self) -> SimulationResult:
        for person, since_s in enumerate(self._study.arrival_s):
            self._time.at(since_s, partial(self._arrive, person))
            end_s = since_s + self._settings.patience_s
            self._time.at(end_s, partial(self._leave, person, "waited_in_vain"))
            dropout_s = self._study.dropout_s[person]
            if dropout_s is not None:
                self._time.at(dropout_s, partial(self._leave, person, "dropped_out"))
        self._time.run()
        return SimulationResult(
            study=self._study,
            settings=self._settings,
            threshold_ms=self._threshold_ms,
            participants=tuple(
                ParticipantOutcome(*self._fates[person], self._probing.probes_of[str(person)])
                for person in range(self._settings.participants)
            ),
            games=tuple(self._games),
            probes=self._probing.probes,
        )

    def _arrive(self, person: int) -> None:
        partners = self._waiting[: self._settings.group_size - 1]
        if len(partners) < self._settings.group_size - 1:
            self._waiting.append(person)
            return
        self._waiting = self._waiting[len(partners) :]
        group = (*partners, person)
        self._probe(group, list(combinations(group, 2)))

    def _leave(self, person: int, fate: Fate) -> None:
        if person not in self._fates:
            self._fates[person] = (fate, self._time() - self._study.arrival_s[person])
            if person in self._waiting:
                self._waiting.remove(person)

    def _probe(self, group: tuple[int, ...], edges: list[tuple[int, int]]) -> None:
        (a, b), rest = edges[0], edges[1:]

        def judge(subject_a: str, subject_b: str, rtt_ms: float | None) -> None:
            if rtt_ms is None or self._is_rejected(rtt_ms) or any(p in self._fates for p in group):
                self._return(group)
            elif rest:
                self._probe(group, rest)
            else:
                self._play(group)

        self._probing.create_probe(str(a), str(b), judge)

    def _return(self, group: tuple[int, ...]) -> None:
        self._waiting = sorted([*self._waiting, *(p for p in group if p not in self._fates)])

    def _play(self, group: tuple[int, ...]) -> None:
        now_s = self._time()
        self._games.append(GameOutcome(now_s, group, worst_rtt_ms(self._study.cohort, group)))
        for person in group:
            self._fates[person] = ("matched", now_s - self._study.arrival_s[person])

    def _is_rejected(self, rtt_ms: float) -> bool:
        return rtt_ms > self._threshold_ms
