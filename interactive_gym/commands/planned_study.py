"""The study that `interactive-gym plan` simulates: what its options say, and a script's scenes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from interactive_gym.commands.experiment_script import ScriptScene
from interactive_gym.simulation.connections import ConnectionSettings
from interactive_gym.simulation.populations.arrivals import Arrivals
from interactive_gym.simulation.populations.ledger_population import LedgerPopulation
from interactive_gym.simulation.populations.population import Population
from interactive_gym.simulation.populations.rtt_matrix import RttMatrix
from interactive_gym.simulation.populations.synthetic_population import SyntheticPopulation
from interactive_gym.simulation.simulated_probing import ProbingSettings
from interactive_gym.simulation.study import StudySettings

PARTICIPANTS = 300
"""How many people arrive in a simulated study, unless told otherwise or there are fewer."""

NOISE_MS = 2.0
"""The standard deviation of measured RTTs around the true ones, in milliseconds."""

PROBE_S = 2.0
"""How long a probe takes in seconds, accepted or not. Between real browsers over an emulated
network, probes of 122 to 223 ms took 2.1 to 2.4 s."""

FAILURE_SHARE = 0.02
"""The share of probes that fail for technical reasons: of 75,996 calls over WebRTC, with relays at
hand, 2.0% failed (TokBox, "Do 12% of WebRTC calls really fail?", 2016)."""

NEEDING_A_RELAY_SHARE = 0.22
"""The share of pairs that never connect without a TURN server: that of the conferences that needed
one (callstats.io, "One year of measuring WebRTC service quality", 2015)."""


@dataclass(frozen=True)
class PlannedStudy:
    """What the options say of a study, whatever its scene."""

    study: StudySettings
    """The study without a script."""

    never_connecting: float | None
    """The share of pairs that never connect, if it was given."""

    given: Collection[str]
    """The names of the options that were given."""

    @classmethod
    def of(cls, options: Mapping[str, Any], given: Collection[str]) -> PlannedStudy:
        """Make it of the values of all options that describe it.

        Raises:
            ValueError: if a value is out of its range, or a file cannot be read.
        """
        others = {name: value for name, value in options.items() if name != "never_connecting"}
        return cls(_settings(**others), options["never_connecting"], given)

    def thresholds_ms(self, thresholds_ms: list[float], scene: ScriptScene | None) -> list[float]:
        """The thresholds to compare: the default ones with the script's, or those given."""
        if "thresholds" in self.given or scene is None or scene.threshold_ms is None:
            return thresholds_ms
        return sorted({*thresholds_ms, scene.threshold_ms})

    def for_scene(self, scene: ScriptScene | None) -> StudySettings:
        """The study, with what the script says where no option was given."""
        never_connecting = self.never_connecting
        if never_connecting is None:
            has_relay = scene is None or scene.has_relay
            never_connecting = 0.0 if has_relay else NEEDING_A_RELAY_SHARE
        changes: dict[str, Any] = {
            "connections": ConnectionSettings(never_connect_share=never_connecting)
        }
        if scene is not None and "group_size" not in self.given:
            changes["group_size"] = scene.group_size
        if scene is not None and scene.patience_s is not None and "patience_s" not in self.given:
            changes["patience_s"] = scene.patience_s
        return replace(self.study, **changes)

    def notes(self, scene: ScriptScene | None, study: StudySettings) -> list[str]:
        """How the data were understood, and what could not be simulated."""
        population = study.population
        notes = [] if scene is None else scene.notes
        if isinstance(population, RttMatrix) and population.reading is not None:
            notes.append(population.reading)
        limit = population.most_participants
        if limit is not None and study.participants > limit:
            notes.append(f"{study.participants} participants share {limit} hosts.")
        if scene is not None and not scene.has_relay and self.never_connecting is None:
            notes.append(
                f"the script names no TURN server: {NEEDING_A_RELAY_SHARE:.0%} of the pairs are "
                "taken not to connect; see .webrtc(ice_servers=[…]), or --never-connecting."
            )
        return notes


def _settings(
    rtt: str | None,
    ledger: Path | None,
    arrivals: Arrivals,
    group_size: int,
    participants: int | None,
    patience_s: float,
    dropout_s: float | None,
    probe_s: float | None,
    probe_failures: float | None,
) -> StudySettings:
    population = _population(rtt, ledger)
    limit = population.most_participants
    if isinstance(population, LedgerPopulation):
        probe_s = population.probe_s if probe_s is None else probe_s
        probe_failures = population.failure_share if probe_failures is None else probe_failures
    probe_s = PROBE_S if probe_s is None else probe_s
    return StudySettings(
        population=population,
        arrivals=arrivals,
        participants=participants or min(PARTICIPANTS, limit or PARTICIPANTS),
        group_size=group_size,
        patience_s=patience_s,
        mean_dropout_s=dropout_s,
        server_rtt_noise_ms=NOISE_MS,
        probing=ProbingSettings(
            accept_s=probe_s,
            reject_s=probe_s,
            noise_ms=NOISE_MS,
            failure_share=FAILURE_SHARE if probe_failures is None else probe_failures,
        ),
    )


def _population(rtt: str | None, ledger: Path | None) -> Population:
    if ledger is not None:
        if rtt is not None:
            raise ValueError(
                f"--ledger {ledger} and --rtt {rtt} both say where RTTs come from; give one of "
                "them."
            )
        return LedgerPopulation.read(ledger)
    if rtt is None or rtt == "synthetic":
        return SyntheticPopulation()
    return RttMatrix.read(Path(rtt))
