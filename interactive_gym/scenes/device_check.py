"""A page that tries whether a participant's device can run the study, before anybody waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from interactive_gym.options.screening_rules import ScreeningRules
from interactive_gym.scenes.forms.form_html import refuse_questions
from interactive_gym.scenes.page_scene import StaticScene
from interactive_gym.scenes.scene import ParticipantIds


class TriedGame(Protocol):
    """What is tried of a game."""

    @property
    def fps(self) -> int:
        """Frames per second."""

    @property
    def human_agents(self) -> Sequence[str]:
        """The agents that participants control."""

    def game_config(self) -> dict[str, Any]:
        """The fields of the protocol's ``game`` object that do not differ between games."""

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """The scene as browsers get it."""


class DeviceCheck(StaticScene):
    """A page that tries the device: what it can do, and what the next game needs of it.

    A key of the game has to be pressed. Whether a connection to others is possible at all, and what
    a frame of the game costs, is found out meanwhile. Who cannot take part is led to the last
    scene, with the outcome ``screened_out``. `ExperimentConfig.entry_screening` sets limits.
    """

    type = "device_check"

    def __init__(self) -> None:
        super().__init__()
        self._header = "Checking your device"
        self.rules = ScreeningRules()
        """The limits."""
        self._game: TriedGame | None = None
        self._ice_servers: list[dict[str, Any]] = []
        self.needs_relay = False
        """Whether participants must reach each other through a TURN server."""

    def prepare(
        self,
        rules: ScreeningRules,
        game: TriedGame | None,
        *,
        ice_servers: list[dict[str, Any]],
        force_relay: bool,
    ) -> None:
        """Take what the study says of it.

        Args:
            rules: the limits.
            game: the next game, None if none follows.
            ice_servers: the STUN and TURN servers.
            force_relay: whether only TURN may be used.
        """
        self.rules, self._game = rules, game
        self._ice_servers = ice_servers
        self.needs_relay = force_relay and self.needs_partners

    @property
    def needs_keyboard(self) -> bool:
        """Whether a game follows, which is played with keys."""
        return self._game is not None

    @property
    def needs_partners(self) -> bool:
        """Whether the next game is played with others, over connections between browsers."""
        return self._game is not None and len(self._game.human_agents) > 1

    @property
    def frame_ms(self) -> float | None:
        """How long a frame of the next game lasts, in milliseconds."""
        return None if self._game is None else 1000 / self._game.fps

    def check(self) -> None:
        """Raise ValueError unless the page is complete, and asks nothing."""
        super().check()
        where = f"scene_body of the scene {self.scene_id!r}"
        refuse_questions(
            self.page_html, where, "a DeviceCheck asks nothing: ask it before or after."
        )

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene with what is to be tried."""
        has_turn = any("turn" in str(server["urls"]) for server in self._ice_servers)
        return {
            **super().to_client(participant),
            "pointer": self.rules.pointer,
            "min_window": self.rules.min_window,
            "connects": self.needs_partners,
            "ice_servers": self._ice_servers if self.needs_partners and has_turn else [],
            "game": None if self._game is None else self._trial(self._game, participant),
        }

    def _trial(self, game: TriedGame, participant: ParticipantIds) -> dict[str, Any]:
        """What a page needs to try a game: one participant plays it, at random for all others."""
        shown = game.to_client(participant)
        config = game.game_config()
        first = config["policies"].index(None)
        others = [each or "random" for each in config["policies"]]
        return {
            **{name: shown[name] for name in ("action_mapping", "environment", "pyodide_url")},
            "config": {
                **config,
                "policies": [*others[:first], None, *others[first + 1 :]],
                "adapts_input_delay": False,
                "num_episodes": 2**31,
                "seat": 0,
                "seed": 1,
                "session_tag": 0,
                "fps": game.fps,
            },
        }
