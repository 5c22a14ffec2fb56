"""The registry of participants: their signed tokens, sockets and scenes.

A participant is identified by a token that the server signed, so a browser cannot change who it is.
Tokens that were made for one recruitment id stand for one participant, unless the experiment allows
more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer

from interactive_gym.options.link_parameters import NO_PARAMETERS, LinkParameters
from interactive_gym.options.outcomes import FINISHED, PLAYED, Outcome, overall_outcome
from interactive_gym.options.recruitment_id import RepeatedId
from interactive_gym.server.participants.journal import Place
from interactive_gym.server.participants.recruited import Recruited

Refusal = Literal["invalid_token", "open_elsewhere", "already_started", "closed"]
"""Why a connection is refused. `invalid_token`: this server did not sign it. `open_elsewhere`: the
participant is connected from another page, which has first to be given up. `already_started`:
their recruitment id has been used, and may not be again. `closed`: they are new, and the server is
about to be stopped."""


@dataclass(frozen=True)
class Identity:
    """Whom a token was made for."""

    subject_id: str
    """The participant's opaque id."""
    recruited: Recruited
    """Who they are to the recruitment platform: personal data."""


@dataclass
class Participant:
    """A person taking part."""

    subject_id: str
    """Their opaque id."""
    recruitment_id: str | None
    """Their id at the recruitment platform: personal data, kept from games and partners."""
    completion_code: str
    """A code that only they have."""
    scene_index: int = 0
    """The index of their scene in the stager."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """How each game scene that they have left ended for them, by scene id."""
    page_id: str = ""
    """The page load that was connected last."""
    sid: str | None = None
    """Their connected socket, or None while there is none."""
    cut_off_for: set[str] = field(default_factory=set)
    """For what the server has ended sockets of theirs."""
    link: LinkParameters = NO_PARAMETERS
    """What else the link said that they came by: untrusted."""
    exclusion_message: str | None = None
    """What they are told if their device cannot run the study, else None."""

    @property
    def recruited(self) -> Recruited:
        """Who they are to the recruitment platform: personal data."""
        return Recruited(self.recruitment_id, self.link)

    @property
    def outcome(self) -> Outcome:
        """How the games so far ended for them, taken together."""
        return overall_outcome(self.outcomes.values())

    @property
    def has_finished(self) -> bool:
        """Whether they have done their part in every game so far."""
        return self.outcome in FINISHED

    @property
    def has_played(self) -> bool:
        """Whether they have played at least one game about which they can be asked."""
        return any(outcome in PLAYED for outcome in self.outcomes.values())


class Arrival(Enum):
    """What a new connection of a participant means."""

    FIRST = "first"
    """Their first connection."""
    RECONNECTED = "reconnected"
    """The same page reconnected; it still holds its state."""
    RELOADED = "reloaded"
    """Another page with the same token; the earlier page's state is lost."""


@dataclass(frozen=True)
class Connection:
    """An accepted connection."""

    participant: Participant
    """The participant it belongs to."""
    arrival: Arrival
    """What it means."""
    replaced_sid: str | None
    """The socket it takes the place of, if that was still connected."""


class ParticipantRegistry:
    """All participants since the server started."""

    def __init__(
        self,
        secret: str,
        *,
        experiment_id: str,
        new_id: Callable[[], str],
        new_completion_code: Callable[[], str],
        repeated_id: RepeatedId = "continue",
    ) -> None:
        """Sign tokens with *secret*; draw subject ids and completion codes from the factories.

        Args:
            secret: the key that tokens are signed with.
            experiment_id: tokens of other experiments are refused.
            new_id: makes subject ids.
            new_completion_code: makes completion codes.
            repeated_id: what becomes of a link with a recruitment id that is known.
        """
        self._serializer = URLSafeSerializer(secret, salt=f"participant of {experiment_id}")
        self._new_id = new_id
        self._new_completion_code = new_completion_code
        self._repeated_id = repeated_id
        self._admits = True
        self._of_recruitment_id: dict[str, Participant] = {}
        self._by_subject_id: dict[str, Participant] = {}
        self._by_sid: dict[str, Participant] = {}

    def new_token(self, recruitment_id: str | None, link: LinkParameters = NO_PARAMETERS) -> str:
        """Return a token for a page that was opened by a link.

        Whose it is shows when it connects: a new participant's or, by the recruitment id, that of
        one who is known.
        """
        content: dict[str, object] = {
            "subject_id": self._new_id(),
            "recruitment_id": recruitment_id,
        }
        if link != NO_PARAMETERS:
            content |= link.fields
        return str(self._serializer.dumps(content))

    def connect(
        self, token: object, page_id: object, sid: str, *, takes_over: bool = False
    ) -> Connection | Refusal:
        """Take the socket *sid* as the participant's, or return why it is refused.

        Args:
            token: what `new_token` returned, if it is genuine.
            page_id: identifies the page load: 1 to 100 characters.
            sid: the socket.
            takes_over: whether another page of the participant is to be replaced: this one is the
                same window, loaded anew, or the participant has said that they go on here.
        """
        if not isinstance(page_id, str) or not 1 <= len(page_id) <= 100:
            return "invalid_token"
        if not isinstance(token, str):
            return "invalid_token"
        identity = self._sealed_in(token)
        if identity is None:
            return "invalid_token"
        participant = self._by_subject_id.get(identity.subject_id)
        if participant is None:
            participant = self._with_same_recruitment_id(identity.recruited.recruitment_id)
            if participant is not None and self._repeated_id == "refuse":
                return "already_started"
        if participant is None and not self._admits:
            return "closed"
        if participant is None:
            participant = Participant(
                identity.subject_id,
                identity.recruited.recruitment_id,
                self._new_completion_code(),
                page_id=page_id,
                link=identity.recruited.link,
            )
            self._add(participant)
            arrival = Arrival.FIRST
        elif participant.page_id == page_id:
            arrival = Arrival.RECONNECTED
        elif participant.sid is not None and not takes_over:
            return "open_elsewhere"
        else:
            arrival = Arrival.RELOADED
        replaced_sid = participant.sid
        if replaced_sid is not None:
            del self._by_sid[replaced_sid]
        participant.page_id, participant.sid = page_id, sid
        self._by_sid[sid] = participant
        return Connection(participant, arrival, replaced_sid)

    def stop_admissions(self) -> None:
        """Refuse everyone who is not known yet."""
        self._admits = False

    def restore(self, place: Place, scene_index: int) -> None:
        """Take in a participant who came before the server was restarted."""
        self._add(
            Participant(
                place.subject_id,
                place.recruited.recruitment_id,
                place.completion_code,
                scene_index,
                page_id=place.page_id,
                link=place.recruited.link,
                exclusion_message=place.exclusion_message,
                outcomes=dict(place.outcomes),
            )
        )

    def disconnect(self, sid: str) -> Participant | None:
        """Forget a socket; return its participant, or None if another socket replaced it."""
        participant = self._by_sid.pop(sid, None)
        if participant is not None:
            participant.sid = None
        return participant

    def of_socket(self, sid: str) -> Participant | None:
        """Return the participant whose present socket this is."""
        return self._by_sid.get(sid)

    def require(self, subject_id: str) -> Participant:
        """Return the participant with this id; raises KeyError if there is none."""
        return self._by_subject_id[subject_id]

    def get(self, subject_id: str) -> Participant | None:
        """Return the participant with this id, if there is one."""
        return self._by_subject_id.get(subject_id)

    def connected(self) -> list[Participant]:
        """Return the participants who are connected now."""
        return list(self._by_sid.values())

    def identity_of(self, token: str) -> Identity | None:
        """Return who has the *token*, connected or not; None for a forged one."""
        identity = self._sealed_in(token)
        if identity is None:
            return None
        known = self._with_same_recruitment_id(identity.recruited.recruitment_id)
        return identity if known is None else Identity(known.subject_id, known.recruited)

    def is_newcomer(self, token: object) -> bool:
        """Whether a genuine token is that of somebody who has not connected yet."""
        identity = self.identity_of(token) if isinstance(token, str) else None
        return identity is not None and identity.subject_id not in self._by_subject_id

    def _sealed_in(self, token: str) -> Identity | None:
        try:
            content = self._serializer.loads(token)
        except BadSignature:
            return None
        recruited = Recruited(content["recruitment_id"], LinkParameters.of_fields(content))
        return Identity(content["subject_id"], recruited)

    def _add(self, participant: Participant) -> None:
        self._by_subject_id[participant.subject_id] = participant
        if participant.recruitment_id is not None:
            self._of_recruitment_id.setdefault(participant.recruitment_id, participant)

    def _with_same_recruitment_id(self, recruitment_id: str | None) -> Participant | None:
        """The participant that a link with this recruitment id leads to, if it is not a new one."""
        if recruitment_id is None or self._repeated_id == "allow":
            return None
        return self._of_recruitment_id.get(recruitment_id)
