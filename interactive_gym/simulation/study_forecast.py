"""All that a forecast of one study tells, which the table, the JSON and the chart show alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interactive_gym.simulation.recommendation import Recommendation, in_words
from interactive_gym.simulation.study import StudySettings
from interactive_gym.simulation.threshold_forecast import ThresholdForecast


@dataclass(frozen=True)
class StudyForecast:
    """The forecast of one study, or of one scene of it."""

    settings: StudySettings
    """What was simulated."""

    matchmaker: str
    """The name of the matchmaker's class."""

    thresholds: Sequence[ThresholdForecast]
    """The forecast of each threshold."""

    recommendation: Recommendation
    """What follows from them."""

    scene_id: str | None = None
    """The scene of the script that is planned, if there is a script."""

    present_ms: float | None = None
    """The threshold that the script has, in milliseconds, if it has one."""

    notes: Sequence[str] = ()
    """How the data were understood, and what could not be simulated."""

    @property
    def title(self) -> str:
        """One sentence that says what was simulated."""
        settings = self.settings
        count = len(self.thresholds[0].studies)
        scene = "" if self.scene_id is None else f"Scene {self.scene_id}: "
        return (
            f"{scene}{settings.participants} participants in groups of {settings.group_size} from "
            f"{settings.population.description}, {settings.arrivals.description}, patience "
            f"{settings.patience_s:g} s, {self.matchmaker}; means of {count} simulated "
            f"{'study' if count == 1 else 'studies'}."
        )

    @property
    def conditions(self) -> str:
        """One sentence that says how probes and connections go."""
        probing, never = self.settings.probing, self.settings.connections.never_connect_share
        takes = f"{probing.accept_s:.3g} s"
        if probing.reject_s != probing.accept_s:
            takes += f", or {probing.reject_s:.3g} s until rejected"
        return (
            f"A probe takes {takes}; {probing.failure_share * 100:.3g}% fail, after "
            f"{probing.failure_s:g} s; {never * 100:.3g}% of the pairs never connect."
        )

    @property
    def findings(self) -> list[str]:
        """What follows, in sentences: the recommendation, and what the present threshold does."""
        recommendation = self.recommendation
        pairs = zip(self.thresholds, recommendation.in_time, strict=True)
        present = [
            f"The script has {each.threshold_ms:g} ms, which matches {in_words(in_time)} within "
            f"{recommendation.budget.within_s:g} s."
            for each, in_time in pairs
            if each.threshold_ms == self.present_ms
        ]
        return [recommendation.sentence, *present]
