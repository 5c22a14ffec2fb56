"""The most promising partners of a candidate among many, without a look at all of them.

Candidates are kept by their server RTT, in classes of several bins. A class is as promising as a
stranger of it is likely to be accepted, so a few classes in that order hold the best partners there
are, as far as server RTTs tell. What is known of single participants does not change the order.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import islice
from math import sqrt

from interactive_gym.server.matching.rtt_predictor import UNKNOWN_BIN, RttPredictor

BINS_A_CLASS = 5
"""So many bins, of which each is 3% wide, are as promising as the one in their middle."""


class Nearby:
    """The free candidates by their server RTT."""

    def __init__(self) -> None:
        self._members: dict[int, dict[str, None]] = {}
        self._classes: dict[str, int] = {}
        self._orders: dict[int, list[int]] = {}
        self._moment: tuple[object, ...] = ()

    def add(self, subject_id: str, bin_: int) -> None:
        """Add a candidate, as the last of their class."""
        self.remove(subject_id)
        class_ = self._classes[subject_id] = _class_of(bin_)
        if class_ not in self._members:
            self._members[class_] = {}
            self._orders.clear()
        self._members[class_][subject_id] = None

    def remove(self, subject_id: str) -> None:
        """Take a candidate out, if they are there."""
        class_ = self._classes.pop(subject_id, None)
        if class_ is not None:
            del self._members[class_][subject_id]

    def partners(
        self,
        bin_: int,
        count: int,
        *,
        left_out: Container[str],
        predictor: RttPredictor,
        threshold_ms: float,
    ) -> list[str]:
        """The subject ids of the `count` most promising partners for somebody of a bin.

        Fewer only if there are no more. Classes that are equally promising go by their server RTT.
        Of the class that is not needed whole the next in turn are taken, so that not all who ask
        are told the same.
        """
        found: list[str] = []
        for other in self._order(_class_of(bin_), predictor, threshold_ms):
            members = self._members[other]
            open_ = (subject_id for subject_id in members if subject_id not in left_out)
            chosen = list(islice(open_, count - len(found)))
            found += chosen
            if len(found) == count:
                for subject_id in chosen:
                    members[subject_id] = members.pop(subject_id)
                break
        return found

    def _order(self, own: int, predictor: RttPredictor, threshold_ms: float) -> list[int]:
        """All classes, the most promising first; kept until the predictor has learnt noticeably."""
        moment = (id(predictor), predictor.version, threshold_ms)
        if moment != self._moment:
            self._moment = moment
            self._orders.clear()
        order = self._orders.get(own)
        if order is None:
            row = predictor.row(threshold_ms, _middle_of(own))
            linear = {other: row[_middle_of(other)] for other in self._members}
            promise = {other: eta / sqrt(flattening) for other, (eta, flattening) in linear.items()}
            order = sorted(self._members, key=lambda other: (-promise[other], other))
            self._orders[own] = order
        return order


def _class_of(bin_: int) -> int:
    return UNKNOWN_BIN if bin_ == UNKNOWN_BIN else bin_ // BINS_A_CLASS


def _middle_of(class_: int) -> int:
    return UNKNOWN_BIN if class_ == UNKNOWN_BIN else class_ * BINS_A_CLASS + BINS_A_CLASS // 2
