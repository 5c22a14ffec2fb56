"""Who plays with whom, and how long participants wait for it: `.matchmaking()`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from interactive_gym.options.refused_options import setter
from interactive_gym.options.validation import UNSET, flag, number, whole_number
from interactive_gym.scenes.patience_options import PatienceOptions
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker

S = TypeVar("S", bound="MatchmakingOptions")


class MatchmakingOptions(PatienceOptions):
    """The matchmaker of a game and what it may cost participants."""

    def __init__(self) -> None:
        super().__init__()
        self.matchmaker: Matchmaker = FIFOMatchmaker()
        """The matchmaker, which decides who plays with whom."""
        self.max_probes_per_participant: int | None = None
        """How often one participant is probed at most, or None for no limit."""
        self.max_connection_failures: int | None = 3
        """After how many failures of their own a participant who cannot be connected is led out, or
        None for never."""
        self.blocked_pairs: tuple[tuple[str, str], ...] = ()
        """Pairs of recruitment ids that must not play together."""
        self.attributes_of: Callable[[str], Mapping[str, Any]] = lambda subject_id: {}
        """Tells what the matchmaker may know of a participant besides their server RTT."""

    @setter
    def matchmaking(
        self: S,
        *,
        matchmaker: Matchmaker = UNSET,
        hide_lobby_count: bool = UNSET,
        patience_s: float = UNSET,
        leave_after_s: float | None = UNSET,
        max_probes_per_participant: int | None = UNSET,
        max_connection_failures: int | None = UNSET,
        blocked_pairs: Sequence[tuple[str, str]] = UNSET,
        attributes_of: Callable[[str], Mapping[str, Any]] = UNSET,
    ) -> S:
        """Set who plays with whom, and how long participants may wait and be probed.

        Args:
            matchmaker: a Matchmaker, such as ``LatencyMatchmaker(max_p2p_rtt_ms=150)``; by default
                a FIFOMatchmaker without a threshold.
            hide_lobby_count: True hides from participants how many are waiting.
            patience_s: how long a participant waits for a group at most, in seconds; 120 by
                default. Then the page says so, and the data have the reason ``waitroom_timeout``.
                Earlier scripts give it as ``.user_experience(waitroom_timeout=…)``, in ms.
            leave_after_s: after how many seconds of waiting in this scene a button offers to stop;
                None (the default) for no button. Whoever presses it may think again; their outcome
                is ``no_partner``, and the data have the reason ``gave_up``.
            max_probes_per_participant: how often one participant is probed at most, or None (the
                default) for no limit. After that they can only be grouped with participants to
                whom their RTT is known already. A probe that failed counts only for whom it failed
                through.
            max_connection_failures: after how many failures of their own, with two partners or
                more, a participant whose browser or network does not allow connections to others
                is told so and led where those are led who waited in vain; 3 by default, None for
                never. The data have the reason ``connection_unsuitable``.
            blocked_pairs: pairs of recruitment ids, such as Prolific ids, of people who must not
                play together because they know each other; they stay out of the data.
            attributes_of: a function from a subject id to a dict of what the matchmaker may know
                of the participant, such as their condition, at ``MatchCandidate.attributes``. It
                is called when they arrive, must not wait for anything, and what it returns is
                stored as JSON.
        """
        if matchmaker is not UNSET:
            if not isinstance(matchmaker, Matchmaker):
                raise ValueError(
                    f"matchmaker is {matchmaker!r}: give an instance of a Matchmaker, such as "
                    f"FIFOMatchmaker(max_p2p_rtt_ms=150)."
                )
            self.matchmaker = matchmaker
        if hide_lobby_count is not UNSET:
            self.hide_lobby_count = flag("hide_lobby_count", hide_lobby_count)
        if patience_s is not UNSET:
            patience_s = number("patience_s", patience_s, "seconds", minimum=1)
            self._set_patience("patience_s", round(patience_s * 1000))
        if leave_after_s is not UNSET:
            self.leave_after_ms = (
                None
                if leave_after_s is None
                else round(number("leave_after_s", leave_after_s, "seconds", other="None") * 1000)
            )
        if max_probes_per_participant is not UNSET:
            self.max_probes_per_participant = _limit(
                "max_probes_per_participant", max_probes_per_participant, 1
            )
        if max_connection_failures is not UNSET:
            self.max_connection_failures = _limit(
                "max_connection_failures", max_connection_failures, 2
            )
        if blocked_pairs is not UNSET:
            self.blocked_pairs = checked_blocked_pairs(blocked_pairs)
        if attributes_of is not UNSET:
            if not callable(attributes_of):
                raise ValueError(
                    f"attributes_of is {attributes_of!r}: give a function from a subject id to a "
                    f"dict."
                )
            self.attributes_of = attributes_of
        return self


def _limit(option: str, value: Any, minimum: int) -> int | None:
    """Accept a whole number, or None for no limit."""
    return None if value is None else whole_number(option, value, minimum, other="None")


def checked_blocked_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Accept a sequence of pairs of two different recruitment ids."""
    example = 'give pairs of recruitment ids, such as [("5f1c…", "60a2…")].'
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"blocked_pairs is {value!r}: {example}")
    pairs = []
    for pair in value:
        is_pair = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not is_pair or not all(isinstance(one, str) and one.strip() for one in pair):
            raise ValueError(f"blocked_pairs has {pair!r}: {example}")
        if pair[0] == pair[1]:
            raise ValueError(f"blocked_pairs has {pair[0]!r} twice in a pair: {example}")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)
