"""Earlier ledgers as evidence: what they tell of pairs is learnt before anybody comes.

Only the predictor learns, so a prior ranks pairs and excludes none. Of the participants themselves
nothing is kept: whoever comes again is a stranger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interactive_gym.options.validation import is_number
from interactive_gym.server.matching.candidate import MatchCandidate
from interactive_gym.server.matching.rtt_predictor import RttPredictor


@dataclass(frozen=True)
class Evidence:
    """A pair that was measured in an earlier study."""

    a: MatchCandidate
    """One of the two."""

    b: MatchCandidate
    """The other."""

    rtt_ms: float
    """Their P2P RTT in milliseconds."""

    threshold_ms: float
    """The threshold that it was judged by, in milliseconds."""


@dataclass(frozen=True)
class Prior:
    """An earlier ledger."""

    path: str
    """Its path, as it was given."""

    sha256: str
    """SHA-256 of its content, in hexadecimal."""

    evidence: tuple[Evidence, ...]
    """What it tells of pairs, in its order."""

    @property
    def record(self) -> dict[str, str]:
        """What a matching plan says of it; `read_prior` takes it, too."""
        return {"path": self.path, "sha256": self.sha256}


def read_prior(given: Any) -> Prior:
    """Read an earlier ledger.

    Args:
        given: its path, or the record of a prior, whose content must be the same still.

    Raises:
        ValueError: if it is neither, cannot be read, is no ledger, or is not what the record says.
    """
    record = given if isinstance(given, Mapping) else {"path": given}
    path = record.get("path")
    if not isinstance(path, str | Path):
        raise ValueError(f"prior must list paths of ledgers; got {given!r}.")
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(
            f"prior {str(path)!r} cannot be read ({error.strerror}): give the matching.jsonl of an "
            f"earlier study."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if record.get("sha256", digest) != digest:
        raise ValueError(f"prior {str(path)!r} has changed since: give the ledger as it was.")
    try:
        lines = [json.loads(row) for row in content.decode().splitlines()]
        evidence = tuple(_evidence(lines))
        is_ledger = any(line["kind"] == "plan" for line in lines)
    except (ValueError, LookupError, TypeError, AttributeError):
        is_ledger, evidence = False, ()
    if not is_ledger:
        raise ValueError(f"prior {str(path)!r} is no ledger: give a whole matching.jsonl.")
    return Prior(str(path), digest, evidence)


def teach(predictor: RttPredictor, evidence: Iterable[Evidence]) -> None:
    """Have a predictor learn from earlier studies, and forget their participants."""
    known = set()
    for pair in evidence:
        is_near = pair.rtt_ms <= pair.threshold_ms
        predictor.observe(pair.a, pair.b, accepted=is_near, threshold_ms=pair.threshold_ms)
        known |= {pair.a.subject_id, pair.b.subject_id}
    for subject_id in known:
        predictor.forget(subject_id)


def _evidence(lines: Iterable[Mapping[str, Any]]) -> Iterator[Evidence]:
    """The measured pairs of a ledger, with the server RTTs that were known at the time."""
    server_rtts_ms: dict[str, Any] = {}
    for line in lines:
        if line["kind"] in ("arrival", "server_rtt"):
            server_rtts_ms[line["subject_id"]] = line["server_rtt_ms"]
        elif line["kind"] == "verdict":
            rtt_ms, threshold_ms = line["rtt_ms"], line["threshold_ms"]
            if is_number(rtt_ms) and is_number(threshold_ms) and threshold_ms > 0:
                one, other = (_candidate(who, server_rtts_ms.get(who)) for who in line["pair"])
                yield Evidence(one, other, rtt_ms, threshold_ms)


def _candidate(subject_id: str, server_rtt_ms: Any) -> MatchCandidate:
    return MatchCandidate(subject_id, server_rtt_ms if is_number(server_rtt_ms) else None)
