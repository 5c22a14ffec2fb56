"""Mutants that change nothing anybody could notice, as ``equivalent.txt`` lists them.

They are known by the function they are in and by the line before and after, so that they are still
found when code has moved.
"""

from pathlib import Path

Mutant = tuple[str | None, str, str]
"""The function or class, the line, and the mutated line, both without indentation."""


def known_equivalents() -> set[Mutant]:
    """Every mutant of the list."""
    known: set[Mutant] = set()
    definition, before = None, ""
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("in "):
            name = line.removeprefix("in ")
            definition = None if name == "module" else name
        elif line.startswith("-"):
            before = line[1:]
        elif line.startswith("+"):
            known.add((definition, before, line[1:]))
    return known
