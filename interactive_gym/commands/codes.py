"""``interactive-gym codes`` prints the completion codes of a study for the recruitment platform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interactive_gym.commands.experiment_script import load_config
from interactive_gym.options.outcomes import Outcome
from interactive_gym.scenes.outcomes.ending import ScreenOutPayment
from interactive_gym.scenes.outcomes.ending_table import FullEnding

PROLIFIC_ACTIONS = {
    "approve": "AUTOMATICALLY_APPROVE",
    "review": "MANUALLY_REVIEW",
    "return": "REQUEST_RETURN",
}
"""Prolific's names of what a code makes it do, by `Action`."""

PROLIFIC_TYPES: dict[Outcome, str] = {
    "completed": "COMPLETED",
    "consent_refused": "NO_CONSENT",
    "failed_quiz": "FAILED_ATTENTION_CHECK",
    "connection_unsuitable": "INCOMPATIBLE_DEVICE",
}
"""Prolific's names of what a code stands for; all others are `OTHER`."""

_HEADINGS = ("outcome", "code", "action", "pay", "scenes that follow")


@click.command("codes", short_help="print the completion codes of a study")
@click.argument("script", type=click.Path(path_type=Path))
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print what Prolific's API takes as completion_codes.",
)
def command(script: Path, as_json: bool) -> int:
    """Print what each outcome of a study means: completion code, action, payment.

    The script is run up to its own run(config). Codes that only one participant has cannot be named
    beforehand; the data have them.
    """
    config = load_config(script)
    config.check()
    if not config.endings.is_given:
        raise ValueError(
            f"{script} has no table of outcomes: call .outcomes() on its ExperimentConfig."
        )
    endings = list(config.endings.endings(config.stager.last))
    if as_json:
        click.echo(json.dumps(completion_codes(endings), indent=2, ensure_ascii=False))
    else:
        click.echo(_table(endings, config.endings.currency))
    return 0


def completion_codes(endings: Sequence[FullEnding]) -> list[dict[str, Any]]:
    """The common codes of endings, each once, as Prolific's API takes them."""
    codes: dict[str, dict[str, Any]] = {}
    for ending in endings:
        if ending.code is not None:
            kind = PROLIFIC_TYPES.get(ending.outcome, "OTHER")
            actions = [_prolific_action(ending.action)]
            entry = {"code": ending.code, "code_type": kind, "actor": "participant"}
            codes.setdefault(ending.code, {**entry, "actions": actions})
    return list(codes.values())


def _prolific_action(action: Any) -> dict[str, Any]:
    if not isinstance(action, ScreenOutPayment):
        return {"action": PROLIFIC_ACTIONS[action]}
    return {
        "action": "FIXED_SCREEN_OUT_PAYMENT",
        "fixed_screen_out_reward": round(action.amount * 100),
        "slots": action.slots,
    }


def _table(endings: Sequence[FullEnding], currency: str) -> str:
    rows = [_HEADINGS, *(_row(ending, currency) for ending in endings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(ending: FullEnding, currency: str) -> tuple[str, ...]:
    action, pay = ending.action, ending.pay
    if isinstance(action, ScreenOutPayment):
        action_told = f"pay {currency}{action.amount:.2f} to at most {action.slots}"
    else:
        action_told = action
    return (
        ending.outcome,
        "(their own)" if ending.has_own_code else ending.code or "(none)",
        action_told,
        pay if isinstance(pay, str) else f"{currency}{pay:.2f}",
        ending.scenes if isinstance(ending.scenes, str) else ", ".join(ending.scenes) or "none",
    )
