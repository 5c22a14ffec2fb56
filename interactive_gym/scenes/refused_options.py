"""Options that scripts of this community use and that this design has no place for, and why.

Each refusal says why and what to use instead. Only words: the setters look here, and nobody else.
"""

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

REFUSED_OPTIONS: dict[str, dict[str, str]] = {
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
}
"""By setter and option, why it is refused: a clause that follows a colon, and the fix."""

REFUSED_SETTERS: dict[str, str] = {
    "environment": "participants' browsers make the environment. Give its code with "
    ".pyodide(environment_initialization_code_filepath=…).",
    "exclusion_callbacks": "this version excludes nobody during a game. What happens is in "
    "events.jsonl and network.csv.",
    "continuous_monitoring": "this version excludes nobody during a game. Limit the P2P RTT before "
    "it with .matchmaking(matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=…)), and hidden pages with "
    ".focus_loss_config(timeout_ms=…).",
    "player_grouping": "keeping groups together is a strategy of matching. Use "
    ".matchmaking(matchmaker=GroupReunionMatchmaker(…)).",
}
"""By the name of a setter that there is not, why, and the fix."""
