/**
 * The payloads of `docs/protocol.md` as types, one typedef per payload.
 * Holds no code: it exists for the type checker and the reader.
 */

/**
 * @typedef {object} Bootstrap
 * @property {string} token
 * @property {string} experiment_id
 * @property {string} version
 * @property {string} runtime_url
 */

/** @typedef {"loading"|"scene"|"waiting"|"probing"|"starting"|"playing"|"paused"|"ended"|"excluded"|"error"} Phase */

/** @typedef {"offerer"|"answerer"} Role */

/**
 * @typedef {object} SceneFields
 * @property {string} scene_id
 * @property {string} header
 * @property {string} subheader
 * @property {string} body HTML written by the researcher
 */

/** @typedef {SceneFields & {type: "start"}} StartScene */
/** @typedef {SceneFields & {type: "end", redirect_url: string | null}} EndScene */
/** @typedef {SceneFields & {type: "completion_code", code: string, redirect_url: string | null}} CompletionCodeScene */

/** @typedef {{keys: string[], action: number}} KeyCombination */
/** @typedef {"pressed_keys"|"single_keystroke"} InputMode */

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
 * @property {unknown[]} actions
 * @property {number} default_action
 * @property {number} group_size
 * @property {{code: string, digest: string}} environment
 * @property {{timeout_ms: number | null, hide_lobby_count: boolean}} waitroom
 * @property {number} partner_timeout_ms
 * @property {{base_url: string, preload: string[]} | null} assets
 * @property {number} smoothing_ms
 */

/** @typedef {SceneFields & GameSceneFields} GameScene */
/** @typedef {StartScene | EndScene | CompletionCodeScene | GameScene} Scene */

/**
 * @typedef {object} WaitroomUpdate
 * @property {number | null} waiting
 * @property {number} group_size
 * @property {number} waited_ms
 * @property {number | null} timeout_ms
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

/** @typedef {{probe_session_id: string, signal: Signal}} ProbeSignal */
/** @typedef {{probe_session_id: string, outcome: "rejected"|"failed"|"cancelled"}} ProbeClose */

/**
 * @typedef {object} GameConfig
 * @property {string[]} agents
 * @property {number} seat
 * @property {number} seed
 * @property {number} session_tag
 * @property {number} num_episodes
 * @property {number | null} max_steps
 * @property {unknown[]} actions
 * @property {number} default_action
 * @property {number} fps
 * @property {number} input_delay
 * @property {number} max_prediction
 */

/** @typedef {{seat: number, role: Role, probe_session_id: string | null}} PeerSpec */

/**
 * @typedef {object} GameCreated
 * @property {string} game_id
 * @property {GameConfig} game
 * @property {PeerSpec[]} peers
 * @property {RTCIceServer[]} ice_servers
 * @property {boolean} force_relay
 */

/** @typedef {{game_id: string, from_seat: number, signal: Signal}} GameSignal */
/** @typedef {{game_id: string, countdown_ms: number}} GameStart */
/** @typedef {{game_id: string, reason: string, message: string}} GameEnded */
/** @typedef {"completed"|"partner_lost"|"desync"|"engine_error"} FinishReason */
/** @typedef {"hidden"|"visible"|"peer_silent"|"peer_heard"|"stall"|"link_state"|"desync"} GameEventKind */

/** @typedef {{seat: number, silence_ms: number, rtt_ms: number | null, frame: number}} PeerStatus */

/**
 * The result of one tick of `interactive_gym/netcode/game_loop.py`, packets already decoded.
 * @typedef {object} TickResult
 * @property {number} frame
 * @property {number} confirmed_frame
 * @property {boolean} advanced
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
 * @property {boolean} finished
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
 * @typedef {CommandFields & (ImageFields | ShapeStyle & (
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
 * What `window.interactiveGym.snapshot()` returns.
 * @typedef {object} Snapshot
 * @property {Phase} phase
 * @property {number | null} frame
 * @property {number | null} confirmedFrame
 * @property {number | null} p2pRttMs
 * @property {number | null} rollbacks
 * @property {number | null} seat
 */

export {};
