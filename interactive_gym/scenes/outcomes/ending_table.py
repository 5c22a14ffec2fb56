"""The table of endings: what each outcome means, and which scenes still follow.

Made of what the script gives and of the standard endings. Without a table in the script all scenes
follow, and the last page is as it is described, except for whoever was led out of the study.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from interactive_gym.options.outcomes import FINISHED, OUTCOMES, PLAYED_NAME, WAYS_OUT, Outcome
from interactive_gym.options.validation import UNSET, number, text
from interactive_gym.scenes.end_scenes import CompletionCodeScene, EndScene
from interactive_gym.scenes.forms.controls import paragraphs
from interactive_gym.scenes.outcomes.ending import Action, Ending, Pay, ScreenOutPayment
from interactive_gym.scenes.outcomes.standard_endings import (
    OWN_CODE,
    STANDARD,
    WORDS_OF_AMOUNT,
    WORDS_OF_CODES,
    WORDS_OF_LINK,
    WORDS_OF_PAY,
    WORDS_OF_RETURN,
)
from interactive_gym.scenes.scene import ParticipantWay, Scene


@dataclass(frozen=True)
class FullEnding:
    """What an outcome means, nothing left out."""

    outcome: Outcome
    """The outcome."""
    header: str
    """The heading of the last page."""
    message: str
    """What the last page says."""
    code: str | None
    """The common completion code; None where there is none, or each has their own."""
    has_own_code: bool
    """Whether everyone with the outcome has a completion code of their own."""
    redirect: str | None
    """The address that the last page leads to, ``{code}`` and ``{id}`` still in it; None where the
    last scene decides."""
    scenes: Literal["all", "none"] | Sequence[str]
    """Which of the later scenes still follow."""
    action: Action | ScreenOutPayment
    """What the recruitment platform does with the code."""
    pay: Pay | float
    """What is proposed to be paid."""


class EndingTable:
    """What each outcome means to one experiment."""

    def __init__(
        self,
        given: Mapping[Outcome, Ending] | None = None,
        *,
        currency: str = "",
        reward: float | None = None,
        hourly_rate: float | None = None,
    ) -> None:
        """Take the script's table.

        Args:
            given: an Ending for each outcome that is not as it is by default; None without a table.
            currency: what stands before amounts.
            reward: the whole reward.
            hourly_rate: what an hour is paid with, where time is paid.

        Raises:
            ValueError: an outcome is unknown, or a value can not be used.
        """
        self.is_given = given is not None
        """Whether the script has a table."""
        self.currency = text("currency", currency)
        """What stands before amounts, such as a pound sign."""
        self.reward = reward if reward is None else number("reward", reward, minimum=0)
        """The whole reward, in units of the currency; None if it is not said."""
        self.hourly_rate = (
            hourly_rate if hourly_rate is None else number("hourly_rate", hourly_rate, minimum=0)
        )
        """What an hour is paid with, where time is paid; None if it is not said."""
        self._given = dict(_checked_table({} if given is None else given))

    def endings(self, last: EndScene) -> Iterator[FullEnding]:
        """All endings, in the order of outcomes, in a study with this *last* scene."""
        return (self.of(outcome, last) for outcome in OUTCOMES)

    def of(self, outcome: Outcome, last: EndScene) -> FullEnding:
        """What an outcome means in a study with this *last* scene."""
        given = self._given.get(outcome, {})
        ending = {**STANDARD[outcome], **given}
        code = ending["code"]
        if not isinstance(last, CompletionCodeScene):
            code = given.get("code")
        elif code is OWN_CODE and outcome in FINISHED and last.common_code is not None:
            code = last.common_code
        if isinstance(ending["action"], ScreenOutPayment) and "pay" not in given:
            ending["pay"] = ending["action"].amount
        redirect = ending.get("redirect", UNSET)
        has_link = last.has_link(outcome in FINISHED) if redirect is UNSET else redirect is not None
        return FullEnding(
            outcome,
            ending["header"],
            given.get("message") or self._message(ending, code is not None, has_link),
            None if code is OWN_CODE else code,
            code is OWN_CODE,
            None if redirect is UNSET else redirect,
            ending["scenes"],
            ending["action"],
            ending["pay"],
        )

    def follows(self, scene: Scene, participant: ParticipantWay, last: EndScene) -> bool:
        """Whether a participant comes to a *scene* after those that they have been through."""
        outcome = participant.outcome
        names = scene.only_if
        if names is None:
            return self._lets_follow(scene, outcome, last)
        is_for_players = PLAYED_NAME in names and participant.has_played
        return outcome in names or (is_for_players and self._lets_follow(scene, outcome, last))

    def page(
        self, last: EndScene, participant: ParticipantWay, farewell: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return what the last page shows to a participant in place of its own.

        Args:
            last: the last scene.
            participant: who comes to it.
            farewell: what the page says that has led them out of the study.
        """
        outcome = participant.outcome
        if not self.is_given:
            return _led_out(outcome, farewell) if outcome in WAYS_OUT else {}
        ending, given = self.of(outcome, last), self._given.get(outcome, {})
        page: dict[str, Any] = {}
        if outcome != "completed" or not last.says_something:
            page = {"header": ending.header, "body": paragraphs(ending.message), "subheader": ""}
            page |= {} if "message" in given else farewell
        else:
            page |= {"header": ending.header} if "header" in given else {}
            page |= {"body": paragraphs(ending.message)} if "message" in given else {}
        code = self.code(last, participant)
        if isinstance(last, CompletionCodeScene):
            page["code"] = code
        if "redirect" in given:
            page["redirect_url"] = _filled(ending.redirect, code, participant)
        return page

    def code(self, last: EndScene, participant: ParticipantWay) -> str | None:
        """The completion code that a participant hands in; None where there is none."""
        if not self.is_given:
            return last.code_for(participant) if isinstance(last, CompletionCodeScene) else None
        ending = self.of(participant.outcome, last)
        return participant.completion_code if ending.has_own_code else ending.code

    def code_of_study(self, last: EndScene, participant: ParticipantWay) -> str | None:
        """Return the code by which the recruitment platform knows what became of a participant.

        None where it knows of none; empty where they have done their part, and the study has no
        such code.
        """
        code = self.of(participant.outcome, last).code if self.is_given else None
        return last.code_of_study(participant) if code is None else code

    def check(self, scenes: Sequence[Scene], last: EndScene) -> None:
        """Raise ValueError unless the table fits the *scenes*, and codes tell outcomes apart."""
        known = {scene.scene_id for scene in scenes}
        self._check_payments()
        outcomes_of: dict[str, Outcome] = {}
        for outcome, given in self._given.items():
            unknown = [each for each in _listed(given.get("scenes")) if each not in known]
            if unknown:
                raise ValueError(
                    f"scenes of the outcome {outcome!r} has {unknown[0]!r}, which is the id of no "
                    f"scene: give ids of scenes of the Stager."
                )
        for ending in self.endings(last):
            self._check_code(ending, last)
            other = outcomes_of.setdefault(ending.code, ending.outcome) if ending.code else None
            # The last scene's own code is that of all who did their part.
            is_common = {other, ending.outcome} <= FINISHED and not any(
                "code" in self._given.get(each, {}) for each in FINISHED
            )
            if other not in (None, ending.outcome) and not is_common:
                raise ValueError(
                    f"code of the outcome {ending.outcome!r} is {ending.code!r}, which {other!r} "
                    f"has too: give each outcome its own code, so that it can be told by it."
                )

    def _check_payments(self) -> None:
        paid = [
            outcome
            for outcome, given in self._given.items()
            if isinstance(given.get("action"), ScreenOutPayment)
        ]
        if len(paid) > 1:
            raise ValueError(
                f"action of the outcome {paid[1]!r} is a ScreenOutPayment, as is that of "
                f"{paid[0]!r}: recruitment platforms take it for one code of a study only."
            )

    def _check_code(self, ending: FullEnding, last: EndScene) -> None:
        redirect = ending.redirect or ""
        has_code = ending.has_own_code or ending.code is not None
        if "{code}" in redirect and not has_code:
            raise ValueError(
                f"redirect of the outcome {ending.outcome!r} has {{code}}, but there is no code: "
                f"give the outcome a code, or end with a CompletionCodeScene."
            )
        is_shown = isinstance(last, CompletionCodeScene) or "{code}" in redirect
        if ending.code is not None and not is_shown and ending.code not in redirect:
            raise ValueError(
                f"code of the outcome {ending.outcome!r} is {ending.code!r}, but nobody would get "
                f"it: end with a CompletionCodeScene, or write {{code}} into its redirect."
            )

    def _lets_follow(self, scene: Scene, outcome: Outcome, last: EndScene) -> bool:
        if not self.is_given and outcome not in WAYS_OUT:
            return True
        scenes = self.of(outcome, last).scenes
        return scenes == "all" or (scenes != "none" and scene.scene_id in scenes)

    def _message(self, ending: Mapping[str, Any], has_code: bool, has_link: bool) -> str:
        pay = ending["pay"]
        amount = WORDS_OF_AMOUNT.format(amount=self._amount(pay)) if _is_amount(pay) else ""
        returns = ending["action"] == "return"
        what_to_do = WORDS_OF_RETURN if returns else WORDS_OF_CODES[has_code]
        sentences = [amount or WORDS_OF_PAY[pay], what_to_do, WORDS_OF_LINK if has_link else ""]
        return f"{ending['happened']}\n\n{' '.join(filter(None, sentences))}"

    def _amount(self, amount: float) -> str:
        return f"{self.currency}{amount:.2f}"


def _checked_table(given: Any) -> Iterator[tuple[Outcome, dict[str, Any]]]:
    if not isinstance(given, Mapping):
        raise ValueError(f'outcomes is {given!r}: give a dict such as {{"no_partner": Ending(…)}}.')
    for outcome, ending in given.items():
        if outcome not in OUTCOMES:
            raise ValueError(f"outcomes has {outcome!r}: give one of {', '.join(OUTCOMES)}.")
        if not isinstance(ending, Ending):
            raise ValueError(f"outcomes has {ending!r} for {outcome!r}: give an Ending(…).")
        yield outcome, ending.given


def _led_out(outcome: Outcome, farewell: Mapping[str, str]) -> dict[str, Any]:
    """The last page of whoever was led out of a study whose script has no table."""
    standard = STANDARD[outcome]
    return {"header": standard["header"], "body": paragraphs(standard["happened"]), **farewell}


def _filled(redirect: str | None, code: str | None, participant: ParticipantWay) -> str | None:
    if redirect is None:
        return None
    own_id = participant.recruitment_id or participant.subject_id
    return redirect.replace("{code}", quote(code or "", safe="")).replace(
        "{id}", quote(own_id, safe="")
    )


def _is_amount(pay: Any) -> bool:
    return not isinstance(pay, str)


def _listed(scenes: Any) -> Sequence[str]:
    return () if scenes is None or isinstance(scenes, str) else scenes
