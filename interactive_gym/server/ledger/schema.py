"""The form of the match ledger's lines: one typed record for every kind, and their version.

Definitions and one pure check; nothing is read or written here. `docs/ledger.md` explains the same
fields to those who analyse the data; DecisionLog fills them, and `replay` reads them.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

SCHEMA = 2
"""Version of the form of the lines. It grows when a field changes its meaning or goes away."""

LedgerKind = Literal[
    "plan",
    "arrival",
    "server_rtt",
    "look",
    "proposal",
    "relaxation",
    "probe",
    "verdict",
    "failure",
    "repool",
    "matched",
    "game_ended",
    "exit",
    "matchmaker_error",
]
"""What a line tells."""

Verdict = Literal["accepted", "rejected", "cancelled", "expired"]
"""How a pending match, or the probe of one of its edges, ended."""

EdgeStanding = Literal["acceptable", "unknown"]
"""What was known of a proposed pair: `acceptable` needs no probe, `unknown` is probed."""


class Line(TypedDict):
    """What every line has."""

    schema: int
    """The version of its form."""

    kind: LedgerKind
    """What it tells."""

    monotonic_s: float
    """When it was decided, in seconds of the server's monotonic clock, to the microsecond. All
    lines of one decision have the same; a restarted server may begin anywhere."""

    time: str
    """When it was written, ISO 8601 in UTC."""


class PlanLine(Line):
    """A server started: the frozen matching plan that all lines down to the next plan follow."""

    plan: dict[str, Any]
    """The plan; see `matching_plan`."""

    plan_digest: str
    """SHA-256 of the plan as canonical JSON, in hexadecimal."""


class ArrivalLine(Line):
    """A participant asked for a game."""

    subject_id: str
    """Who."""

    server_rtt_ms: float | None
    """Their server RTT in milliseconds; `None` if it is not measured yet."""

    attributes: dict[str, Any]
    """What the matchmaker knows of them besides."""

    previous_partners: list[str]
    """Subject ids of those they played with last."""

    blocked_with: list[str]
    """Subject ids of those they must not be grouped with, of all who arrived before."""


class ServerRttLine(Line):
    """The server RTT that the matchmaker goes by has changed for somebody who waits."""

    subject_id: str
    """Whose."""

    server_rtt_ms: float
    """The server RTT in milliseconds."""


class LookLine(Line):
    """The matchmaker was asked again although nothing happened but time: what was known has
    expired, a threshold has relaxed, or it was time to look. Arrivals, verdicts and exits make it
    look too, without a line of this kind."""


class ProposedEdge(TypedDict):
    """A pair of a proposed group."""

    pair: list[str]
    """Two subject ids."""

    standing: EdgeStanding
    """Whether the pair is known to be acceptable, or is probed."""

    rtt_ms: float | None
    """The fresh measurement, if there is one."""

    p_accept: float
    """The predicted probability that a probe finds it acceptable; 1 if that is known."""


class ProposalLine(Line):
    """The matchmaker proposed a group; its members are reserved, or it starts at once."""

    proposal_id: str
    """Identifies the proposal."""

    arriving: str
    """For whom it was made: who has just arrived, or else the member who waits shortest."""

    matched: list[str]
    """Subject ids of the group, in seat order."""

    threshold_ms: float | None
    """The threshold that holds for the group, after relaxation, in milliseconds."""

    edges: list[ProposedEdge]
    """All pairs of the group; empty if nothing is probed."""


class RelaxationLine(Line):
    """The threshold of the proposal before this line was relaxed by waiting."""

    proposal_id: str
    """Which proposal."""

    waits_s: dict[str, float]
    """For how many seconds each member has waited, by subject id."""

    max_p2p_rtt_ms: float
    """The threshold without relaxation, in milliseconds."""

    threshold_ms: float
    """The relaxed threshold in milliseconds."""


class ProbeLine(Line):
    """A probe ended; all that both sides measured. The fields are those of `ProbeReport`."""

    probe_session_id: str
    """The probe."""

    offerer: str
    """Subject id of the one who made the offer."""

    answerer: str
    """Subject id of the other."""

    sides: list[dict[str, Any]]
    """Both sides' accounts with every sample; see `ProbeSide`."""

    rtt_ms: float | None
    """The P2P RTT that the verdict is about, in milliseconds."""

    disagreement: bool
    """Whether the two sides' medians are too far apart to be the same path."""

    duration_ms: float
    """From the probe's creation to its end, in milliseconds."""

    failure_reason: str | None
    """Why there is no measurement; `None` if there is one."""


class VerdictLine(Line):
    """The probe of one edge ended; unless it is accepted, so did its proposal."""

    proposal_id: str
    """Of which proposal."""

    probe_session_id: str | None
    """The probe; `None` if none came about."""

    pair: list[str]
    """Subject ids of the edge."""

    rtt_ms: float | None
    """What was judged, in milliseconds; `None` without a measurement."""

    threshold_ms: float | None
    """The threshold that held for the group, after relaxation, in milliseconds."""

    verdict: Verdict
    """The verdict."""

    reason: str
    """In words."""


class FailureLine(Line):
    """A pair could not be measured or connected for technical reasons; it is tried again later."""

    pair: list[str]
    """Two subject ids."""

    count: int
    """How many times in a row."""

    retry_in_s: float
    """The backoff: for how many seconds the pair is not proposed."""


class RepoolLine(Line):
    """Participants of an ended proposal, or of a game that could not start, are available again."""

    subject_ids: list[str]
    """Who."""

    game_id: str | None
    """The game that could not start; `None` after a proposal."""

    unconnected: list[list[str]]
    """The pairs of that game that could not connect."""


class MatchedLine(Line):
    """A game was created."""

    game_id: str
    """The game, and the name of its folder."""

    group: list[dict[str, Any]]
    """Seat, agent, subject id and waiting time in milliseconds of every member."""

    edges: list[dict[str, Any]]
    """Every measured pair, as in `match.json`."""

    seed: int
    """The environment's seed."""

    plan_digest: str
    """The digest of the plan it follows."""


class GameEndedLine(Line):
    """A game is over, and no more data of it are taken. No decision of matching follows from it, so
    that a replay passes it over."""

    game_id: str
    """Which game."""

    reason: str
    """Why; see `EndReason`."""

    cuts: list[dict[str, Any]]
    """Seat and reason of everybody who was lost, in order."""

    desync: dict[str, Any] | None
    """Frame, seat and part of the first difference between the participants' copies; `None` if they
    agree."""


class ExitLine(Line):
    """A participant left the waitroom without a game."""

    subject_id: str
    """Who."""

    reason: str
    """`waitroom_timeout`, `idle`, `disconnected`, `reloaded`, or what the caller of `leave`
    says."""

    waited_ms: int
    """For how long they had waited, in milliseconds."""


class MatchmakerErrorLine(Line):
    """The matchmaker misbehaved; its answer was not followed."""

    matchmaker: str
    """The name of its class."""

    arriving: str | None
    """Whom it was asked for, if it was asked for one."""

    fault: str
    """What it did."""


LINES: dict[LedgerKind, type] = {
    "plan": PlanLine,
    "arrival": ArrivalLine,
    "server_rtt": ServerRttLine,
    "look": LookLine,
    "proposal": ProposalLine,
    "relaxation": RelaxationLine,
    "probe": ProbeLine,
    "verdict": VerdictLine,
    "failure": FailureLine,
    "repool": RepoolLine,
    "matched": MatchedLine,
    "game_ended": GameEndedLine,
    "exit": ExitLine,
    "matchmaker_error": MatchmakerErrorLine,
}
"""The record of every kind."""


def line_fault(line: Any) -> str | None:
    """Why `line` is no line of this version of the ledger; `None` if it is."""
    if not isinstance(line, dict):
        return "it is no JSON object"
    if line.get("schema") != SCHEMA:
        return f"its schema is {line.get('schema')!r}, and this version reads {SCHEMA}"
    record = LINES.get(line.get("kind"))  # type: ignore[arg-type]
    if record is None:
        return f"its kind is {line.get('kind')!r}, which is unknown"
    missing = sorted(record.__annotations__.keys() - line.keys())
    return f"it lacks {', '.join(missing)}" if missing else None
