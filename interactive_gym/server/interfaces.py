"""What matching, probing and games ask of their neighbours: the scene, the socket, the data.

Only shapes, so that the real ones, fakes and simulated ones fit alike; nothing here does anything.
The app puts the real parts together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from interactive_gym.server.browser_packages import BrowserPackage
from interactive_gym.server.ledger_schema import LedgerKind


class Emitter(Protocol):
    """Sends Socket.IO events to participants."""

    def emit(self, event: str, *args: Any, to: str | None = None) -> Any:
        """Send `event` to the room `to`, named by a subject id."""


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
        """How long somebody waits at most, in milliseconds."""

    @property
    def waitroom_timeout_message(self) -> str | None:
        """What to tell somebody whose wait ended without a game."""

    @property
    def waitroom_timeout_redirect_url(self) -> str | None:
        """Where to send somebody whose wait ended without a game."""

    @property
    def hide_lobby_count(self) -> bool:
        """Whether participants are not told how many are waiting."""

    @property
    def partner_timeout_ms(self) -> int:
        """How long a participant of a game may be disconnected, in milliseconds."""

    @property
    def partner_loss_way_on(self) -> Literal["next_scene", "waitroom", "exit"]:
        """How a participant goes on after a game that ended by the loss of a partner."""

    @property
    def partner_loss_message(self) -> str | None:
        """What to tell them then, instead of the server's own words."""

    @property
    def focus_loss_message(self) -> str | None:
        """What to tell somebody whose page was out of sight for too long."""

    @property
    def on_cut(self) -> str:
        """What follows the last known frame of a lost participant; `end`: the game ends there."""

    @property
    def environment_digest(self) -> str:
        """Identifies the code of the environment."""

    @property
    def packages(self) -> Sequence[BrowserPackage]:
        """What browsers install before that code runs."""

    @property
    def input_delay(self) -> int | Literal["auto"]:
        """Frames of input delay, or `auto`: chosen for each group."""

    def game_config(self, rtt_ms: float | None = None) -> dict[str, Any]:
        """The part of `game_created.game` that is the same for everybody in a group.

        `rtt_ms` is the largest P2P RTT measured between any two of them, `None` if there is none.
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


class Prober(Protocol):
    """What the GameManager needs of a ProbeCoordinator; `cancel(id)` is used if there is one."""

    def create_probe(
        self,
        subject_a: str,
        subject_b: str,
        on_complete: Callable[[str, str, float | None], object],
    ) -> str:
        """Start a probe; see `ProbeCoordinator.create_probe`."""


class Ledger(Protocol):
    """Where the lines of the match ledger go."""

    def log(self, kind: LedgerKind, *, at_s: float, **fields: Any) -> None:
        """Take a line of this kind, decided `at_s` seconds of the manager's clock."""


class GameRecord(Protocol):
    """Where the data of one game goes."""

    @property
    def desync(self) -> Any:
        """Where the uploads of two seats first differ; `None` while they agree."""

    def append_frames(
        self, seat: int, columns: Any, first_frame: Any, rows: Any, digest: Any
    ) -> int:
        """Take confirmed rows of one seat; return the frame expected next from it."""

    def append_network(self, seat: int, rows: Any) -> Any:
        """Take one seat's rows of the network's figures."""

    def log_event(self, kind: str, **fields: Any) -> Any:
        """Append to the game's events."""

    def note_cut(self, seat: int, reason: str) -> Any:
        """Note that a seat was lost for good."""

    def note_desync(self, desync: Any) -> Any:
        """Note that the copies of two participants differ."""

    def finish(self, seat: int, frames: Any, digest: Any) -> Any:
        """Note what a seat says it recorded altogether."""

    def close(self, reason: str) -> Any:
        """End the record."""


class GameStore(Protocol):
    """Where the records of games are made."""

    def open_game(self, scene_id: str, game_id: str, match: dict[str, Any]) -> GameRecord:
        """Begin the record of a game with the content of its `match.json`."""
