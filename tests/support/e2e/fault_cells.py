"""The fault matrix as it was found, and the table of the docs that is made of it.

`python -m tests.support.e2e.fault_cells` writes the table anew into `faults.md`.
"""

import json
import re
from pathlib import Path
from typing import Any

import interactive_gym
from tests.support.e2e.fault_matrix import FAULTS, STAGES

FILE = Path(__file__).with_name("fault_cells.json")
PAGE = Path(interactive_gym.__file__).parent / "docs/faults.md"
TABLES = re.compile(r"(?<=<!-- the matrix -->\n).*?(?=<!-- end of the matrix -->)", re.DOTALL)
HEAD = "| what befalls Ann | Ann: outcome, page | Ben: outcome, page | the game |"


def stored() -> dict[str, dict[str, dict[str, Any]]]:
    """What came of each fault at each stage."""
    cells: dict[str, dict[str, dict[str, Any]]] = json.loads(FILE.read_text())
    return cells


def keep(stage: str, fault: str, found: dict[str, Any]) -> None:
    """Store what came of one."""
    cells = stored() if FILE.exists() else {}
    cells.setdefault(stage, {})[fault] = found
    ordered = {
        stage: {fault: cells[stage][fault] for fault in FAULTS if fault in cells[stage]}
        for stage in STAGES
        if stage in cells
    }
    FILE.write_text(json.dumps(ordered, indent=2) + "\n")


def tables() -> str:
    """The matrix in Markdown, a table for each stage."""
    return "\n".join(
        f"### {stage.capitalize()}\n\n{HEAD}\n|---|---|---|---|\n"
        + "".join(_line(fault, found) for fault, found in faults.items())
        for stage, faults in stored().items()
    )


def _line(fault: str, found: dict[str, Any]) -> str:
    people = [_person(found[name], found[f"{name}_sees"]) for name in ("ann", "ben")]
    return f"| {fault} | {people[0]} | {people[1]} | {_game(found['game'])} |\n"


def _person(outcome: str | None, sees: str | None) -> str:
    said = "none yet" if outcome is None else f"`{outcome}`"
    if sees is None:
        return f"{said}, no page"
    heading = sees.removesuffix(" +code")
    return f"{said}, “{heading}”" + (" with a code" if heading != sees else "")


def _game(game: list[Any] | None) -> str:
    if game is None:
        return "none"
    end_reason, agreed = game
    if end_reason is None:
        return "open"
    word = {True: "agreed", False: "not agreed", None: "not known to agree"}[agreed]
    return f"`{end_reason}`, {word}"


if __name__ == "__main__":
    PAGE.write_text(TABLES.sub(lambda _: "\n" + tables() + "\n", PAGE.read_text()))
