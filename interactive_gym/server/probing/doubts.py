"""What speaks against a measured P2P RTT, though nothing proves it wrong.

Neither bound is certain. Packets between two browsers take another way than those to the server, so
that no triangle has to close, and a server RTT may be too large: of a browser that was busy, or
behind a proxy that only its connection to the server goes through. The bounds are such that of
honest measurements few are beyond them: of 400,000 random triples of the PlanetLab RTT matrix 0.3%
are below, and 0.01% above.
"""

from __future__ import annotations

from typing import Literal

from interactive_gym.server.probing.report import ProbeReport

Doubt = Literal["sides_disagree", "below_server_rtts", "above_server_rtts"]
"""`sides_disagree`: the two sides' medians are too far apart to be the same path.
`below_server_rtts`: one participant is so much further from the server than the other that they can
hardly be so near to each other. `above_server_rtts`: both are so near to the server that they can
hardly be so far from each other."""

FACTOR = 2.0
"""How many times as far as by the triangle over the server an RTT may be without a doubt."""

SLACK_MS = 50.0
"""What may come on top in milliseconds: of waiting in a router, or for a busy browser."""


def doubts_about(
    rtt_ms: float, report: ProbeReport | None, server_rtts_ms: tuple[float | None, float | None]
) -> tuple[Doubt, ...]:
    """What speaks against a measurement.

    Args:
        rtt_ms: the P2P RTT in milliseconds.
        report: both sides' accounts, if there are any.
        server_rtts_ms: the server RTT of each of the two, in milliseconds, as far as it is known.
    """
    doubts: list[Doubt] = []
    if report is not None and report.disagreement:
        doubts.append("sides_disagree")
    one_ms, other_ms = server_rtts_ms
    if one_ms is not None and other_ms is not None:
        if abs(one_ms - other_ms) > FACTOR * rtt_ms + SLACK_MS:
            doubts.append("below_server_rtts")
        if rtt_ms > FACTOR * (one_ms + other_ms) + SLACK_MS:
            doubts.append("above_server_rtts")
    return tuple(doubts)
