"""The tables of a study and their columns, said once: names, types and meanings.

A new column is one more line here. What reads tables follows this list and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "number", "boolean", "text", "time", "json"]
"""What the values of a column are. `time`: a moment in UTC. `json`: a list or object, as JSON."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    """Its name, which is also that of the field it is read from."""
    kind: Kind
    """What its values are."""
    meaning: str
    """What it tells, with its unit."""
    is_personal: bool = False
    """Whether it is left out unless it is asked for."""


@dataclass(frozen=True)
class Table:
    """A table of a study."""

    name: str
    """Its name."""
    rows: str
    """What a row is."""
    columns: tuple[Column, ...]
    """Its columns, in their order."""


_GAME = (
    Column("scene_id", "text", "the game scene"),
    Column("game_id", "text", "the game"),
)

PARTICIPANTS = Table(
    "participants",
    "an event on the way of a participant",
    (
        Column("time", "time", "when it happened"),
        Column("event", "text", "what happened"),
        Column("subject_id", "text", "whom it happened to"),
        Column("scene_id", "text", "in which scene"),
        Column("game_id", "text", "in which game"),
        Column("page_id", "text", "the page that was loaded"),
        Column("waited_ms", "number", "how long they had waited, in milliseconds"),
        Column("outcome", "text", "how the scene, or the whole, ended for them"),
        Column("reason", "text", "why it happened"),
        Column("resource", "text", "what could not be loaded"),
        Column("completion_code", "text", "the code they were shown or own", is_personal=True),
        Column("recruitment_id", "text", "who they are to the recruiter", is_personal=True),
    ),
)

TIMES = Table(
    "times",
    "a participant",
    (
        Column("subject_id", "text", "who"),
        Column("started_at", "time", "when they opened the study"),
        Column("last_at", "time", "when something was last told of them"),
        Column("outcome", "text", "how the study ended for them; empty before its last scene"),
        Column("connected_s", "number", "how long their page was connected, in seconds"),
        Column("waited_s", "number", "how long they waited for games, in seconds"),
        Column("played_s", "number", "how long games went on for them, in seconds"),
        Column("completion_code", "text", "the code they were shown at the end", is_personal=True),
        Column("recruitment_id", "text", "who they are to the recruiter", is_personal=True),
    ),
)

ANSWERS = Table(
    "answers",
    "an answer to a question, as its page was sent",
    (
        Column("time", "time", "when the page arrived"),
        Column("subject_id", "text", "who answered"),
        Column("scene_id", "text", "on which page"),
        Column("item", "text", "the name of the question"),
        Column("wording", "text", "a digest of what the participant read"),
        Column("value", "json", "the answer; empty if there is none"),
        Column("shown_at", "time", "when the page was first shown"),
        Column("answered_at", "time", "when the answer was last changed"),
        Column("tries", "integer", "how often they had wanted to go on, this time included"),
    ),
)

GAMES = Table(
    "games",
    "a game",
    (
        Column("experiment_id", "text", "the study"),
        *_GAME,
        Column("created_at", "time", "when the group was made"),
        Column("ended_at", "time", "when the game was closed; empty while it is open"),
        Column("end_reason", "text", "why it ended"),
        Column("agreed", "boolean", "whether all copies agree and are whole"),
        Column("frames", "integer", "how many frames are common to all copies"),
        Column("amended_at", "time", "when something last came after it was closed"),
        Column("agents", "json", "every agent, in the order of a frame's rows"),
        Column("policies", "json", "for each agent the policy that plays it, or null"),
        Column("group", "json", "seat, agent, subject and wait of every participant"),
        Column("num_episodes", "integer", "how many episodes it has"),
        Column("max_steps", "integer", "most steps of an episode"),
        Column("actions", "json", "the table of actions"),
        Column("default_action", "json", "the index of the action without a key"),
        Column("fps", "number", "frames per second"),
        Column("frame_skip", "integer", "every how many steps policies decide"),
        Column("max_prediction", "integer", "most frames that are predicted"),
        Column("input_delay", "integer", "frames between a key and its effect"),
        Column("input_delay_chosen", "text", "`fixed`, `auto` or `equal`"),
        Column("input_delay_rtt_ms", "number", "the RTT it was chosen by, in milliseconds"),
        Column("latency", "json", "the latency that all play with, where it is equal"),
        Column("on_cut", "text", "what follows the last frame of a lost participant"),
        Column("threshold_ms", "number", "largest acceptable P2P RTT, in milliseconds"),
        Column("matchmaker", "json", "who made the group"),
        Column("plan_digest", "text", "the digest of the matching plan"),
        Column("edges", "json", "every measured pair"),
        Column("disputed_seats", "json", "whose reports disagree with several partners"),
        Column("cuts", "json", "every participant who was lost for good"),
        Column("desync", "json", "where copies differ, if they do"),
        Column("recordings", "json", "what each seat uploaded"),
        Column("verified", "json", "what came of simulating the game again"),
        Column("seed", "text", "the seed of the environment, in digits"),
        Column("session_tag", "text", "the tag of the game's datagrams, in digits"),
        Column("environment_digest", "text", "the code that computed the frames"),
        Column("packages", "json", "the packages the code used"),
        Column("package_version", "text", "the version of interactive_gym"),
    ),
)

STEPS = Table(
    "steps",
    "an agent in a frame that is common to all copies",
    (
        *_GAME,
        Column("frame", "integer", "number of the frame, from 0 through the whole game"),
        Column("episode", "integer", "number of the episode, from 0"),
        Column("step", "integer", "number of the frame within its episode, from 0"),
        Column("agent", "text", "the agent's id in the environment"),
        Column("seat", "integer", "the seat that plays it; empty where a policy does"),
        Column("subject_id", "text", "who sits there"),
        Column("action", "text", "the action it took, as the environment got it"),
        Column("input_delay", "integer", "its delay in frames, where that adapts"),
        Column("hidden", "boolean", "whether the page was out of sight; empty if nobody played"),
        Column("reward", "number", "its reward in this frame"),
        Column("terminated", "boolean", "whether its episode ended with this frame"),
        Column("truncated", "boolean", "whether its episode was cut off with this frame"),
    ),
)

WAITS = Table(
    "waits",
    "a wait that has ended",
    (
        Column("time", "time", "when it ended"),
        Column("scene_id", "text", "in which scene"),
        Column("subject_id", "text", "who waited"),
        Column("waited_ms", "integer", "for how long, in milliseconds"),
        Column("reason", "text", "`matched`, or why there was no game"),
        Column("game_id", "text", "the game it ended with, if it did"),
    ),
)

PROBES = Table(
    "probes",
    "a measurement of the RTT between two participants, or its failure",
    (
        Column("time", "time", "when it ended"),
        Column("scene_id", "text", "in which scene"),
        Column("probe_session_id", "text", "the probe"),
        Column("offerer", "text", "who made the offer"),
        Column("answerer", "text", "the other"),
        Column("rtt_ms", "number", "the P2P RTT, in milliseconds; empty if it failed"),
        Column("disagreement", "boolean", "whether the two sides measured different paths"),
        Column("duration_ms", "number", "how long the probe took, in milliseconds"),
        Column("failure_reason", "text", "why there is no measurement"),
        Column("causes", "json", "what participants did not do, so that it failed"),
        Column("sides", "json", "both sides' accounts, with every sample"),
    ),
)

EDGES = Table(
    "edges",
    "a verdict on a pair of a proposed group",
    (
        Column("time", "time", "when it was given"),
        Column("scene_id", "text", "in which scene"),
        Column("proposal_id", "text", "of which proposal"),
        Column("probe_session_id", "text", "by which probe"),
        Column("pair", "json", "the two participants"),
        Column("rtt_ms", "number", "what was judged, in milliseconds"),
        Column("threshold_ms", "number", "the threshold that held for the group, in milliseconds"),
        Column("verdict", "text", "the verdict"),
        Column("reason", "text", "the verdict in words"),
        Column("doubts", "json", "what speaks against the measurement"),
        Column("disputed", "json", "whose reports disagree with several partners"),
    ),
)

TABLES = (PARTICIPANTS, TIMES, ANSWERS, GAMES, STEPS, WAITS, PROBES, EDGES)
"""All tables. `steps` also has a column ``info_…`` for every key of the environment's infos."""
