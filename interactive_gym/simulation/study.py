"""A simulated study: its settings, its arrivals, and what became of each participant.

The simulator, the oracle and the model of the predecessor share these records, so that they are
compared on the same participants, arriving at the same times.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from interactive_gym.options.validation import number, whole_number
from interactive_gym.simulation.connections import Connections, ConnectionSettings
from interactive_gym.simulation.populations.arrivals import Arrivals
from interactive_gym.simulation.populations.population import Cohort, Population
from interactive_gym.simulation.simulated_probing import ProbingSettings


@dataclass(frozen=True)
class StudySettings:
    """What is simulated, except for the threshold and the matchmaker.

    Raises:
        ValueError: if a number is out of its range.
    """

    population: Population
    """Whom the study recruits."""

    arrivals: Arrivals
    """When they arrive."""

    participants: int = 300
    """How many arrive."""

    group_size: int = 2
    """How many play one game."""

    patience_s: float = 300.0
    """The patience of participants, in seconds."""

    mean_dropout_s: float | None = None
    """The mean time of waiting after which participants close the page, in seconds (exponentially
    distributed); `None`: none does."""

    server_rtt_noise_ms: float = 0.0
    """The standard deviation of a measured server RTT around the true one, in milliseconds."""

    probing: ProbingSettings = field(default_factory=ProbingSettings)
    """How probes go."""

    connections: ConnectionSettings = field(default_factory=ConnectionSettings)
    """Whether connections change, come about at all, and are answered."""

    seed: int = 0
    """The seed of all random draws."""

    def __post_init__(self) -> None:
        whole_number("group_size", self.group_size, 2)
        if self.participants < self.group_size:
            raise ValueError(
                f"participants must be at least the group size of {self.group_size}; "
                f"got {self.participants}."
            )
        number("patience_s", self.patience_s, "seconds")
        if self.mean_dropout_s is not None:
            number("mean_dropout_s", self.mean_dropout_s, "seconds", other="None for never")


@dataclass(frozen=True)
class Study:
    """Who comes when."""

    cohort: Cohort
    """The participants, in order of their arrival."""

    arrival_s: list[float]
    """When each arrives."""

    dropout_s: list[float | None]
    """When each closes the page if not matched by then, if they do."""

    silent_s: list[float | None]
    """When each stops answering if not matched by then, if they do."""

    connections: Connections
    """The connections between them."""

    @classmethod
    def draw(cls, settings: StudySettings) -> Study:
        """Draw a study, each part from its own generator, so that a setting changes one part."""
        participants = settings.participants
        arrival_s = settings.arrivals.times_s(participants, stream(settings.seed, "arrivals"))
        rng = stream(settings.seed, "dropouts")
        mean_s = settings.mean_dropout_s
        cohort = settings.population.cohort(participants, stream(settings.seed, "cohort"))
        connections = settings.connections
        return cls(
            cohort=cohort,
            arrival_s=arrival_s,
            dropout_s=[
                None if mean_s is None else since_s + rng.expovariate(1.0 / mean_s)
                for since_s in arrival_s
            ],
            silent_s=_silent_s(connections, arrival_s, stream(settings.seed, "silences")),
            connections=Connections(connections, cohort, stream(settings.seed, "connections")),
        )

    def leaves_s(self, person: int, patience_s: float) -> float:
        """When a participant who is not matched is gone, whichever way they go."""
        ends_s = (self.dropout_s[person], self.silent_s[person])
        patience_ends_s = self.arrival_s[person] + patience_s
        return min([patience_ends_s, *(end_s for end_s in ends_s if end_s is not None)])

    def worst_rtt_ms(self, members: tuple[int, ...], at_s: float) -> float:
        """The largest true P2P RTT within a group at a moment, in milliseconds."""
        pairs = combinations(members, 2)
        return max(self.connections.rtt_ms(a, b, at_s) for a, b in pairs)


Fate = Literal["matched", "waited_in_vain", "dropped_out"]
"""How the wait of a participant ended."""


@dataclass(frozen=True)
class ParticipantOutcome:
    """What became of one participant."""

    fate: Fate
    """How waiting ended."""

    wait_s: float
    """How long they waited, in seconds; the whole patience if in vain."""

    probes: int
    """How many probes they took part in."""


@dataclass(frozen=True)
class GameOutcome:
    """A game that was made."""

    created_at_s: float
    """When, in virtual seconds."""

    members: tuple[int, ...]
    """Who plays, by index in the cohort."""

    worst_rtt_ms: float
    """The largest true P2P RTT within the group, in milliseconds."""


@dataclass(frozen=True)
class SimulationResult:
    """What became of a study under one way of matching."""

    study: Study
    """Who came when."""

    settings: StudySettings
    """What was simulated."""

    threshold_ms: float | None
    """The largest acceptable P2P RTT in milliseconds; `None` for no limit."""

    participants: tuple[ParticipantOutcome, ...]
    """What became of each, by index in the cohort."""

    games: tuple[GameOutcome, ...]
    """The games in the order of their creation."""

    probes: int
    """How many probes were started altogether."""


def stream(seed: int, purpose: str) -> random.Random:
    """A generator for one purpose, independent of the others of the same seed."""
    return random.Random(f"{seed}/{purpose}")


def _silent_s(
    settings: ConnectionSettings, arrival_s: list[float], rng: random.Random
) -> list[float | None]:
    share, mean_s = settings.silent_leaver_share, settings.silent_after_s
    return [
        since_s + rng.expovariate(1.0 / mean_s) if rng.random() < share else None
        for since_s in arrival_s
    ]
