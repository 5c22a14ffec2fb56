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
    is_personal: bool = False
    """Whether the whole table is left out unless it is asked for."""
    added: tuple[Column, ...] = ()
    """Columns that an export adds if it is asked to."""


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
        Column("reasons", "json", "all reasons why their device cannot run the study"),
        Column("figures", "json", "what is known of their device"),
        Column("resource", "text", "what could not be loaded"),
        Column("completion_code", "text", "the code they were shown or own", is_personal=True),
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
    ),
)

RECRUITMENT = Table(
    "recruitment",
    "a participant who came with an id, or with parameters in their link",
    (
        Column("time", "time", "when they came"),
        Column("subject_id", "text", "who they are in all other tables"),
        Column("recruitment_id", "text", "who they are to the recruitment platform"),
        Column("study_id", "text", "the study, as the platform names it"),
        Column("session_id", "text", "their taking part, as the platform names it"),
        Column("parameters", "json", "the free parameters of their link that the study keeps"),
    ),
    is_personal=True,
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
        Column("steps_from", "text", "the file with which its `steps` end: one true copy, if any"),
        Column("seed", "text", "the seed of the environment, in digits"),
        Column("session_tag", "text", "the tag of the game's datagrams, in digits"),
        Column("environment_digest", "text", "the code that computed the frames"),
        Column("packages", "json", "the packages the code used"),
        Column("package_version", "text", "the version of interactive_gym"),
    ),
)

_SECOND = (
    Column("rtt_ms", "number", "P2P RTT by the game's own datagrams, in milliseconds"),
    Column("link_rtt_ms", "number", "P2P RTT of the link alone, in milliseconds"),
    Column("stalled_ticks", "integer", "ticks of the second that could not advance"),
    Column("rollbacks", "integer", "how often the game was corrected in the second"),
    Column("rollback_frames", "integer", "how many frames were simulated again for it"),
    Column("input_delay_ms", "number", "from a key to simulating its frame, in milliseconds"),
    Column("effect_delay_ms", "number", "from the partner's key to its picture, in milliseconds"),
    Column("missing_inputs", "number", "frames by which the partner's inputs were behind"),
    Column("late_inputs", "integer", "the partner's inputs that came after their frame's picture"),
    Column("max_silence_ms", "number", "longest time without a datagram, in milliseconds"),
)
"""What `steps` has of the second in which a frame was simulated."""

STEPS = Table(
    "steps",
    "an agent in a frame that is common to all copies, or of the copy that is true",
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
        Column("target_ms", "number", "the latency that all play with, where it is equal"),
        Column("level_ms", "number", "what the game's condition adds to it, in milliseconds"),
        Column("attributes", "json", "what was known of who plays it, such as a condition"),
        Column("probed_rtt_ms", "number", "the largest RTT that was probed with a partner"),
        *_SECOND,
    ),
    added=(Column("observation", "json", "what the agent saw when it took the action"),),
)

NETWORK = Table(
    "network",
    "a second of a participant's page with a partner",
    (
        *_GAME,
        Column("time", "time", "when the second ended"),
        Column("seat", "integer", "whose page wrote it"),
        Column("subject_id", "text", "who sits there"),
        Column("incarnation", "integer", "how often the page had been reloaded"),
        Column("time_ms", "number", "from its first tick to the second's end, in milliseconds"),
        Column("frame", "integer", "how many frames were simulated by then"),
        Column("confirmed_frames", "integer", "how many of them were confirmed"),
        Column("ticks", "integer", "ticks of the game's clock"),
        Column("max_rollback_frames", "integer", "most frames simulated again in one tick"),
        Column("max_input_delay_ms", "number", "the largest input delay, in milliseconds"),
        Column("peer_seat", "integer", "the partner"),
        Column("max_missing_inputs", "integer", "most frames that inputs were behind"),
        Column("max_effect_delay_ms", "number", "the largest effect delay, in milliseconds"),
        Column("local_candidate_type", "text", "how this end is connected"),
        Column("remote_candidate_type", "text", "how the other end is"),
        Column("sent_bytes", "integer", "bytes that were sent over the link"),
        Column("received_bytes", "integer", "bytes that came over it"),
        Column("frame_ms", "number", "between two pictures, in milliseconds"),
        Column("max_frame_ms", "number", "the longest of them, in milliseconds"),
        *_SECOND,
    ),
)

ARRIVALS = Table(
    "arrivals",
    "a participant who asks for a game",
    (
        Column("time", "time", "when they asked"),
        Column("scene_id", "text", "in which scene"),
        Column("subject_id", "text", "who asked"),
        Column("plan_digest", "text", "the digest of the matching plan that held then"),
        Column("server_rtt_ms", "number", "their RTT to the server, in milliseconds"),
        Column("attributes", "json", "what else was known of them, such as a condition"),
        Column("previous_partners", "json", "whom they had played with"),
        Column("waited_ms", "number", "how long they had waited before a restart, in milliseconds"),
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
        Column("p_accept", "number", "the probability of being acceptable that was predicted"),
        Column("verdict", "text", "the verdict"),
        Column("reason", "text", "the verdict in words"),
        Column("doubts", "json", "what speaks against the measurement"),
        Column("disputed", "json", "whose reports disagree with several partners"),
    ),
)

TABLES = (
    PARTICIPANTS,
    TIMES,
    RECRUITMENT,
    ANSWERS,
    GAMES,
    STEPS,
    NETWORK,
    ARRIVALS,
    WAITS,
    PROBES,
    EDGES,
)
"""All tables. `steps` also has a column ``info_…`` for every key of the environment's infos."""
