"""Options that scripts use elsewhere and that are refused here.

Each refusal says why, and what to use instead. Setters are marked with `setter`; a class with
refused setters asks for `missing_attribute`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_DRAWN_BY_ENVIRONMENT = (
    "the environment's render() returns everything that is drawn, texts and scores included."
)
_PEERS_SIMULATE = (
    "the participants' browsers simulate the game and agree on every frame, and the server only "
    "keeps their confirmed frames. Leave it out."
)
_FRAMES_ARE_STORED = (
    "the server runs no code per frame. Every confirmed frame is in frames.csv, with all that the "
    "environment's infos tell."
)

_NO_PING_DURING_GAMES = (
    "what a game suffers from is the RTT between participants, and nobody is led out for it. Limit "
    "it before the game with .matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=…)). "
    "network.csv has it second by second."
)

REFUSED_OPTIONS: dict[str, dict[str, str]] = {
    "continuous_monitoring": {
        "max_ping": _NO_PING_DURING_GAMES,
        "ping_violation_window": _NO_PING_DURING_GAMES,
        "ping_required_violations": _NO_PING_DURING_GAMES,
    },
    "entry_screening": {
        "device_exclusion": "what a device is cannot be told from outside. A DeviceCheck page has "
        "participants press a key of the game; pointer and min_window ask for the rest.",
    },
    "scene": {
        "experiment_config": "the experiment as a whole is described by ExperimentConfig. Leave it "
        "out.",
        "should_export_metadata": "match.json always has what describes a game. Leave it out.",
    },
    "policies": {
        "load_policy_fn": "policies run in participants' browsers. Define the policy in the "
        "environment's code and give its name in policy_mapping.",
        "policy_inference_fn": "policies run in participants' browsers. Define a function "
        "policy(observation, agent) in the environment's code and give its name in policy_mapping.",
    },
    "rendering": {
        "hud_text_fn": _DRAWN_BY_ENVIRONMENT,
        "hud_score_carry_over": _DRAWN_BY_ENVIRONMENT,
        "env_to_state_fn": _DRAWN_BY_ENVIRONMENT,
        "location_representation": "draw commands are in pixels of game_width and game_height.",
        "preload_specs": "name the images with assets_dir and assets_to_preload.",
        "state_init": _DRAWN_BY_ENVIRONMENT,
        "animation_configs": _DRAWN_BY_ENVIRONMENT,
    },
    "gameplay": {
        "human_id": "participants control the agents that have PolicyTypes.Human in "
        "policy_mapping.",
        "callback": _FRAMES_ARE_STORED,
        "reset_freeze_s": "episodes follow each other without a gap. Let the environment wait for "
        "some frames after its reset.",
    },
    "user_experience": {
        "waitroom_timeout_scene_id": "whoever waited in vain goes on to the next scene, or to "
        "waitroom_timeout_redirect_url.",
        "game_page_html_fn": "give HTML with in_game_scene_body.",
    },
    "matchmaking": {
        "max_rtt": "the matchmaker has the threshold. Give "
        "matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=…).",
    },
    "pyodide": {
        "server_authoritative": _PEERS_SIMULATE,
        "state_broadcast_interval": _PEERS_SIMULATE,
        "realtime_mode": "games always run in real time, at the fps of .rendering(fps=…). Leave "
        "it out.",
        "input_buffer_size": "every input is sent again until everybody has it. Leave it out.",
        "on_game_step_code": _FRAMES_ARE_STORED,
        "restart_pyodide": "every game runs its environment's code anew. Leave it out.",
    },
    "hosting": {
        "max_ping": "the RTT to the server keeps nobody out. Limit the P2P RTT with "
        ".matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=…)) of the game's scene.",
    },
}
"""By setter and option, why it is refused and what to do: a clause that follows a colon."""

REFUSED_SETTERS: dict[str, dict[str, str]] = {
    "GymScene": {
        "environment": "participants' browsers make the environment. Give its code with "
        ".pyodide(environment_initialization_code_filepath=…).",
        "exclusion_callbacks": "the server runs no code during a game. What happens is in "
        "events.jsonl and network.csv.",
        "player_grouping": "keeping groups together is a strategy of matching. Use "
        ".matchmaking(matchmaker=GroupReunionMatchmaker(…)).",
    },
}
"""By class and setter, why the class does not have it, and what to do."""


def setter(method: Callable[P, R]) -> Callable[P, R]:
    """Make a setter explain the options that it refuses.

    Raises:
        ValueError: from the setter, for an option of `REFUSED_OPTIONS`.
    """
    refused = REFUSED_OPTIONS.get(method.__name__, {})

    @wraps(method)
    def checked(*args: P.args, **options: P.kwargs) -> R:
        for option in refused.keys() & options.keys():
            raise ValueError(f"{option} is not an option of .{method.__name__}: {refused[option]}")
        return method(*args, **options)

    return checked


def missing_attribute(cls: type, name: str) -> AttributeError:
    """Return the error for an attribute that objects of a class do not have."""
    reason = REFUSED_SETTERS.get(cls.__name__, {}).get(name)
    if reason is None:
        return AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
    return AttributeError(f"{cls.__name__} has no .{name}(…): {reason}")
