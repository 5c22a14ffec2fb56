"""Remembers which participants keep probes from coming about, or whose reports nobody confirms.

They rank after all others, so that nobody waits because of them. A failure counts against a
participant if the server saw what their page did not do; or if nothing is known to be amiss on
either side, but only the partner has ever been connected to somebody. Of failures for which neither
holds it takes those with two partners to rank lower, as most partners are honest.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from enum import IntEnum

from interactive_gym.server.matching.candidate import Pair
from interactive_gym.server.probing.conduct import FailureCause

SEVERAL = 2
"""With how many partners it takes to rank last."""


class Rank(IntEnum):
    """In which order participants are proposed: those of a higher one only among who is left."""

    FIRST = 0
    """Nothing speaks against them."""

    LATER = 1
    """A probe failed through them; or probes with several partners, through whom is not known."""

    LAST = 2
    """Probes with several partners failed through them, or their reports disagree with several."""


class Reliability:
    """The failures and disagreements of participants, until a measurement or time clears them.

    Args:
        is_ranking: whether it is told anything; false to repeat decisions of versions without it.
        remember_s: seconds after which a failure or a disagreement is forgotten.
        backoff_s: seconds before who failed with several partners is probed again; doubled with
            every further failure.
        backoff_limit_s: the longest backoff in seconds.
    """

    def __init__(
        self,
        *,
        is_ranking: bool = True,
        remember_s: float = 600.0,
        backoff_s: float = 5.0,
        backoff_limit_s: float = 60.0,
    ) -> None:
        self.is_ranking = is_ranking
        """Whether failures change anybody's rank."""
        self._remember_s = remember_s
        self._backoff_s = backoff_s
        self._backoff_limit_s = backoff_limit_s
        self._seen: dict[str, list[tuple[str, FailureCause, float]]] = {}
        self._unclear: dict[str, dict[str, float]] = {}
        self._disputes: dict[str, dict[str, float]] = {}
        self._led_out: dict[str, int] = {}
        self._connected: set[str] = set()
        self._confirmed: set[str] = set()

    def record_failure(
        self, pair: Pair, causes: Mapping[str, FailureCause], *, now_s: float
    ) -> None:
        """Remember a probe without a measurement.

        Args:
            pair: who was probed.
            causes: what each of them did not do, as far as the server saw it.
            now_s: now, in seconds of the owner's clock.
        """
        if not self.is_ranking:
            return
        known = {who: cause for who, cause in causes.items() if cause != "not_connected"}
        for who, partner in (pair, pair[::-1]):
            if who in known:
                self._seen.setdefault(who, []).append((partner, known[who], now_s))
            elif not known:
                self._unclear.setdefault(who, {})[partner] = now_s

    def record_measurement(self, pair: Pair, *, agreed: bool, now_s: float) -> None:
        """Remember a measurement: as both can be connected, failures to connect are forgotten.

        Args:
            pair: who was probed.
            agreed: whether both sides' reports agree.
            now_s: now, in seconds of the owner's clock.
        """
        if not self.is_ranking:
            return
        self._connected.update(pair)
        if agreed:
            self._confirmed.update(pair)
        for who, partner in (pair, pair[::-1]):
            # That a page connects does not say that its games start.
            starts = [failure for failure in self._seen.pop(who, ()) if failure[1] == "not_started"]
            if starts:
                self._seen[who] = starts
            self._unclear.pop(who, None)
            self._led_out.pop(who, None)
            if agreed:
                self._disputes.get(who, {}).pop(partner, None)
            else:
                self._disputes.setdefault(who, {})[partner] = now_s

    @property
    def is_clean(self) -> bool:
        """Whether nothing speaks against anybody."""
        return not (self._seen or self._unclear or self._disputes)

    def rank(self, subject_id: str) -> Rank:
        """The rank of a participant."""
        blamed = self._blamed_with(subject_id)
        if len(blamed) >= SEVERAL or self.is_disputed(subject_id):
            return Rank.LAST
        unclear = self._unclear.get(subject_id, ())
        is_in_doubt = subject_id not in self._connected and len(unclear) >= SEVERAL
        return Rank.LATER if blamed or is_in_doubt else Rank.FIRST

    @property
    def ranked(self) -> dict[str, Rank]:
        """The ranks of all who are not of the first."""
        known = {**self._seen, **self._unclear, **self._disputes}
        ranks = {who: self.rank(who) for who in known}
        return {who: rank for who, rank in ranks.items() if rank is not Rank.FIRST}

    def is_disputed(self, subject_id: str) -> bool:
        """Whether the reports of this participant disagree with those of several partners.

        Whose reports a partner has confirmed is believed against partners of whom none has.
        """
        partners = self._disputes.get(subject_id, {})
        if subject_id in self._confirmed:
            partners = {who: at_s for who, at_s in partners.items() if who in self._confirmed}
        return len(partners) >= SEVERAL

    def failures(self, subject_id: str) -> int:
        """How many failures count against a participant: of those that only may be theirs, one for
        each partner."""
        return len(self._seen.get(subject_id, ())) + len(self._presumed_with(subject_id))

    def unsuitable(self, limit: int) -> list[str]:
        """Participants of whom `limit` failures or more count, with several partners.

        Who has been led out because of them is among them again once another failure counts.
        """
        return [
            who
            for who in {**self._seen, **self._unclear}
            if self.failures(who) >= max(limit, self._led_out.get(who, 0) + 1)
            and len(self._blamed_with(who)) >= SEVERAL
        ]

    def lead_out(self, subject_id: str) -> FailureCause:
        """Note that a participant is led out because of their failures; returns what caused most.

        Of failures that only may be theirs, no more is known than that no connection came about.
        """
        self._led_out[subject_id] = self.failures(subject_id)
        causes: list[FailureCause] = [cause for _, cause, _ in self._seen.get(subject_id, ())]
        causes += ["not_connected"] * len(self._presumed_with(subject_id))
        return statistics.mode(causes)

    def retry_at_s(self, subject_id: str) -> float:
        """When a participant may be probed again, in seconds of the owner's clock; 0 if at once."""
        if len(self._blamed_with(subject_id)) < SEVERAL:
            return 0.0
        times_s = [at_s for *_, at_s in self._seen.get(subject_id, ())]
        times_s += self._unclear.get(subject_id, {}).values()
        exponent = min(self.failures(subject_id) - SEVERAL, 32)
        return max(times_s) + min(self._backoff_s * 2.0**exponent, self._backoff_limit_s)

    def lapse(self, now_s: float) -> None:
        """Drop what is too old to count."""
        oldest_s = now_s - self._remember_s
        for who, seen in list(self._seen.items()):
            self._seen[who] = [failure for failure in seen if failure[-1] > oldest_s]
        for known in (self._unclear, self._disputes):
            for who, partners in list(known.items()):
                known[who] = {p: at_s for p, at_s in partners.items() if at_s > oldest_s}
        for kept in (self._seen, self._unclear, self._disputes):
            for who in [who for who, entries in kept.items() if not entries]:
                del kept[who]
        for who, count in list(self._led_out.items()):
            if self.failures(who) < count:
                self._led_out[who] = self.failures(who)

    def _presumed_with(self, subject_id: str) -> set[str]:
        """The partners with whom it is unclear who failed, but who alone were ever connected."""
        if subject_id in self._connected:
            return set()
        return self._connected.intersection(self._unclear.get(subject_id, ()))

    def _blamed_with(self, subject_id: str) -> set[str]:
        seen = {partner for partner, *_ in self._seen.get(subject_id, ())}
        return seen | self._presumed_with(subject_id)
