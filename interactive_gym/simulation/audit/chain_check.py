"""Checks a ledger's chain, and its end against the manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from interactive_gym.server.data.chain import ChainEnd, digest_of_start, next_digest, split
from interactive_gym.server.data.manifest import LedgerEnd
from interactive_gym.simulation.audit.finding import Finding


@dataclass
class ChainCheck:
    """What a chain and a manifest say of a ledger."""

    findings: list[Finding] = field(default_factory=list)
    """What is wrong."""

    chained: int = 0
    """How many lines are chained to the one before them, as they should be."""

    unchained: int = 0
    """How many lines stand before the chain, as earlier versions wrote them."""

    lines_of: dict[str, int] = field(default_factory=dict)
    """The number of the line with each digest."""

    attested: int | None = None
    """How many lines the manifest stands for; `None` without one."""

    is_closed: bool = False
    """Whether the manifest says that the server had ended in order, and is right."""

    half_bytes: int = 0
    """How long the half line at the end is, which is left out; a killed server leaves one."""

    end: ChainEnd | None = None
    """The end of the chain; `None` without a chain."""


def check_chain(content: bytes, told: LedgerEnd | None) -> ChainCheck:
    """Check every digest of a ledger, and what the manifest says of it.

    Args:
        content: the file.
        told: what the manifest says; `None` if there is no manifest.
    """
    check = ChainCheck()
    rows = content.split(b"\n")
    last = rows.pop()
    if _is_object(last):
        rows.append(last)
    else:
        check.half_bytes = len(last)
    at_line = _follow(check, rows)
    if check.chained:
        check.end = ChainEnd(len(rows), at_line[-1])
        chained = range(check.unchained + 1, len(at_line))
        check.lines_of = {at_line[number]: number for number in chained}
    if told is not None:
        _compare(check, told, at_line)
    return check


def _follow(check: ChainCheck, rows: list[bytes]) -> list[str]:
    """Check each link; returns the digest after every line, that of an empty file first."""
    held = b""
    is_begun = False
    digests = [digest_of_start(b"")]
    for number, row in enumerate(rows, 1):
        body, named = split(row)
        if named is None:
            if is_begun:
                what = "it is not chained, though lines before it are"
                check.findings.append(Finding("chain", number, what))
                digests.append(digests[-1])
            else:
                check.unchained += 1
                held += row + b"\n"
                digests.append(digest_of_start(held))
            continue
        is_begun = True
        if named == next_digest(digests[-1], body):
            check.chained += 1
        else:
            what = (
                "its digest does not follow from the line and the one before it: one of them was "
                "changed, or lines were moved, added or left out between them"
            )
            check.findings.append(Finding("chain", number, what))
        digests.append(named)
    return digests


def _is_object(row: bytes) -> bool:
    try:
        return isinstance(json.loads(row), dict)
    except ValueError:
        return False


def _compare(check: ChainCheck, told: LedgerEnd, digests: list[str]) -> None:
    """Compare the manifest with the digest after every line."""
    lines = len(digests) - 1
    if told.lines > lines:
        what = f"the manifest names {told.lines} lines, and there are {lines}"
        check.findings.append(Finding("manifest", None, f"lines are missing at the end: {what}"))
    elif digests[told.lines] != told.chain:
        what = "its digest is another than the manifest names for it"
        check.findings.append(Finding("manifest", told.lines or None, what))
    elif told.closed and (told.lines < lines or check.half_bytes):
        what = (
            "it was added after the server had ended: the manifest says that there is no such line"
        )
        check.findings.append(Finding("manifest", told.lines + 1, what))
    else:
        check.attested, check.is_closed = told.lines, told.closed
