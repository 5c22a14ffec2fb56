"""A model of the predecessor's policy to compare matchmakers with: in the order of arrival.

An arriving participant is tried with those who have waited longest and whom they were not tried
with in vain. After a rejection both are asked for again at once, and their pair is excluded for
good. A technical failure excludes a pair for good as well, and both then wait until a later arrival
is tried with them, as the predecessor asks for nobody on that path. It shares no code with the
GameManager. Groups of three and more, over which the predecessor deadlocks, are probed pair by
pair.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

from interactive_gym.simulation.oracle import first_clique
from interactive_gym.simulation.simulated_probing import SimulatedProbing
from interactive_gym.simulation.study import (
    Fate,
    GameOutcome,
    ParticipantOutcome,
    SimulationResult,
    Study,
    StudySettings,
    stream,
)
from interactive_gym.simulation.virtual_time import VirtualTime


def simulate_predecessor(settings: StudySettings, threshold_ms: float) -> SimulationResult:
    """Simulate a study under the policy, with this threshold in milliseconds."""
    return _Run(settings, threshold_ms).run()


class _Run:
    def __init__(self, settings: StudySettings, threshold_ms: float) -> None:
        self._settings = settings
        self._threshold_ms = threshold_ms
        self._study = Study.draw(settings)
        self._time = VirtualTime()
        self._waiting: list[int] = []
        self._excluded: set[frozenset[int]] = set()
        self._silent: set[int] = set()
        self._fates: dict[int, tuple[Fate, float]] = {}
        self._games: list[GameOutcome] = []
        self._probing = SimulatedProbing(
            self._time,
            settings.probing,
            rtt_ms=lambda a, b: self._study.connections.rtt_ms(int(a), int(b), self._time()),
            is_rejected=self._is_rejected,
            rng=stream(settings.seed, "probing"),
            can_connect=lambda a, b: self._study.connections.can_connect(int(a), int(b)),
            is_silent=lambda person: int(person) in self._silent,
        )

    def run(self) -> SimulationResult:
        for person, since_s in enumerate(self._study.arrival_s):
            self._time.at(since_s, partial(self._arrive, person))
            end_s = since_s + self._settings.patience_s
            self._time.at(end_s, partial(self._leave, person, "waited_in_vain"))
            dropout_s = self._study.dropout_s[person]
            if dropout_s is not None:
                self._time.at(dropout_s, partial(self._leave, person, "dropped_out"))
            silent_s = self._study.silent_s[person]
            if silent_s is not None:
                self._time.at(silent_s, partial(self._fall_silent, person))
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
        self._waiting.append(person)
        self._ask(person)

    def _ask(self, person: int) -> None:
        """Try a participant who waits with the longest waiting whom they may be tried with."""
        if person not in self._waiting:
            return
        partners = first_clique(
            [other for other in self._waiting if self._may_be_tried(person, other)],
            self._settings.group_size - 1,
            self._may_be_tried,
        )
        if partners is not None:
            group = (*partners, person)
            self._waiting = [other for other in self._waiting if other not in group]
            self._probe(group, list(combinations(group, 2)))

    def _may_be_tried(self, a: int, b: int) -> bool:
        return a != b and frozenset((a, b)) not in self._excluded

    def _leave(self, person: int, fate: Fate) -> None:
        if person not in self._fates:
            self._fates[person] = (fate, self._time() - self._study.arrival_s[person])
        if person in self._waiting:
            self._waiting.remove(person)

    def _fall_silent(self, person: int) -> None:
        """Answer nothing any more, though the server sees them wait until their patience ends."""
        if person not in self._fates:
            self._silent.add(person)
            self._fates[person] = ("dropped_out", self._time() - self._study.arrival_s[person])

    def _probe(self, group: tuple[int, ...], edges: list[tuple[int, int]]) -> None:
        (a, b), rest = edges[0], edges[1:]

        def judge(subject_a: str, subject_b: str, rtt_ms: float | None) -> None:
            is_good = rtt_ms is not None and not self._is_rejected(rtt_ms)
            if not is_good:
                self._excluded.add(frozenset((a, b)))
            if not is_good or any(self._is_gone(person) for person in group):
                self._return(group, asks=rtt_ms is not None)
            elif rest:
                self._probe(group, rest)
            else:
                self._play(group)

        self._probing.create_probe(str(a), str(b), judge)

    def _is_gone(self, person: int) -> bool:
        return person in self._fates and person not in self._silent

    def _return(self, group: tuple[int, ...], *, asks: bool) -> None:
        """Let who is still there wait on in their places, and ask for them again if `asks`."""
        now_s, patience_s = self._time(), self._settings.patience_s
        there = [
            person
            for person in group
            if not self._is_gone(person) and now_s < self._study.arrival_s[person] + patience_s
        ]
        self._waiting = sorted([*self._waiting, *there])
        for person in there if asks else ():
            self._ask(person)

    def _play(self, group: tuple[int, ...]) -> None:
        now_s = self._time()
        self._games.append(GameOutcome(now_s, group, self._study.worst_rtt_ms(group, now_s)))
        for person in group:
            self._fates[person] = ("matched", now_s - self._study.arrival_s[person])

    def _is_rejected(self, rtt_ms: float) -> bool:
        return rtt_ms > self._threshold_ms
