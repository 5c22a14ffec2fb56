"""Chains the lines of a file by hash, so that a line changed, moved, added or left out shows.

Every line ends with a digest over the digest of the line before it and everything else in itself:
the hash chain of Haber and Stornetta, "How to time-stamp a digital document", Journal of Cryptology
3 (1991), and of Schneier and Kelsey, "Secure audit logs to support computer forensics", ACM TISSEC
2 (1999), without their keys. So it shows what was changed by somebody who did not compute all later
digests anew. Who does that is found out by a copy of the last digest, wherever that is kept.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

DIGEST_LENGTH = 32
"""Hexadecimal digits of a digest: SHA-256 cut to its leftmost 128 bits, as NIST SP 800-107 has it.
To find another line with the same digest would take 2^128 trials."""

_LINK = re.compile(rb', "chain": "([0-9a-f]{%d})"\}\Z' % DIGEST_LENGTH)


@dataclass(frozen=True)
class ChainEnd:
    """Where a chain has come to."""

    lines: int
    """How many lines the file has, those before the chain began included."""

    digest: str
    """The digest of the last of them."""


def digest_of_start(content: bytes) -> str:
    """The digest that a chain begins from: that of what the file held before, or of nothing."""
    return _digest(content)


def next_digest(previous: str, body: bytes) -> str:
    """The digest of a line.

    Args:
        previous: the digest of the line before it.
        body: the line as it would be without a digest and a line end.
    """
    return _digest(previous.encode() + b"\n" + body)


def linked(body: str, digest: str) -> str:
    """A line with its digest, which becomes its last field.

    Args:
        body: a JSON object with at least one field.
        digest: its digest.
    """
    return f'{body[:-1]}, "chain": "{digest}"}}'


def split(row: bytes) -> tuple[bytes, str | None]:
    """A line without its digest, and its digest; `None` if it has none."""
    found = _LINK.search(row)
    if found is None:
        return row, None
    return row[: found.start()] + b"}", found[1].decode()


def chain_end(content: bytes) -> ChainEnd:
    """Where the chain has come to in a file of whole lines; it may begin after these lines."""
    rows = content.splitlines()
    digest = split(rows[-1])[1] if rows else None
    return ChainEnd(len(rows), digest or digest_of_start(content))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
