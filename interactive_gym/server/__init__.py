"""The server: matches participants, probes their connections, and keeps the data of their games.

The files beside this one are names that experiment scripts, the command line or stored data use.
Everything else lives in a folder, a room. A room imports only from those below it in this table,
which import-linter checks (`[tool.importlinter]` in `pyproject.toml`):

====================  ==============================================================================
`app`                 puts the parts together and serves them
`recording/`          recorders: further processes that take the uploads of games
`web/`                what browsers reach: pages, files, and Socket.IO events (`web/handlers/`)
`experiment`          leads each participant from scene to scene
`verifying/`          has every game simulated again when it ends
`game_manager`        brings the participants of one game scene together, from arrival to game
`proposals/`          a proposed group: its pending match, its probes, the verdicts on its edges
`games/`              a game: its making, its messages, its end
`participants/`       the registry of participants, their states, answers, and how they wait
`ledger/`             the match ledger and the frozen matching plan
the matchmakers       `latency_matchmaker`, `reunion_matchmaker`, on `matchmaker`
`probe_coordinator`   runs the probes between browsers, on `probing/`
`matching/`           what is known of pairs, and the search for groups (`matching/search/`)
`data/`               games' records and participants' ways on disk
`settings`            what the server reads of a scene and of the experiment
`transport/`          what every connection must keep to: rates, sizes, times, sound packets
`messages/`           the outbox, relayed signals, rejected input, the fields of payloads
====================  ==============================================================================

An arrival goes down. `web.handlers.flow` takes `join_game`, `RunningExperiment.join` finds the
scene's manager, `GameManager.join` notes the arrival and asks the `Proposer`, which shows the
matchmaker a `MatchPool`. The proposed group is reserved in `EdgeProbing`, and for each of its
unknown edges the manager calls `ProbeCoordinator.create_probe`.

A verdict comes back up. `web.handlers.probing` takes both browsers' `probe_result`, the coordinator
makes a `ProbeReport` of them, and `GameManager._on_probe_complete` asks the matchmaker, has
`Verdicts` record the answer, and carries out what `EdgeProbing.conclude` returns: more probes, a
game, or all members back in the pool.
"""
