"""The order in which a strategy sees the free candidates, whichever strategy it is.

It is asked first about candidates whom nothing speaks against and pairs that were never tried in
vain, and about others only for who is left. So nobody who cannot be connected, or does not answer,
keeps others from being tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from interactive_gym.server.matching.pool import MatchPool
from interactive_gym.server.matching.reliability import Rank

_TIERS = (
    (Rank.FIRST, False),
    (Rank.LATER, False),
    (Rank.LATER, True),
    (Rank.LAST, True),
)
"""Up to which rank candidates belong to a tier, and whether failed pairs are tried again."""


def tier_pools(pool: MatchPool, taken: Set[str]) -> Iterator[MatchPool]:
    """The pools to ask a strategy about, one after the other.

    Without failures that is `pool` itself. `taken`, the subject ids of those proposed so far, is
    looked at for each pool anew.
    """
    reliability = pool.graph.reliability
    ranks = {who: rank for who, rank in reliability.ranked.items() if who in pool}
    failed = [p for p in pool.graph.failed_pairs if p[0] in pool and p[1] in pool]
    if not reliability.is_ranking or not (failed or ranks):
        yield pool
        return
    before: tuple[Rank | None, bool] = (None, False)
    for rank, retries in _TIERS:
        later = {who for who, its_rank in ranks.items() if its_rank > rank}
        left_out = taken | later
        members = [c for c in pool.candidates if c.subject_id not in left_out]
        ids = {member.subject_id for member in members}
        has_new = rank != before[0] and (
            not ids <= ranks.keys()
            if rank is Rank.FIRST
            else any(its_rank is rank for who, its_rank in ranks.items() if who in ids)
        )
        has_retries = retries and not before[1] and any(ids.issuperset(pair) for pair in failed)
        if has_new or has_retries:
            yield pool.narrowed(members, retries=retries)
        before = (rank, retries)
