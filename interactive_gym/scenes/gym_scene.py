"""A game: an environment that a group of participants plays together in real time.

Describes the environment, its agents, controls, page, waitroom and matchmaker. It never runs the
environment: participants' browsers do, and the server only passes this description on.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from interactive_gym.configurations.configuration_constants import InputModes, PolicyTypes
from interactive_gym.configurations.validation import (
    UNSET,
    filled_text,
    flag,
    text,
    text_or_file,
    web_address,
    whole_number,
)
from interactive_gym.scenes.action_mapping import ActionMapping, checked_action_mapping
from interactive_gym.scenes.scene import ParticipantIds, Scene
from interactive_gym.scenes.waiting_rules import checked_blocked_pairs, checked_patience_ms
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.runtime_bundle import pyodide_version, runtime_sources

PYODIDE_URL = "/static/vendor/pyodide/"
"""The folder that browsers load Pyodide from."""
WayOn = Literal["next_scene", "waitroom", "exit"]
"""How a participant goes on after a game, as in `game_ended`."""
MAX_PREDICTION = 8
"""Most frames a browser simulates ahead of the last input it has from everybody."""
MAX_GROUP = 4
"""Most participants of a game: each browser sends its inputs to every other one."""


class GymScene(Scene):
    """A multiplayer game, described by chained setters.

    A setter may be called again: options given replace earlier values, options left out keep them.
    Every setter raises ValueError for a value it cannot use.
    """

    type = "game"

    def __init__(self) -> None:
        super().__init__()
        self.human_agents: tuple[Any, ...] = ()
        """The agent ids (strings or whole numbers) that participants control, in seat order."""
        self.matchmaker: Matchmaker = FIFOMatchmaker()
        """Decides who plays with whom."""
        self.hide_lobby_count = False
        """Whether the waitroom keeps to itself how many are waiting."""
        self.waitroom_timeout_ms = 120_000
        """How long one waits for a group before the waitroom gives up."""
        self.max_probes_per_participant: int | None = None
        """How often one participant is probed at most, or None for no limit."""
        self.blocked_pairs: tuple[tuple[str, str], ...] = ()
        """Pairs of recruitment ids that must not play together."""
        self.attributes_of: Callable[[str], Mapping[str, Any]] = lambda subject_id: {}
        """Tells what the matchmaker may know of a participant besides their server RTT."""
        self.waitroom_timeout_message = (
            "We could not find anybody for you to play with this time. Thank you for waiting; "
            "please go on."
        )
        """What the page then says, plain text."""
        self.waitroom_timeout_redirect_url: str | None = None
        """Where the page then leads, or None for the next scene."""
        self.partner_timeout_ms = 10_000
        """How long a silent partner is waited for before they are lost."""
        self.partner_loss_way_on: WayOn = "next_scene"
        """How a participant goes on after a game that ended by the loss of a partner."""
        self.partner_loss_message: str | None = None
        """What the page then says, plain text, or None for the server's own words."""
        self.focus_loss_message: str | None = None
        """What a participant is told who was out of sight for too long, or None likewise."""
        self.on_cut = "end"
        """What follows the last known frame of a lost participant: ``end``, ``neutral`` or the
        name of the policy that goes on in their place."""
        self.assets_dir: Path | None = None
        """The folder of the images that the environment draws."""
        self.packages_to_install: tuple[str, ...] = ()
        """Requirements that the environment's code needs in the browser."""
        self.pyodide_index_url: str | None = None
        """Where packages of Pyodide's own distribution come from."""
        self.environment_digest = ""
        """SHA-256 over what decides a frame: environment code, netcode and Pyodide version."""
        self._package_urls: tuple[str, ...] = ()
        self._patience_ms: dict[str, int] = {}
        self._fps = 30
        self._game_width = 600
        self._game_height = 400
        self._background = "#ffffff"
        self._action_mapping: ActionMapping | None = None
        self._num_episodes = 1
        self._max_steps: int | None = None
        self._input_mode = InputModes.PressedKeys
        self._in_game_body = ""
        self._environment_code = ""
        self._input_delay = 2

    def policies(self, *, policy_mapping: Mapping[str | int, PolicyTypes]) -> "GymScene":
        """Set who plays each agent: ``{agent id: PolicyTypes.Human}``, in seat order."""
        if not isinstance(policy_mapping, Mapping) or not 2 <= len(policy_mapping) <= MAX_GROUP:
            raise ValueError(
                f"policy_mapping is {policy_mapping!r}: give a dict with 2 to {MAX_GROUP} agents "
                f"of the environment, each with PolicyTypes.Human."
            )
        for agent, policy in policy_mapping.items():
            if not isinstance(agent, (str, int)) or not str(agent).isprintable() or agent == "":
                raise ValueError(
                    f"policy_mapping has the agent id {agent!r}: use the environment's own id, a "
                    f"string without control characters or a whole number."
                )
            if policy != PolicyTypes.Human:
                raise ValueError(
                    f"policy_mapping[{agent!r}] is {policy!r}: use PolicyTypes.Human, as in this "
                    f"version every agent is played by a participant."
                )
        self.human_agents = tuple(policy_mapping)
        return self

    def rendering(
        self,
        *,
        fps: int = UNSET,
        game_width: int = UNSET,
        game_height: int = UNSET,
        background: str = UNSET,
    ) -> "GymScene":
        """Set how fast the game runs and the canvas it is drawn on.

        Args:
            fps: frames per second, 1 to 60; 30 by default.
            game_width: width of the draw commands' pixel space; 600 by default.
            game_height: height of the draw commands' pixel space; 400 by default.
            background: any CSS colour; white by default.
        """
        if fps is not UNSET:
            self._fps = whole_number("fps", fps, 1, 60)
        if game_width is not UNSET:
            self._game_width = whole_number("game_width", game_width, 1, 4096)
        if game_height is not UNSET:
            self._game_height = whole_number("game_height", game_height, 1, 4096)
        if background is not UNSET:
            self._background = filled_text("background", background)
        return self

    def gameplay(
        self,
        *,
        default_action: int = UNSET,
        action_mapping: Mapping[str | tuple[str, ...], int] = UNSET,
        num_episodes: int = UNSET,
        max_steps: int | None = UNSET,
        input_mode: InputModes = UNSET,
    ) -> "GymScene":
        """Set the controls and the length of the game.

        Args:
            default_action: the action while no key is pressed; needed with *action_mapping*.
            action_mapping: ``KeyboardEvent.key`` names, or tuples of names pressed together, to
                actions; at most 127 distinct actions.
            num_episodes: how many episodes make one game; 1 by default.
            max_steps: frames after which an episode is cut, or None (the default) to leave its
                end to the environment.
            input_mode: InputModes.PressedKeys (the default) or InputModes.SingleKeystroke.
        """
        if (default_action is UNSET) != (action_mapping is UNSET):
            raise ValueError(
                "default_action and action_mapping belong together: give both in one call."
            )
        if action_mapping is not UNSET:
            self._action_mapping = checked_action_mapping(action_mapping, default_action)
        if num_episodes is not UNSET:
            self._num_episodes = whole_number("num_episodes", num_episodes, 1, 10_000)
        if max_steps is not UNSET:
            self._max_steps = (
                None if max_steps is None else whole_number("max_steps", max_steps, 1, 10_000_000)
            )
        if input_mode is not UNSET:
            try:
                self._input_mode = InputModes(input_mode)
            except ValueError:
                raise ValueError(
                    f"input_mode is {input_mode!r}: give InputModes.PressedKeys or "
                    f"InputModes.SingleKeystroke."
                ) from None
        return self

    def user_experience(
        self,
        *,
        scene_header: str = UNSET,
        scene_body: str = UNSET,
        scene_body_filepath: str | Path = UNSET,
        in_game_scene_body: str = UNSET,
        in_game_scene_body_filepath: str | Path = UNSET,
        waitroom_timeout: int = UNSET,
        waitroom_timeout_redirect_url: str | None = UNSET,
        waitroom_timeout_message: str = UNSET,
    ) -> "GymScene":
        """Set what the page says before and during the game, and how the waitroom ends.

        Args:
            scene_header: the heading, plain text.
            scene_body: HTML shown before the game, such as its rules.
            scene_body_filepath: a UTF-8 file of HTML, instead of *scene_body*.
            in_game_scene_body: HTML shown beside the running game, such as its keys.
            in_game_scene_body_filepath: a UTF-8 file of HTML, instead of *in_game_scene_body*.
            waitroom_timeout: how long one waits for a group, in ms; 120000 by default. The same
                as ``.matchmaking(patience_s=…)``, in another unit.
            waitroom_timeout_redirect_url: where the page leads after that, or None (the default)
                for the next scene.
            waitroom_timeout_message: what the page then says, plain text.
        """
        if scene_header is not UNSET:
            self._header = text("scene_header", scene_header)
        self._body = text_or_file("scene_body", scene_body, scene_body_filepath, self._body)
        self._in_game_body = text_or_file(
            "in_game_scene_body",
            in_game_scene_body,
            in_game_scene_body_filepath,
            self._in_game_body,
        )
        if waitroom_timeout is not UNSET:
            timeout_ms = whole_number("waitroom_timeout", waitroom_timeout, 1000)
            self._set_patience("waitroom_timeout", timeout_ms)
        if waitroom_timeout_redirect_url is not UNSET:
            self.waitroom_timeout_redirect_url = web_address(
                "waitroom_timeout_redirect_url", waitroom_timeout_redirect_url
            )
        if waitroom_timeout_message is not UNSET:
            self.waitroom_timeout_message = filled_text(
                "waitroom_timeout_message", waitroom_timeout_message
            )
        return self

    def pyodide(
        self,
        *,
        run_through_pyodide: bool = UNSET,
        multiplayer: bool = UNSET,
        environment_initialization_code: str = UNSET,
        environment_initialization_code_filepath: str | Path = UNSET,
        input_delay: int = UNSET,
    ) -> "GymScene":
        """Set the environment that participants' browsers run.

        Args:
            run_through_pyodide: True, as environments run in participants' browsers only.
            multiplayer: True, as every game is played by a group.
            environment_initialization_code: Python that defines ``env``, a PettingZoo
                ``ParallelEnv``; it runs with ``__name__ == "__main__"``.
            environment_initialization_code_filepath: a file of it, instead.
            input_delay: frames between sampling an input and applying it, 0 to 8; 2 by default.
                More hides more latency and needs fewer rollbacks, but keys respond later.
        """
        if run_through_pyodide is not UNSET and not flag(
            "run_through_pyodide", run_through_pyodide
        ):
            raise ValueError(
                "run_through_pyodide is False: leave it out or give True, as environments run in "
                "participants' browsers only."
            )
        if multiplayer is not UNSET and not flag("multiplayer", multiplayer):
            raise ValueError(
                "multiplayer is False: leave it out or give True, as in this version every game "
                "is played by a group."
            )
        code = text_or_file(
            "environment_initialization_code",
            environment_initialization_code,
            environment_initialization_code_filepath,
            self._environment_code,
        )
        try:
            compile(code, "environment_initialization_code", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise ValueError(
                f"environment_initialization_code is not valid Python: {error}."
            ) from error
        self._environment_code = code
        self.environment_digest = _environment_digest(code)
        if input_delay is not UNSET:
            self._input_delay = whole_number("input_delay", input_delay, 0, 8)
        return self

    def matchmaking(
        self,
        *,
        matchmaker: Matchmaker = UNSET,
        hide_lobby_count: bool = UNSET,
        patience_s: float = UNSET,
        max_probes_per_participant: int | None = UNSET,
        blocked_pairs: Sequence[tuple[str, str]] = UNSET,
        attributes_of: Callable[[str], Mapping[str, Any]] = UNSET,
    ) -> "GymScene":
        """Set who plays with whom, and how much of their time that may take.

        Args:
            matchmaker: a Matchmaker, such as ``FIFOMatchmaker(max_p2p_rtt_ms=150)``; by default a
                FIFOMatchmaker without a threshold.
            hide_lobby_count: True keeps from participants how many are waiting.
            patience_s: how long one waits for a group, in seconds; 120 by default. Then the page
                says so, and the data have the reason ``waitroom_timeout``.
            max_probes_per_participant: how often one participant is probed at most, or None (the
                default) for no limit. After that they can only be grouped with whom they are
                known to be well connected, or else leave when their patience ends.
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
            self._set_patience("patience_s", checked_patience_ms(patience_s))
        if max_probes_per_participant is not UNSET:
            self.max_probes_per_participant = (
                None
                if max_probes_per_participant is None
                else whole_number("max_probes_per_participant", max_probes_per_participant, 1)
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

    def reconnection_config(self, *, timeout_ms: int) -> "GymScene":
        """Set how long a silent partner is waited for before the game ends; 10000 by default."""
        self.partner_timeout_ms = whole_number("timeout_ms", timeout_ms, 1000)
        return self

    def check(self) -> None:
        """Raise ValueError unless the scene describes a game that can be played."""
        super().check()
        if not self.human_agents:
            raise ValueError(
                f"policy_mapping is missing in the scene {self.scene_id!r}: name its agents with "
                f".policies(policy_mapping={{…}})."
            )
        if not self._environment_code.strip():
            raise ValueError(
                f"environment_initialization_code is missing in the scene {self.scene_id!r}: give "
                f"it, or its filepath, with .pyodide(…)."
            )
        mapping = self._mapping()
        if self._input_mode is InputModes.SingleKeystroke and mapping.has_combinations:
            raise ValueError(
                f"input_mode is SingleKeystroke in the scene {self.scene_id!r} but action_mapping "
                f"has keys pressed together: use InputModes.PressedKeys, or map single keys only."
            )

    def game_config(self) -> dict[str, Any]:
        """Return the protocol's ``game`` object without what differs from game to game."""
        mapping = self._mapping()
        return {
            "num_episodes": self._num_episodes,
            "max_steps": self._max_steps,
            "actions": mapping.actions,
            "default_action": mapping.actions.index(mapping.default_action),
            "fps": self._fps,
            "input_delay": self._input_delay,
            "max_prediction": MAX_PREDICTION,
            "on_cut": self.on_cut,
        }

    def serve_packages(self, urls: Sequence[str]) -> None:
        """Take the addresses of the wheels that the server resolved `packages_to_install` to."""
        self._package_urls = tuple(urls)

    def to_client(self, participant: ParticipantIds) -> dict[str, Any]:
        """Return the scene as the protocol sends it, the environment's code included."""
        game = self.game_config()
        return {
            **super().to_client(participant),
            "in_game_body": self._in_game_body,
            "width": self._game_width,
            "height": self._game_height,
            "background": self._background,
            "fps": self._fps,
            "input_mode": self._input_mode.value,
            "action_mapping": self._mapping().to_client(),
            "actions": game["actions"],
            "default_action": game["default_action"],
            "group_size": len(self.human_agents),
            "environment": {
                "code": self._environment_code,
                "digest": self.environment_digest,
                "packages": list(self._package_urls),
            },
            "pyodide_url": PYODIDE_URL,
            "assets": None,
            "smoothing_ms": 100,
            "waitroom": {
                "timeout_ms": self.waitroom_timeout_ms,
                "hide_lobby_count": self.hide_lobby_count,
            },
            "partner_timeout_ms": self.partner_timeout_ms,
            "focus": None,
            "idle": None,
        }

    def _set_patience(self, option: str, timeout_ms: int) -> None:
        for other, other_ms in self._patience_ms.items():
            if other != option and other_ms != timeout_ms:
                raise ValueError(
                    f"{option} gives {timeout_ms} ms of waiting in the scene {self.scene_id!r}, "
                    f"but {other} gives {other_ms} ms: set one of the two only."
                )
        self._patience_ms[option] = self.waitroom_timeout_ms = timeout_ms

    def _mapping(self) -> ActionMapping:
        if self._action_mapping is None:
            raise ValueError(
                f"action_mapping is missing in the scene {self.scene_id!r}: give the keys and the "
                f"default action with .gameplay(action_mapping=…, default_action=…)."
            )
        return self._action_mapping


def _environment_digest(code: str) -> str:
    digest = hashlib.sha256()
    parts = {"environment": code.encode(), "pyodide": pyodide_version().encode()}
    for name, content in {**runtime_sources(), **parts}.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
