/**
 * One participant's run through the experiment: which scene, which phase, what comes next.
 * The only module that knows all the others; each event of the protocol arrives here.
 */

import { actionButton, actionLink } from "./dom.js";
import { Game } from "./game.js";
import { Images } from "./images.js";
import {
  completionCode,
  showBanner,
  showLoading,
  showLoadingFailed,
  showPage,
  showProgress,
} from "./pages.js";
import { currentPhase, setPhase } from "./phases.js";
import { Probes } from "./probes.js";
import { WaitroomView } from "./waitroom.js";
import { forGroup } from "./wording.js";

/** @import { GameCreated, GameEnded, GameScene, GameSignal, GameStart, Phase, ProbeClose, ProbePrepare, Scene, Snapshot, WaitroomEnded, WaitroomUpdate } from "./types.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Engine } from "./engine.js" */
/** @import { Timers } from "./timers.js" */

const FAREWELL_MS = 1500;
/** A connection lost for less than this is not worth a word. */
const BANNER_AFTER_MS = 700;

export class Session {
  #connection;
  #engine;
  #timers;
  #certificate;
  #waitroom = new WaitroomView();
  #sceneIndex = -1;
  /** @type {Scene | null} */
  #scene = null;
  /** Whether the environment is still loading for a participant who wants to play. */
  #joining = false;
  /** Whether the participant has asked to be in the waitroom of this scene. */
  #joined = false;
  #probes;
  /** Those of the scene, loaded while its instructions are read. */
  #images = new Images(null);
  /** The game being played, or the last one. @type {Game | null} */
  #game = null;
  #stopped = false;
  /** @type {(() => void) | null} */
  #cancelBanner = null;

  /**
   * @param {Connection} connection
   * @param {Engine} engine
   * @param {Timers} timers
   * @param {RTCCertificate | null} certificate
   */
  constructor(connection, engine, timers, certificate) {
    this.#connection = connection;
    this.#engine = engine;
    this.#timers = timers;
    this.#certificate = certificate;
    this.#probes = new Probes(connection, timers, certificate);
    engine.onProgress = showProgress;
    connection.onConnect = () => this.#onConnect();
    connection.onDisconnect = () => this.#onDisconnect();
    connection.onRefused = () => this.#onRefused();
    this.#listen();
  }

  /** @returns {Snapshot} */
  snapshot() {
    const tick = this.#game?.last;
    return {
      phase: currentPhase(),
      frame: tick?.frame ?? null,
      confirmedFrame: tick?.confirmed_frame ?? null,
      p2pRttMs: this.#game?.rttMs ?? this.#probes.rttMs,
      rollbacks: tick?.rollbacks ?? null,
      seat: this.#game?.seat ?? null,
    };
  }

  #listen() {
    /** @type {[string, (payload: any) => void][]} */
    const handlers = [
      ["scene", ({ index, scene }) => this.#onScene(index, scene)],
      ["waitroom_update", (update) => this.#onWaitroomUpdate(update)],
      ["waitroom_ended", (ended) => this.#onWaitroomEnded(ended)],
      ["probe_prepare", (prepare) => this.#onProbePrepare(prepare)],
      ["probe_start", ({ probe_session_id }) => this.#probes.start(probe_session_id)],
      ["probe_signal", (message) => this.#probes.onSignal(message)],
      ["probe_close", (message) => this.#onProbeClose(message)],
      ["game_created", (created) => this.#onGameCreated(created)],
      ["game_signal", (message) => this.#onGameSignal(message)],
      ["game_start", (start) => this.#onGameStart(start)],
      ["game_ended", (ended) => this.#onGameEnded(ended)],
      ["excluded", ({ message }) => this.#stop("excluded", "Thank you for your interest", message)],
      ["session_replaced", () => this.#onSessionReplaced()],
    ];
    for (const [event, handler] of handlers) {
      this.#connection.on(event, (payload) => {
        if (!this.#stopped) handler(payload);
      });
    }
  }

  #onConnect() {
    this.#hideBanner();
    this.#game?.onReconnect();
  }

  #onDisconnect() {
    this.#cancelBanner ??= this.#timers.after(BANNER_AFTER_MS, () =>
      showBanner("Connection lost, reconnecting…"),
    );
    // The server has given up these probes with the connection.
    this.#probes.closeAll();
    if (currentPhase() === "probing") this.#showWaiting();
  }

  #hideBanner() {
    this.#cancelBanner?.();
    this.#cancelBanner = null;
    showBanner("");
  }

  #onRefused() {
    const header = "This page is no longer valid";
    const text = "The study may have been restarted since it was opened.";
    // The token is forgotten already, so a reload begins anew.
    this.#stop("error", header, text, actionButton("Start again", null, () => location.reload()));
  }

  #onSessionReplaced() {
    const header = "This study is open in another window";
    const text = "You can go on there, or continue in this one.";
    this.#stop("error", header, text, actionButton("Continue here", null, () => location.reload()));
  }

  /**
   * Nothing more happens on this page.
   * @param {Phase} phase
   * @param {string} header
   * @param {string} text
   * @param {HTMLElement} [action]
   */
  #stop(phase, header, text, action) {
    this.#stopped = true;
    this.#leaveScene();
    this.#connection.close();
    this.#hideBanner();
    setPhase(phase);
    showPage({ header, text, actions: action ? [action] : [] });
  }

  get #isPlaying() {
    return this.#game !== null && !this.#game.isOver;
  }

  /** @param {number} index @param {Scene} scene */
  #onScene(index, scene) {
    if (index === this.#sceneIndex) {
      // The connection is back; what we were doing goes on.
      if (this.#joined && !this.#isPlaying) this.#sendJoin(scene);
      return;
    }
    this.#leaveScene();
    this.#sceneIndex = index;
    this.#scene = scene;
    this.#showScene(scene);
  }

  #leaveScene() {
    this.#joined = false;
    this.#joining = false;
    this.#waitroom.hide();
    this.#probes.closeAll();
    this.#game?.end("");
  }

  /** @param {Scene} scene */
  #showScene(scene) {
    const common = { header: scene.header, subheader: scene.subheader, bodyHtml: scene.body };
    switch (scene.type) {
      case "start":
        showPage({ ...common, actions: [this.#advanceButton("Continue")] });
        setPhase("scene");
        break;
      case "game":
        this.#images = new Images(scene.assets);
        // A failure is shown to whoever joins.
        this.#engine.prepare(scene.environment.code).catch(() => {});
        showPage({
          ...common,
          loader: true,
          actions: [actionButton("I am ready to play", "join", () => this.#join(scene))],
        });
        setPhase("scene");
        break;
      case "end":
      case "completion_code":
        showPage({
          ...common,
          extra: scene.type === "completion_code" ? completionCode(scene.code) : undefined,
          actions: scene.redirect_url ? [actionLink("Finish the study", scene.redirect_url)] : [],
        });
        setPhase("ended");
        break;
    }
  }

  /** @param {string} label */
  #advanceButton(label) {
    return actionButton(label, "advance", () => this.#advance());
  }

  #advance() {
    if (this.#scene) this.#connection.send("advance_scene", { scene_id: this.#scene.scene_id });
  }

  /** @param {GameScene} scene */
  async #join(scene) {
    if (this.#joining) return;
    this.#joining = true;
    setPhase("loading");
    showLoading();
    try {
      await this.#engine.prepare(scene.environment.code);
    } catch (error) {
      if (this.#scene !== scene) return;
      setPhase("error");
      showLoadingFailed(/** @type {Error} */ (error).message);
      return;
    }
    if (this.#scene !== scene || this.#stopped) return;
    this.#joining = false;
    this.#joined = true;
    this.#showWaiting();
    this.#sendJoin(scene);
  }

  /** @param {Scene} scene */
  #sendJoin(scene) {
    this.#connection.send("join_game", { scene_id: scene.scene_id });
  }

  #showWaiting() {
    const { type } = this.#scene ?? {};
    if (type !== "game") return;
    this.#waitroom.show(/** @type {GameScene} */ (this.#scene).group_size);
    setPhase("waiting");
  }

  /** @param {WaitroomUpdate} update */
  #onWaitroomUpdate(update) {
    if (this.#scene?.type !== "game" || this.#isPlaying) return;
    if (!this.#joined) {
      // The server kept our place over a reload; the engine has to be there again to play.
      this.#join(this.#scene);
      return;
    }
    this.#waitroom.update(update);
  }

  /** @param {WaitroomEnded} ended */
  #onWaitroomEnded({ message, redirect_url }) {
    if (this.#scene?.type !== "game") return;
    this.#joined = false;
    this.#probes.closeAll();
    this.#waitroom.hide();
    setPhase("ended");
    showPage({
      header: forGroup("No partner this time", this.#scene.group_size),
      text: message,
      actions: [
        redirect_url ? actionLink("Continue", redirect_url) : this.#advanceButton("Continue"),
      ],
    });
  }

  /** @param {ProbePrepare} prepare */
  #onProbePrepare(prepare) {
    if (!this.#joined || this.#isPlaying) return;
    this.#probes.prepare(prepare);
    this.#waitroom.setState("checking");
    setPhase("probing");
  }

  /** @param {ProbeClose} message */
  #onProbeClose({ probe_session_id }) {
    this.#probes.close(probe_session_id);
    if (!this.#probes.isEmpty || currentPhase() !== "probing") return;
    this.#waitroom.setState("still_looking");
    setPhase("waiting");
  }

  /** @param {GameCreated} created */
  #onGameCreated(created) {
    if (this.#scene?.type !== "game" || !this.#joined) return;
    if (created.game_id === this.#game?.id) return;
    this.#game?.close();
    this.#waitroom.hide();
    setPhase("starting");
    this.#game = new Game({
      created,
      scene: this.#scene,
      connection: this.#connection,
      engine: this.#engine,
      timers: this.#timers,
      certificate: this.#certificate,
      images: this.#images,
      takeProbeLink: (probeSessionId) => this.#probes.takeLink(probeSessionId),
    });
    this.#probes.closeAll();
  }

  /** @param {GameSignal} message */
  #onGameSignal(message) {
    if (message.game_id === this.#game?.id) this.#game.onSignal(message);
  }

  /** @param {GameStart} start */
  #onGameStart(start) {
    if (start.game_id === this.#game?.id) this.#game.onStart(start);
  }

  /** @param {GameEnded} ended */
  #onGameEnded({ game_id, reason, message }) {
    const game = this.#game?.id === game_id ? this.#game : null;
    if (reason === "start_timeout") {
      game?.close();
      this.#showWaiting();
      this.#waitroom.setState("still_looking");
      return;
    }
    this.#joined = false;
    if (reason === "completed") {
      game?.end("That was the game");
      const scene = this.#scene;
      this.#timers.after(game ? FAREWELL_MS : 0, () => {
        if (this.#scene === scene) this.#advance();
      });
      return;
    }
    game?.end("");
    setPhase("ended");
    showPage({
      header: "The game has ended early",
      text: message,
      actions: [this.#advanceButton("Continue")],
    });
  }
}
