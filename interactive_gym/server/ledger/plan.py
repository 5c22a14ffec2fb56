"""The frozen matching plan of a scene: the rules of matching, fixed before participants arrive.

Every match carries the plan's digest, so that data can be traced to the rules that formed the
groups.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from typing import Any

from interactive_gym import __version__
from interactive_gym.server.ledger.matchmaker_record import describe_matchmaker


def matching_plan(
    matchmaker: Any,
    *,
    agents: Sequence[Any],
    is_probing: bool,
    patience_ms: int | None,
    max_probes_per_participant: int | None,
    max_connection_failures: int | None,
    blocked_pairs: int,
    environment_digest: Any,
    gathers_above: int | None,
    seed: int,
) -> dict[str, Any]:
    """The plan as JSON-compatible fields.

    Args:
        matchmaker: proposes and judges; its public attributes are its parameters.
        agents: the agents that a group controls, in seat order.
        is_probing: whether P2P RTTs are measured.
        patience_ms: how long a participant waits at most, in milliseconds.
        max_probes_per_participant: how often a participant is probed at most.
        max_connection_failures: after how many failures of their own a participant is led out.
        blocked_pairs: how many pairs are on the blocklist. Their ids are personal data.
        environment_digest: identifies the environment, the netcode and the Pyodide version.
        gathers_above: with more free participants than this the matchmaker is asked at looks alone.
        seed: of the generator of the games' seeds and session tags.
    """
    source = _source_digest(matchmaker.__class__)
    return {
        "matchmaker": {**describe_matchmaker(matchmaker), "source": source},
        "group_size": len(agents),
        "agents": list(agents),
        "is_probing": is_probing,
        "patience_ms": patience_ms,
        "max_probes_per_participant": max_probes_per_participant,
        "max_connection_failures": max_connection_failures,
        "blocked_pairs": blocked_pairs,
        "environment_digest": environment_digest,
        "package_version": __version__,
        "ranks_failures": True,
        "gathers_above": gathers_above,
        "seed": seed,
    }


def plan_digest(plan: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of a plan as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(
        plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


@functools.cache
def _source_digest(matchmaker_class: type) -> str | None:
    """SHA-256 over the source of a matchmaker's class and of what it inherits from.

    `None` where the source cannot be read, as for a class typed into an interpreter. Finding a
    class in its file takes milliseconds, so it is done once a class.
    """
    digest = hashlib.sha256()
    try:
        for cls in matchmaker_class.__mro__:
            if cls.__module__ not in ("abc", "builtins"):
                digest.update(inspect.getsource(cls).encode())
    except (OSError, TypeError):
        return None
    return digest.hexdigest()
