"""The settings of a scene and of the experiment that matching and games read.

Protocols, so that the simulator and the tests can use scenes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from interactive_gym.packages.package import BrowserPackage


class LatencyRule(Protocol):
    """The delay between key and effect that all participants of a scene's games play with."""

    @property
    def levels_ms(self) -> Sequence[float]:
        """The levels that games are assigned to; empty where latency is not manipulated."""

    def input_delay(self, level_ms: float | None = None) -> int:
        """The input delay of a game on a level, in frames."""

    def record(self, level_ms: float | None = None) -> dict[str, Any]:
        """What `match.json` tells of it."""


class GameScene(Protocol):
    """The settings of a game scene that its GameManager needs."""

    @property
    def scene_id(self) -> str:
        """The scene's id, unique in the experiment."""

    @property
    def human_agents(self) -> Sequence[str]:
        """The agents that participants control, in seat order; their number is the group size."""

    @property
    def waitroom_timeout_ms(self) -> int | None:
        """How long a participant waits at most, in milliseconds."""

    @property
    def leave_after_ms(self) -> int | None:
        """After how long a participant may stop waiting, in milliseconds; `None` for never."""

    @property
    def waitroom_timeout_message(self) -> str | None:
        """What to tell a participant whose wait ended without a game."""

    @property
    def waitroom_timeout_redirect_url(self) -> str | None:
        """Where to send a participant whose wait ended without a game."""

    @property
    def max_probes_per_participant(self) -> int | None:
        """How often one participant is probed at most; `None` for no limit."""

    @property
    def max_connection_failures(self) -> int | None:
        """After how many failures of their own, with several partners, a participant who cannot be
        connected is led out; `None` for never."""

    @property
    def attributes_of(self) -> Callable[[str], Mapping[str, Any]]:
        """Looks up what a matchmaker is told about a participant besides their server RTT."""

    @property
    def hide_lobby_count(self) -> bool:
        """Whether participants are not told how many are waiting."""

    @property
    def partner_timeout_ms(self) -> int:
        """How long a participant of a game may be disconnected, in milliseconds."""

    @property
    def return_timeout_ms(self) -> int:
        """How long a page that was reloaded, and is connected, may take to load the game again, in
        milliseconds."""

    @property
    def partner_loss_way_on(self) -> Literal["next_scene", "waitroom", "exit"]:
        """How a participant goes on after a game that ended by the loss of a partner."""

    @property
    def partner_loss_message(self) -> str | None:
        """What to tell them then, instead of the server's own message."""

    @property
    def focus_loss_message(self) -> str | None:
        """What to tell a participant whose page was out of sight for too long."""

    @property
    def on_cut(self) -> str:
        """What follows the last known frame of a lost participant; `end` ends the game there."""

    @property
    def environment_digest(self) -> str:
        """Identifies the code of the environment."""

    @property
    def packages(self) -> Sequence[BrowserPackage]:
        """What browsers install before that code runs."""

    @property
    def input_delay(self) -> int | Literal["auto"]:
        """Frames of input delay, or `auto`: chosen for each group."""

    @property
    def equal_latency(self) -> LatencyRule | None:
        """The latency that all play with, which the input delay then follows; `None` for none."""

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """The part of `game_created.game` that is the same for all participants of a group.

        `rtt_ms` is the largest P2P RTT measured within the group, `None` if there is none.
        """


class ExperimentSettings(Protocol):
    """The settings of the experiment that a GameManager needs."""

    @property
    def experiment_id(self) -> str:
        """The experiment's id."""

    @property
    def ice_servers(self) -> Sequence[Any]:
        """`RTCIceServer` objects for the browsers."""

    @property
    def force_relay(self) -> bool:
        """Whether only relayed (TURN) candidates are used."""
