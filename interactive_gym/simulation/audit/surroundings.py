"""What surrounds the GameManager of a replay, as a ledger describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from interactive_gym.server.ledger.schema import ArrivalLine
from interactive_gym.server.participants.blocklist import Blocklist
from interactive_gym.server.participants.group_history import GroupHistory


class LedgerHistory(GroupHistory):
    """Previous partners as the arrivals name them, since other scenes are not replayed."""

    def __init__(self, arrivals: Mapping[str, ArrivalLine]) -> None:
        super().__init__()
        self._arrivals = arrivals

    def partners_of(self, subject_id: str) -> tuple[str, ...]:
        """Whom they had played with last when they arrived."""
        return tuple(self._arrivals[subject_id].previous_partners)


class LedgerBlocklist(Blocklist):
    """Blocked pairs as the arrivals name them, since recruitment ids are not in the ledger."""

    def __init__(self, arrivals: Mapping[str, ArrivalLine], pair_count: int) -> None:
        super().__init__((), lambda subject_id: None)
        self.pair_count = pair_count
        self._arrivals = arrivals

    def arrived(self, subject_id: str) -> list[str]:
        """Whom they were blocked with when they arrived."""
        return list(self._arrivals[subject_id].blocked_with)


class ReplayedScene:
    """The game scene that a plan describes."""

    waitroom_timeout_message = None
    waitroom_timeout_redirect_url = None
    hide_lobby_count = False
    leave_after_ms = None
    partner_timeout_ms = 10_000
    return_timeout_ms = 60_000
    partner_loss_way_on: Literal["next_scene", "waitroom", "exit"] = "next_scene"
    partner_loss_message = None
    focus_loss_message = None
    on_cut = "end"
    input_delay = 0
    equal_latency = None
    packages = ()
    scene_id = "replayed"

    def __init__(self, plan: Mapping[str, Any], arrivals: Mapping[str, ArrivalLine]) -> None:
        self._arrivals = arrivals
        self.max_probes_per_participant: int | None = plan["max_probes_per_participant"]
        # Plans of version 0.1.0 and 0.2.0 do not name it: nobody was led out.
        self.max_connection_failures: int | None = plan.get("max_connection_failures")
        self.human_agents: Sequence[str] = plan["agents"]
        self.waitroom_timeout_ms: int | None = plan["patience_ms"]
        self.environment_digest: str = plan["environment_digest"]

    def attributes_of(self, subject_id: str) -> Mapping[str, Any]:
        """What was known of a participant when they arrived."""
        return self._arrivals[subject_id].attributes

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """What a game needs to be opened, as no browser plays."""
        return {"agents": list(self.human_agents), "fps": 30}


class ReplayedExperiment:
    """The experiment around it."""

    experiment_id = "replayed"
    ice_servers: Sequence[Any] = ()
    force_relay = False
