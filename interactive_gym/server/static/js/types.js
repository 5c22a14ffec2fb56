/** The payloads of `docs/protocol.md` as types, one typedef per payload. */

/**
 * @typedef {object} Bootstrap
 * @property {string} token
 * @property {string} experiment_id
 * @property {string} version
 * @property {string} runtime_url
 * @property {boolean} checks_devices whether a page of the study tells what the browser lacks
 * @property {string} pyodide_url
 */

/** @typedef {"loading"|"scene"|"waiting"|"probing"|"starting"|"playing"|"paused"|"ended"|"error"} Phase */

/** @typedef {"invalid_token"|"open_elsewhere"|"already_started"|"closed"|"too_many_newcomers"} Refusal */

/** @typedef {"offerer"|"answerer"} Role */

/**
 * @typedef {object} SceneFields
 * @property {string} scene_id
 * @property {string} header
 * @property {string} subheader
 * @property {string} body HTML written by the researcher
 */

/** @typedef {SceneFields & {type: "start" | "static" | "instructions" | "quiz"}} StaticScene */
/** @typedef {SceneFields & {type: "consent", decline_label: string}} ConsentScene */
/** @typedef {StaticScene | ConsentScene} PageScene */

/**
 * What is needed to try a game.
 * @typedef {object} GameTrial
 * @property {KeyCombination[]} action_mapping
 * @property {Environment} environment
 * @property {string} pyodide_url
 * @property {GameConfig} config
 */

/**
 * @typedef {object} DeviceCheckFields
 * @property {"device_check"} type
 * @property {"mouse"|"touch"|null} pointer
 * @property {[number, number] | null} min_window
 * @property {boolean} connects
 * @property {RTCIceServer[]} ice_servers
 * @property {GameTrial | null} game
 */

/** @typedef {SceneFields & DeviceCheckFields} DeviceCheckScene */
/** @typedef {SceneFields & {type: "end", redirect_url: string | null, redirect_label?: string}} EndScene */
/** @typedef {SceneFields & {type: "completion_code", code: string | null, redirect_url: string | null, redirect_label?: string}} CompletionCodeScene */

/** @typedef {{keys: string[], action: number}} KeyCombination */
/** @typedef {"pressed_keys"|"single_keystroke"} InputMode */

/** @typedef {{code: string, digest: string, packages: string[]}} Environment */

/**
 * @typedef {object} IdleRules
 * @property {number | null} waitroom_prompt_ms
 * @property {number | null} game_prompt_ms
 * @property {number} answer_ms
 * @property {string} message
 */

/**
 * @typedef {object} GameSceneFields
 * @property {"game"} type
 * @property {string} in_game_body HTML written by the researcher
 * @property {number} width
 * @property {number} height
 * @property {string} background
 * @property {number} fps
 * @property {InputMode} input_mode
 * @property {KeyCombination[]} action_mapping
 * @property {(string | null)[]} action_labels
 * @property {unknown[]} actions
 * @property {number} default_action
 * @property {number} group_size
 * @property {Environment} environment
 * @property {string} pyodide_url
 * @property {{timeout_ms: number | null, hide_lobby_count: boolean}} waitroom
 * @property {number} partner_timeout_ms
 * @property {{timeout_ms?: number | null, warning_ms?: number | null} | null} focus
 * @property {IdleRules | null} idle
 * @property {{base_url: string, preload: string[]} | null} assets
 * @property {number} smoothing_ms
 */

/** @typedef {SceneFields & GameSceneFields} GameScene */
/** @typedef {PageScene | DeviceCheckScene | EndScene | CompletionCodeScene | GameScene} Scene */

/** @typedef {{index: number, scene: Scene, own_code: string, tries?: number}} ToldScene */

/**
 * @typedef {object} WaitroomUpdate
 * @property {number | null} waiting
 * @property {number} group_size
 * @property {number} waited_ms
 * @property {number | null} timeout_ms
 * @property {number | null} leave_in_ms after how long they may stop waiting; null for never
 */

/** @typedef {{reason: string, message: string, redirect_url: string | null}} WaitroomEnded */

/** @typedef {{type: "offer"|"answer", sdp: string} | {type: "candidate", candidate: RTCIceCandidateInit | null}} Signal */

/**
 * @typedef {object} ProbePrepare
 * @property {string} probe_session_id
 * @property {Role} role
 * @property {RTCIceServer[]} ice_servers
 * @property {boolean} force_relay
 * @property {number} pings
 * @property {number | null} threshold_ms
 * @property {number} deadline_ms
 */

/**
 * @typedef {object} ProbeResult
 * @property {string} probe_session_id
 * @property {number[]} samples_ms
 * @property {number} lost
 * @property {boolean} hidden
 * @property {number | null} stats_rtt_ms
 * @property {string | null} local_candidate_type
 * @property {string | null} remote_candidate_type
 * @property {string | null} reason
 */

/** @typedef {{probe_session_id: string}} ProbeReady */
/** @typedef {{probe_session_id: string}} ProbeStart */
/** @typedef {{probe_session_id: string, signal: Signal}} ProbeSignal */
/** @typedef {{probe_session_id: string, outcome: "rejected"|"failed"|"cancelled"}} ProbeClose */

/**
 * @typedef {object} GameConfig
 * @property {(string | number)[]} agents
 * @property {(string | null)[]} [policies]
 * @property {number} [frame_skip]
 * @property {number} seat
 * @property {number} [incarnation]
 * @property {string} [history] the inputs of the first frames, if no page holds them
 * @property {string} [on_cut]
 * @property {number} seed
 * @property {number} session_tag
 * @property {number} num_episodes
 * @property {number | null} max_steps
 * @property {unknown[]} actions
 * @property {number} default_action
 * @property {number} fps
 * @property {number} input_delay
 * @property {boolean} [adapts_input_delay]
 * @property {number} max_prediction
 */

/**
 * @typedef {object} PeerSpec
 * @property {number} seat
 * @property {Role} role
 * @property {string | null} probe_session_id
 * @property {number} [incarnation]
 */

/**
 * @typedef {object} GameCreated
 * @property {string} game_id
 * @property {GameConfig} game
 * @property {PeerSpec[]} peers
 * @property {RTCIceServer[]} ice_servers
 * @property {boolean} force_relay
 * @property {UploadAddress | null} uploads where another process takes frames, if one does
 */

/** @typedef {{address: string, key: string}} UploadAddress */
/** @typedef {{game_id: string, from_seat: number, signal: Signal}} GameSignal */
/** @typedef {{game_id: string, to_seat: number, signal: Signal}} AddressedGameSignal */
/** @typedef {{game_id: string, countdown_ms: number}} GameStart */
/** @typedef {{game_id: string, remaining_ms: number}} GameResumable */
/** @typedef {{game_id: string, seat: number, incarnation: number}} GamePeerReloaded */
/** @typedef {{game_id: string, seat: number, fraction: number | null}} GamePeerReturning */
/** @typedef {{game_id: string, seat: number, reason: string}} GameCut */
/** @typedef {"next_scene"|"waitroom"|"exit"} WayOn */

/**
 * @typedef {object} GameEnded
 * @property {string} game_id
 * @property {string} reason
 * @property {string} message
 * @property {WayOn} way_on
 * @property {string | null} completion_code
 */

/** @typedef {"hidden"|"idle"} QuitReason */
/** @typedef {"completed"|"partner_lost"|"desync"|"engine_error"} FinishReason */
/** @typedef {"hidden"|"visible"|"idle_prompt"|"idle_answer"|"peer_silent"|"peer_heard"|"stall"|"link_state"|"desync"|"engine_error"} GameEventKind */

/**
 * @typedef {object} PeerStatus
 * @property {number} seat
 * @property {number} silence_ms
 * @property {number | null} rtt_ms
 * @property {number} frame
 * @property {boolean} resuming
 */

/** @typedef {{item: string, values: string[], age_ms: number | null}} GivenAnswer */

/**
 * @typedef {object} AdvanceScene
 * @property {string} scene_id
 * @property {GivenAnswer[]} [answers]
 * @property {number} [age_ms]
 * @property {number} [attempt]
 * @property {boolean} [declines]
 * @property {DeviceReport | null} [device]
 */

/**
 * @typedef {object} DeviceReport
 * @property {string} user_agent
 * @property {number} window_width
 * @property {number} window_height
 * @property {number} screen_width
 * @property {number} screen_height
 * @property {boolean | null} keyboard
 * @property {"mouse"|"touch"|"pen"|null} pointer
 * @property {string[]} missing
 * @property {"works"|"missing"|"failed"|null} webrtc
 * @property {"works"|"missing"|"failed"|null} turn
 * @property {number | null} frame_ms
 * @property {number | null} frame_p95_ms
 */

/**
 * What a page is answered that wants to go on; `null` if the participant is elsewhere.
 * @typedef {object} AdvanceReply
 * @property {{[item: string]: string}} [faults]
 * @property {string[]} [wrong]
 * @property {number | null} [tries_left]
 * @property {boolean} [measuring] a device check has to be sent again
 */

/** @typedef {{scene_id: string}} JoinGame */
/** @typedef {"idle" | "gave_up"} LeaveReason */
/** @typedef {{scene_id: string, reason: LeaveReason}} LeaveWaitroom */
/** @typedef {{game_id: string}} GameReady */
/** @typedef {{game_id: string, frame: number}} GameResumed */
/** @typedef {{game_id: string, fraction: number}} GameReturning */
/** @typedef {{game_id: string, seat: number}} GamePeerLost */
/** @typedef {{game_id: string, reason: QuitReason}} GameQuit */

/**
 * Confirmed rows that came together.
 * @typedef {object} Chunk
 * @property {number} firstFrame
 * @property {string[]} rows
 * @property {string} digest
 * @property {number} bytes
 */

/** @typedef {{at_ms: number, content: {[field: string]: unknown}}} Report */

/**
 * What a browser keeps of a game while the server has not got it, beside its rows.
 * @typedef {object} KeptGame
 * @property {string} game_id
 * @property {string} token of the participant who played
 * @property {number} kept_at_ms
 * @property {number} rows_per_frame
 * @property {number} incarnation
 * @property {string[]} columns
 * @property {number} frames
 * @property {string} digest
 * @property {FinishReason | null} reason
 * @property {{first: number, reports: Report[]}} events
 * @property {{first: number, reports: Report[]}} network
 */

/**
 * @typedef {object} GameFrames
 * @property {string} game_id
 * @property {string[]} columns
 * @property {number} first_frame
 * @property {string[]} rows
 * @property {string} digest
 * @property {number} [incarnation]
 * @property {string} [token]
 */

/**
 * @typedef {object} GameEvents
 * @property {string} game_id
 * @property {number} incarnation
 * @property {number} first
 * @property {EventReport[]} events
 * @property {string} [token]
 */

/**
 * @typedef {object} EventReport
 * @property {GameEventKind} kind
 * @property {number} age_ms
 * @property {number} frame
 * @property {unknown} detail
 */

/**
 * @typedef {object} GameNetwork
 * @property {string} game_id
 * @property {number} incarnation
 * @property {number} first
 * @property {NetworkRow[]} rows
 * @property {string} [token]
 */

/**
 * @typedef {object} GameFinished
 * @property {string} game_id
 * @property {FinishReason} reason
 * @property {number} frames
 * @property {string} digest
 * @property {number} [incarnation]
 * @property {string} [token]
 */

/**
 * What the page sends, by event.
 * @typedef {object} SentEvents
 * @property {AdvanceScene} advance_scene
 * @property {JoinGame} join_game
 * @property {LeaveWaitroom} leave_waitroom
 * @property {ProbeReady} probe_ready
 * @property {ProbeSignal} probe_signal
 * @property {ProbeResult} probe_result
 * @property {AddressedGameSignal} game_signal
 * @property {GameReady} game_ready
 * @property {GameResumed} game_resumed
 * @property {GameReturning} game_returning
 * @property {GamePeerLost} game_peer_lost
 * @property {GameQuit} game_quit
 * @property {GameFrames} game_frames
 * @property {GameEvents} game_events
 * @property {GameNetwork} game_network
 * @property {GameFinished} game_finished
 */

/** @typedef {{seat: number, frames: number | null}} SeatCut */
/** @typedef {{frame: number, of: number}} Resuming */
/** @typedef {{[field: string]: number | string | null}} NetworkRow */

/**
 * The result of one tick of `interactive_gym/netcode/game_loop.py`, packets already decoded.
 * @typedef {object} TickResult
 * @property {number} frame
 * @property {number} confirmed_frame
 * @property {boolean} advanced
 * @property {number} input_delay
 * @property {number} rollback_frames
 * @property {number} rollbacks
 * @property {number} episode
 * @property {number} step
 * @property {DrawCommand[] | null} [draw]
 * @property {DrawCommand[] | null} [corrected]
 * @property {[number, ArrayBuffer][]} packets
 * @property {string[]} [columns]
 * @property {number} [first_frame]
 * @property {string[]} [rows]
 * @property {string} [digest]
 * @property {number} wait_ms
 * @property {PeerStatus[]} peers
 * @property {SeatCut[]} cuts
 * @property {Resuming | null} resuming
 * @property {NetworkRow[]} network
 * @property {boolean} finished
 * @property {boolean} cut_short
 * @property {boolean} drained
 * @property {unknown} [desync]
 */

/**
 * @typedef {object} CommandFields
 * @property {string} [id]
 * @property {number} [alpha]
 */

/**
 * @typedef {object} ShapeStyle
 * @property {string} color
 * @property {string} [stroke]
 * @property {number} [stroke_width]
 */

/**
 * @typedef {{type: "image", x: number, y: number, width: number, height: number, asset: string,
 *   source?: [number, number, number, number], flip?: boolean, smooth?: boolean}} ImageFields
 */

/**
 * @typedef {{type: "pixels", columns: number, rows: number, data: string,
 *   encoding?: "rgb" | "rgba" | "indexed" | "png", palette?: [number, number, number][],
 *   x?: number, y?: number, width?: number, height?: number, smooth?: boolean}} PixelsFields
 */

/**
 * @typedef {CommandFields & (ImageFields | PixelsFields | ShapeStyle & (
 *   {type: "rect", x: number, y: number, width: number, height: number, radius?: number}
 *   | {type: "circle", x: number, y: number, radius: number}
 *   | {type: "ellipse", x: number, y: number, radius_x: number, radius_y: number}
 *   | {type: "arc", x: number, y: number, radius: number, start: number, end: number}
 *   | {type: "line", points: [number, number][], width: number}
 *   | {type: "polygon", points: [number, number][]}
 *   | {type: "text", x: number, y: number, text: string, size: number, align?: CanvasTextAlign, weight?: string | number}
 * ))} DrawCommand
 */

/**
 * What `window.interactiveGym.snapshot()` returns. All but the phase is `null` before a game.
 * @typedef {object} Snapshot
 * @property {Phase} phase
 * @property {number | null} frame number of simulated frames
 * @property {number | null} confirmedFrame the last confirmed frame
 * @property {number | null} p2pRttMs the largest RTT to a partner; before a game, the last probe's
 * @property {number | null} rollbacks so far
 * @property {number | null} seat
 * @property {number | null} inputDelay in frames
 * @property {number | null} stalledTicks ticks so far that did not advance the game
 * @property {Resuming | null} resuming how far the game has been simulated again after a reload
 * @property {SeatCut[] | null} cuts the seats that were cut, and how many of their inputs count
 */

export {};
