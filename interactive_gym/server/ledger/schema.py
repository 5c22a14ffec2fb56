"""The form of the match ledger's lines: one Struct for every kind, and their version.

Definitions and conversion; no file is read or written here. `docs/ledger.md` explains the same
fields to those who analyse the data; DecisionLog fills them, and `replay` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, get_args

import msgspec

from interactive_gym.server.probing.conduct import FailureCause
from interactive_gym.server.probing.doubts import Doubt

SCHEMA = 2
"""Version of the form of the lines. It grows when a field changes its meaning or goes away."""

Verdict = Literal["accepted", "rejected", "cancelled", "expired"]
"""How a pending match, or the probe of one of its edges, ended."""

EdgeStanding = Literal["acceptable", "unknown"]
"""What was known of a proposed pair: `acceptable` needs no probe, `unknown` is probed."""


Number = int | float
"""A number, kept as it is written."""


class Header(msgspec.Struct, frozen=True):
    """What every line has besides its kind and what that tells."""

    schema: int
    """The version of its form."""

    monotonic_s: float
    """When it was decided, in seconds of the server's monotonic clock, to the microsecond. All
    lines of one decision have the same; a restarted server may begin anywhere."""

    time: str
    """When it was written, ISO 8601 in UTC."""


class LedgerLine(msgspec.Struct, tag_field="kind", frozen=True):
    """What a line tells. Its kind is the tag of its class."""


class PlanLine(LedgerLine, tag="plan", frozen=True):
    """A server started: the frozen matching plan that all lines down to the next plan follow."""

    plan: Mapping[str, Any]
    """The plan; see `matching_plan`."""

    plan_digest: str
    """SHA-256 of the plan as canonical JSON, in hexadecimal."""


class MendedLine(LedgerLine, tag="mended", frozen=True):
    """A server started, and found the ledger otherwise than an earlier one had written it."""

    removed_bytes: int
    """The length of the half line that it removed from the end."""

    missing_lines: int
    """How many lines fewer than the manifest named there were."""

    is_as_in_manifest: bool
    """Whether the line that the manifest names was there, with its digest."""


class ArrivalLine(LedgerLine, tag="arrival", frozen=True):
    """A participant asked for a game."""

    subject_id: str
    """Who."""

    server_rtt_ms: Number | None
    """Their server RTT in milliseconds; `None` if it is not measured yet."""

    attributes: Mapping[str, Any]
    """What the matchmaker knows of them besides."""

    previous_partners: Sequence[str]
    """Subject ids of those they played with last."""

    blocked_with: Sequence[str]
    """Subject ids of those they must not be grouped with, of all who arrived before."""

    waited_ms: int = 0
    """For how long they have waited already, before the server was restarted."""


class ServerRttLine(LedgerLine, tag="server_rtt", frozen=True):
    """The server RTT that the matchmaker goes by has changed for somebody who waits."""

    subject_id: str
    """Whose."""

    server_rtt_ms: Number | None
    """The server RTT in milliseconds."""


class LookLine(LedgerLine, tag="look", frozen=True):
    """The matchmaker was asked again although nothing happened but time: what was known has
    expired, a threshold has relaxed, or it was time to look. Arrivals, verdicts and exits make it
    look too, without a line of this kind."""


class StopLine(LedgerLine, tag="stop", frozen=True):
    """The server is about to be stopped: nobody is proposed any more."""


class ProposedEdge(TypedDict):
    """A pair of a proposed group."""

    pair: Sequence[str]
    """Two subject ids."""

    standing: EdgeStanding
    """Whether the pair is known to be acceptable, or is probed."""

    rtt_ms: Number | None
    """The fresh measurement, if there is one."""

    p_accept: Number
    """The predicted probability that a probe finds it acceptable; 1 if that is known."""


class ProposalLine(LedgerLine, tag="proposal", frozen=True):
    """The matchmaker proposed a group; its members are reserved, or it starts at once."""

    proposal_id: str
    """Identifies the proposal."""

    arriving: str
    """For whom it was made: who has just arrived, or else the member who waits shortest."""

    matched: Sequence[str]
    """Subject ids of the group, in seat order."""

    threshold_ms: Number | None
    """The threshold that holds for the group, after relaxation, in milliseconds."""

    edges: Sequence[ProposedEdge]
    """All pairs of the group; empty if nothing is probed."""


class RelaxationLine(LedgerLine, tag="relaxation", frozen=True):
    """The threshold of the proposal before this line was relaxed by waiting."""

    proposal_id: str
    """Which proposal."""

    waits_s: Mapping[str, Number]
    """For how many seconds each member has waited, by subject id."""

    max_p2p_rtt_ms: Number | None
    """The threshold without relaxation, in milliseconds."""

    threshold_ms: Number | None
    """The relaxed threshold in milliseconds."""


class ProbeLine(LedgerLine, tag="probe", frozen=True):
    """A probe ended; all that both sides measured. The fields are those of `ProbeReport`."""

    probe_session_id: str
    """The probe."""

    offerer: str
    """Subject id of the one who made the offer."""

    answerer: str
    """Subject id of the other."""

    sides: Sequence[Mapping[str, Any]]
    """Both sides' accounts with every sample; see `ProbeSide`."""

    rtt_ms: Number | None
    """The P2P RTT that the verdict is about, in milliseconds."""

    disagreement: bool
    """Whether the two sides' medians are too far apart to be the same path."""

    duration_ms: Number
    """From the probe's creation to its end, in milliseconds."""

    failure_reason: str | None
    """Why there is no measurement; `None` if there is one."""

    causes: Mapping[str, FailureCause] = {}
    """What participants did not do, so that there is no measurement, by subject id."""


class VerdictLine(LedgerLine, tag="verdict", frozen=True):
    """The probe of one edge ended; unless it is accepted, so did its proposal."""

    proposal_id: str
    """Of which proposal."""

    probe_session_id: str | None
    """The probe; `None` if none came about."""

    pair: Sequence[str]
    """Subject ids of the edge."""

    rtt_ms: Number | None
    """What was judged, in milliseconds; `None` without a measurement."""

    threshold_ms: Number | None
    """The threshold that held for the group, after relaxation, in milliseconds."""

    verdict: Verdict
    """The verdict."""

    reason: str
    """In words."""

    doubts: Sequence[Doubt] = ()
    """What speaks against the measurement."""

    disputed: Sequence[str] = ()
    """Subject ids of those of the pair whose reports disagree with several partners."""


class FailureLine(LedgerLine, tag="failure", frozen=True):
    """A pair could not be measured or connected for technical reasons; it is tried again later."""

    pair: Sequence[str]
    """Two subject ids."""

    count: int
    """How many times in a row."""

    retry_in_s: Number
    """The backoff: for how many seconds the pair is not proposed."""

    ranks: Mapping[str, int] = {}
    """The ranks of the two from then on, by subject id, if they are not 0; see `Rank`."""


class RepoolLine(LedgerLine, tag="repool", frozen=True):
    """Participants of an ended proposal, or of a game that could not start, are available again."""

    subject_ids: Sequence[str]
    """Who."""

    game_id: str | None
    """The game that could not start; `None` after a proposal."""

    unconnected: Sequence[Sequence[str]]
    """The pairs of that game that could not connect."""

    causes: Mapping[str, FailureCause] = {}
    """Whose page was not ready although another's was, by subject id."""


class MatchedLine(LedgerLine, tag="matched", frozen=True):
    """A game was created."""

    game_id: str
    """The game, and the name of its folder."""

    group: Sequence[Mapping[str, Any]]
    """Seat, agent, subject id and waiting time in milliseconds of every member."""

    edges: Sequence[Mapping[str, Any]]
    """Every measured pair, as in `match.json`."""

    seed: int
    """The environment's seed."""

    plan_digest: str
    """The digest of the plan it follows."""


class GameEndedLine(LedgerLine, tag="game_ended", frozen=True):
    """A game is over, and no more data of it are taken. No decision of matching follows from it, so
    that a replay passes it over."""

    game_id: str
    """Which game."""

    reason: str
    """Why; see `EndReason`."""

    cuts: Sequence[Mapping[str, Any]]
    """Seat and reason of everybody who was lost, in order."""

    desync: Mapping[str, Any] | None
    """Frame, seat and part of the first difference between the participants' copies; `None` if they
    agree."""


class ExitLine(LedgerLine, tag="exit", frozen=True):
    """A participant left the waitroom without a game."""

    subject_id: str
    """Who."""

    reason: str
    """`waitroom_timeout`, `connection_unsuitable`, `scene_failed`, `gave_up`, `idle`,
    `disconnected`, `reloaded`, or what the caller of `leave` says."""

    waited_ms: int
    """For how long they had waited, in milliseconds."""


class MatchmakerErrorLine(LedgerLine, tag="matchmaker_error", frozen=True):
    """The matchmaker misbehaved; its answer was not followed."""

    matchmaker: str
    """The name of its class."""

    arriving: str | None
    """Whom it was asked for, if it was asked for one."""

    fault: str
    """What it did."""


AnyLine = (
    PlanLine
    | MendedLine
    | ArrivalLine
    | ServerRttLine
    | LookLine
    | StopLine
    | ProposalLine
    | RelaxationLine
    | ProbeLine
    | VerdictLine
    | FailureLine
    | RepoolLine
    | MatchedLine
    | GameEndedLine
    | ExitLine
    | MatchmakerErrorLine
)
"""A line of any kind."""

LINES: dict[str, type[LedgerLine]] = {
    str(line.__struct_config__.tag): line for line in get_args(AnyLine)
}
"""The Struct of every kind."""


def kind_of(line: LedgerLine) -> str:
    """What kind of line this is."""
    return str(line.__struct_config__.tag)


def read_line(value: Any) -> tuple[Header, AnyLine]:
    """Read a line of this version, as it came out of JSON; fields that it has besides are ignored.

    Raises:
        ValueError: if it is none.
    """
    if isinstance(value, dict) and value.get("schema") != SCHEMA:
        version = value.get("schema")
        raise ValueError(f"its schema is {version!r}, and this version reads {SCHEMA}")
    header = msgspec.convert(value, Header, strict=True)
    line: AnyLine = msgspec.convert(value, AnyLine, strict=True)
    return header, line
