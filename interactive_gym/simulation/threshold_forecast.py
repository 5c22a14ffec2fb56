"""What simulated studies say of one threshold."""

from __future__ import annotations

from dataclasses import dataclass

from interactive_gym.simulation.metrics import Metrics


@dataclass(frozen=True)
class ThresholdForecast:
    """The forecast of one threshold."""

    threshold_ms: float
    """The largest acceptable P2P RTT in milliseconds."""

    studies: tuple[Metrics, ...]
    """The figures of every simulated study."""

    mean: Metrics
    """Their averages."""

    waits_s: tuple[float, ...]
    """The waits of all participants of all studies in seconds, in ascending order."""

    matched_waits_s: tuple[tuple[float, ...], ...]
    """The waits of those who got a game, in seconds, study by study."""
