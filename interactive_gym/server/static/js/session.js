/**
 * One participant's way through the experiment: the scene, the phase and what comes next.
 * Every event of the protocol arrives here and is handed to the module it concerns.
 */

import { Game } from "./game/game.js";
import { KeptGames } from "./game/kept_games.js";
import { LateUploads } from "./game/late_uploads.js";
import { Departure } from "./pages/departure.js";
import { DevicePage } from "./pages/device_page.js";
import { actionButton } from "./pages/dom.js";
import {
  showBanner,
  showLoading,
  showLoadingFailed,
  showPage,
  showProgress,
  showUnreachable,
  showUnsaved,
} from "./pages/pages.js";
import { currentPhase, setPhase } from "./pages/phases.js";
import { QuestionPage } from "./pages/question_page.js";
import { showGameEnded, showScene, showWaitEnded } from "./pages/scene_pages.js";
import { Images } from "./view/images.js";
import { Waiting } from "./waitroom/waiting.js";

/** @import { GameCreated, GameCut, GameEnded, GamePeerReloaded, GamePeerReturning, GameResumable, GameScene, GameSignal, GameStart, Phase, ProbePrepare, Refusal, Scene, Snapshot, ToldScene, WaitroomEnded, WaitroomUpdate } from "./types.js" */
/** @import { Engine } from "./engine/engine.js" */
/** @import { Connection } from "./net/connection.js" */
/** @import { Timers } from "./timers.js" */

const FAREWELL_MS = 1500;
/** A connection that is back within this time causes no banner. */
const BANNER_AFTER_MS = 700;
/** After this time without the server, a participant is told what to do if it stays away. */
const AWAY_AFTER_MS = 60_000;
const AWAY_AGAIN_MS = 5000;

/** In so many steps partners hear how far a page has loaded that was reloaded. */
const RETURNING_STEPS = 20;

const SERVER_STOPS = "The study is being restarted. Please stay on this page: your place is kept.";
const OPEN_ELSEWHERE = {
  header: "This study is open in another window",
  text: "You can go on there, or continue in this one.",
};

/** A snapshot's fields of the game before there is one. */
export const NO_GAME = {
  frame: null,
  confirmedFrame: null,
  p2pRttMs: null,
  rollbacks: null,
  seat: null,
  inputDelay: null,
  stalledTicks: null,
  resuming: null,
  cuts: null,
};

export class Session {
  #connection;
  #engine;
  #timers;
  #certificate;
  #waiting;
  #departure;
  /** The page that is read and answered, if the scene is one. @type {QuestionPage | DevicePage | null} */
  #page = null;
  #sceneIndex = -1;
  /** @type {Scene | null} */
  #scene = null;
  /** Whether the participant has asked to play and the environment is still loading. */
  #joining = false;
  /** Whether the server has been asked for a game of this scene. */
  #joined = false;
  /** A code by which researchers find this participant, for when the server stays away. */
  #ownCode = "";
  #keptGames = new KeptGames();
  /** What earlier pages have kept is sent once there is a connection. */
  #hasSentKept = false;
  /** The scene's images, loaded while its instructions are read. */
  #images = new Images(null);
  /** The present game, or the last one. @type {Game | null} */
  #game = null;
  /** How far the engine has loaded, from 0 to 1. */
  #loaded = 0;
  /** The game that this page is loaded for again, and the last step told. @type {{game_id: string, step: number} | null} */
  #returning = null;
  #stopped = false;
  /** Whether the server has said that it is about to be restarted. */
  #serverStops = false;
  /** @type {(() => void) | null} */
  #cancelBanner = null;
  /** @type {(() => void) | null} */
  #cancelAway = null;

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
    this.#waiting = new Waiting(connection, timers, certificate);
    this.#departure = new Departure(connection, timers);
    engine.onProgress = (fraction, label) => this.#onProgress(fraction, label);
    connection.onConnect = () => this.#onConnect();
    connection.onDisconnect = () => this.#onDisconnect();
    connection.onUnreachable = (fault) => this.#onUnreachable(fault);
    connection.onRefused = (reason) => this.#onRefused(reason);
    this.#listen();
  }

  /** @returns {Snapshot} */
  snapshot() {
    const game = this.#game?.snapshot() ?? NO_GAME;
    const p2pRttMs = game.p2pRttMs ?? this.#waiting.rttMs;
    return { ...game, p2pRttMs, phase: currentPhase() };
  }

  #listen() {
    const waiting = this.#waiting;
    /** @type {[string, (payload: any) => void][]} */
    const handlers = [
      ["scene", (told) => this.#onScene(told)],
      ["waitroom_update", (update) => this.#onWaitroomUpdate(update)],
      ["waitroom_ended", (ended) => this.#onWaitroomEnded(ended)],
      ["probe_prepare", (prepare) => this.#onProbePrepare(prepare)],
      ["probe_start", ({ probe_session_id }) => waiting.startProbe(probe_session_id)],
      ["probe_signal", (message) => waiting.onProbeSignal(message)],
      ["probe_close", (message) => waiting.closeProbe(message)],
      ["game_created", (created) => this.#onGameCreated(created)],
      ["game_signal", (message) => this.#onGameSignal(message)],
      ["game_start", (start) => this.#onGameStart(start)],
      ["game_resumable", (resumable) => this.#onGameResumable(resumable)],
      ["game_peer_reloaded", (reloaded) => this.#onGamePeerReloaded(reloaded)],
      ["game_peer_returning", (returning) => this.#onGamePeerReturning(returning)],
      ["game_cut", (cut) => this.#onGameCut(cut)],
      ["game_ended", (ended) => this.#onGameEnded(ended)],
      ["server_stopping", () => this.#onServerStopping()],
      ["session_replaced", () => this.#onSessionReplaced()],
    ];
    for (const [event, handler] of handlers) {
      this.#connection.on(event, (payload) => {
        if (!this.#stopped) handler(payload);
      });
    }
  }

  #onConnect() {
    this.#serverStops = false;
    this.#hideBanner();
    this.#game?.onReconnect();
    if (this.#hasSentKept) return;
    this.#hasSentKept = true;
    new LateUploads(this.#connection, this.#timers, this.#keptGames).send();
  }

  #onDisconnect() {
    this.#cancelBanner ??= this.#timers.after(BANNER_AFTER_MS, () =>
      showBanner(this.#serverStops ? SERVER_STOPS : "Connection lost, reconnecting…"),
    );
    this.#cancelAway ??= this.#timers.after(AWAY_AFTER_MS, () => this.#onServerAway());
    this.#waiting.onDisconnect();
  }

  /** There has been no server for long. Whoever plays goes on, and may not need it. */
  #onServerAway() {
    this.#cancelAway = null;
    if (currentPhase() === "playing") {
      this.#cancelAway = this.#timers.after(AWAY_AGAIN_MS, () => this.#onServerAway());
      return;
    }
    // A page with an error has said what to do.
    if (!this.#ownCode || this.#stopped || currentPhase() === "error") return;
    showBanner(
      "The study cannot be reached at the moment. This page keeps trying. If you have to leave, " +
        `this is your completion code: ${this.#ownCode}`,
    );
  }

  #hideBanner() {
    this.#cancelBanner?.();
    this.#cancelBanner = null;
    this.#cancelAway?.();
    this.#cancelAway = null;
    showBanner("");
  }

  /**
   * There has been no connection yet. It is still tried, and the scene takes the page's place.
   * @param {string} fault
   */
  #onUnreachable(fault) {
    this.#connection.reportLoadFailure("connection", fault);
    this.#hideBanner();
    setPhase("error");
    showUnreachable(fault);
  }

  /** @param {Refusal} reason */
  #onRefused(reason) {
    if (reason === "open_elsewhere") {
      // A page that was connected before has lost the participant to the other one meanwhile.
      if (this.#scene) this.#onSessionReplaced();
      else this.#offerTakeover();
      return;
    }
    if (reason === "already_started") {
      const text =
        "The study can be opened only once. If it is still open in another window, please go on " +
        "there. Otherwise, please write to the people who invited you.";
      this.#stop("error", "You have already opened this study", text);
      return;
    }
    if (reason === "closed") {
      const text = "The study is being restarted. Please try again in a few minutes.";
      const again = actionButton("Try again", null, () => location.reload());
      this.#stop("error", "Nobody can join at the moment", text, again);
      return;
    }
    if (reason === "too_many_newcomers") {
      const text =
        "Very many people have started from your network within a short time. Please try again " +
        "in a few minutes.";
      const again = actionButton("Try again", null, () => location.reload());
      this.#stop("error", "You cannot join at the moment", text, again);
      return;
    }
    const header = "This page is no longer valid";
    const text = "The study may have been restarted since it was opened.";
    // The token is already forgotten, so a reload starts anew.
    this.#stop("error", header, text, actionButton("Start again", null, () => location.reload()));
  }

  #onServerStopping() {
    this.#serverStops = true;
    // Whoever plays need not know yet: their game may be over before.
    if (!this.#isPlaying) showBanner(SERVER_STOPS);
  }

  #onSessionReplaced() {
    const { header, text } = OPEN_ELSEWHERE;
    this.#stop("error", header, text, actionButton("Continue here", null, () => location.reload()));
  }

  /** Another window has the study open: ask before it is taken from there. */
  #offerTakeover() {
    const takeOver = () => {
      showPage({ header: "One moment…" });
      this.#connection.takeOver();
    };
    setPhase("error");
    showPage({ ...OPEN_ELSEWHERE, actions: [actionButton("Continue here", null, takeOver)] });
  }

  /**
   * Stop for good and show why.
   * @param {Phase} phase
   * @param {string} header
   * @param {string} text
   * @param {HTMLElement} [action]
   */
  #stop(phase, header, text, action) {
    this.#stopped = true;
    // A game that is ended would go on for a moment with the participant's last action.
    this.#game?.close();
    this.#leaveScene();
    this.#connection.close();
    this.#hideBanner();
    setPhase(phase);
    showPage({ header, text, actions: action ? [action] : [] });
  }

  get #isPlaying() {
    return this.#game !== null && !this.#game.isOver;
  }

  /** The scene, if it is a game scene. @returns {GameScene | null} */
  get #gameScene() {
    return this.#scene?.type === "game" ? this.#scene : null;
  }

  /** @param {ToldScene} told */
  #onScene({ index, scene, own_code, tries }) {
    this.#ownCode = own_code;
    if (index === this.#sceneIndex) {
      // The same scene again: the connection is back.
      this.#departure.onReconnect();
      if (!this.#joined || this.#isPlaying) return;
      if (this.#waiting.hasLeft) this.#waiting.leaveAgain();
      else this.#sendJoin(scene);
      return;
    }
    this.#leaveScene();
    this.#page?.forget();
    this.#page = null;
    this.#sceneIndex = index;
    this.#scene = scene;
    if (scene.type === "game") {
      this.#images = new Images(scene.assets);
      this.#images.onMissing = (why) => this.#connection.reportLoadFailure("image", why);
      // A failure is shown once the participant joins.
      this.#engine.prepare(scene.environment, scene.pyodide_url).catch(() => {});
    }
    if (scene.type === "game" || scene.type === "end" || scene.type === "completion_code") {
      showScene(scene, this.#waysOn);
    } else if (scene.type === "device_check") {
      this.#page = new DevicePage(scene, {
        depart: (message) => this.#departure.ask(message),
        engine: this.#engine,
        timers: this.#timers,
      });
    } else {
      this.#page = new QuestionPage(scene, {
        depart: (message) => this.#departure.ask(message),
        key: `${scene.scene_id} ${this.#connection.token}`,
        tries: tries ?? 0,
      });
    }
    setPhase(scene.type === "end" || scene.type === "completion_code" ? "ended" : "scene");
  }

  #leaveScene() {
    this.#departure.end();
    this.#joined = false;
    this.#joining = false;
    this.#waiting.end();
    this.#game?.end("");
  }

  get #waysOn() {
    return { advance: () => this.#advance(), join: () => this.#wait() };
  }

  #advance() {
    const scene = this.#scene;
    if (scene) this.#departure.ask(() => ({ scene_id: scene.scene_id }));
  }

  /**
   * Ask to play as soon as the environment is loaded.
   * @param {boolean} isReturning whether the game has already begun
   */
  async #join(isReturning) {
    const scene = this.#gameScene;
    if (!scene || this.#joining) return;
    this.#joining = true;
    setPhase("loading");
    showLoading(isReturning);
    const stillWanted = () => this.#scene === scene && this.#joining && !this.#stopped;
    try {
      await Promise.all([
        this.#engine.prepare(scene.environment, scene.pyodide_url),
        this.#images.preloaded,
      ]);
    } catch (error) {
      if (!stillWanted()) return;
      const { message, cause } = /** @type {Error} */ (error);
      setPhase("error");
      showLoadingFailed(message, typeof cause === "string" && cause.startsWith("Traceback"));
      this.#connection.reportLoadFailure("game", message);
      return;
    }
    if (!stillWanted()) return;
    this.#joining = false;
    this.#joined = true;
    this.#returning = null;
    this.#sendJoin(scene);
  }

  /** @param {Scene} scene */
  #sendJoin(scene) {
    this.#connection.send("join_game", { scene_id: scene.scene_id });
  }

  /** Ask for a group, and show the waitroom at once. */
  async #wait() {
    await this.#join(false);
    if (this.#gameScene && this.#joined && !this.#isPlaying) this.#waiting.begin(this.#gameScene);
  }

  /** @param {WaitroomUpdate} update */
  #onWaitroomUpdate(update) {
    if (!this.#gameScene || this.#isPlaying) return;
    // The server kept the place over a reload, but the engine has to be loaded again.
    if (!this.#joined) {
      this.#wait();
      return;
    }
    this.#waiting.begin(this.#gameScene);
    this.#waiting.update(update);
  }

  /** @param {WaitroomEnded} ended */
  #onWaitroomEnded(ended) {
    if (!this.#gameScene || !(this.#joined || this.#joining)) return;
    this.#joined = false;
    this.#joining = false;
    this.#waiting.end();
    setPhase("ended");
    showWaitEnded(this.#gameScene, ended, this.#waysOn);
  }

  /** @param {ProbePrepare} prepare */
  #onProbePrepare(prepare) {
    if (this.#joined && !this.#isPlaying) this.#waiting.prepareProbe(prepare);
  }

  /** @param {GameCreated} created */
  #onGameCreated(created) {
    const scene = this.#gameScene;
    if (!scene || !this.#joined) return;
    const { game_id, game } = created;
    // A page that was about to get the game from a partner is invited again if that one reloads.
    if (game_id === this.#game?.id && (game.incarnation ?? 0) <= this.#game.incarnation) return;
    this.#game?.close();
    setPhase("starting");
    this.#game = new Game({
      created,
      scene,
      connection: this.#connection,
      engine: this.#engine,
      timers: this.#timers,
      certificate: this.#certificate,
      images: this.#images,
      keptGames: this.#keptGames,
      onUnsaved: () => this.#onUnsaved(),
      takeProbeLink: (probeSessionId) => this.#waiting.takeLink(probeSessionId),
    });
    this.#waiting.end();
  }

  /** The game is over and the server has been away for long. The end follows when it is back. */
  #onUnsaved() {
    if (this.#stopped) return;
    setPhase("error");
    showUnsaved(this.#ownCode);
  }

  /** @param {GameSignal} message */
  #onGameSignal(message) {
    if (message.game_id === this.#game?.id) this.#game.onSignal(message);
  }

  /** @param {GameStart} start */
  #onGameStart(start) {
    if (start.game_id === this.#game?.id) this.#game.onStart(start);
  }

  /** @param {number} fraction @param {string} label */
  #onProgress(fraction, label) {
    showProgress(fraction, label);
    this.#loaded = fraction;
    this.#sayReturning();
  }

  /** Tell the partners of a game, in steps, how far this page has loaded it again. */
  #sayReturning() {
    const step = Math.floor(this.#loaded * RETURNING_STEPS);
    if (!this.#returning || step <= this.#returning.step || !this.#connection.isConnected) return;
    this.#returning.step = step;
    const { game_id } = this.#returning;
    this.#connection.send("game_returning", { game_id, fraction: step / RETURNING_STEPS });
  }

  /** @param {GameResumable} resumable */
  #onGameResumable({ game_id }) {
    // The server has already been asked for the game.
    if (!this.#gameScene || (this.#joined && !this.#isPlaying)) return;
    if (this.#game?.id === game_id) {
      this.#game.close();
      this.#game = null;
    }
    this.#waiting.end();
    this.#returning = { game_id, step: 0 };
    this.#sayReturning();
    this.#join(true);
  }

  /** @param {GamePeerReloaded} reloaded */
  #onGamePeerReloaded({ game_id, seat, incarnation }) {
    if (game_id === this.#game?.id) this.#game.onPeerReloaded(seat, incarnation);
  }

  /** @param {GamePeerReturning} returning */
  #onGamePeerReturning({ game_id, seat, fraction }) {
    if (game_id === this.#game?.id) this.#game.onPeerReturning(seat, fraction);
  }

  /** @param {GameCut} cut */
  #onGameCut({ game_id, seat }) {
    if (game_id === this.#game?.id) this.#game.onCut(seat);
  }

  /** @param {GameEnded} ended */
  #onGameEnded(ended) {
    const scene = this.#gameScene;
    if (!scene) return;
    const game = this.#game?.id === ended.game_id ? this.#game : null;
    if (ended.reason === "start_timeout") {
      game?.close();
      this.#waiting.begin(scene);
      this.#waiting.goOn();
      return;
    }
    this.#joined = false;
    this.#joining = false;
    this.#waiting.end();
    if (ended.reason === "completed" && ended.way_on === "next_scene") {
      game?.end("That was the game");
      this.#timers.after(game ? FAREWELL_MS : 0, () => {
        if (this.#scene === scene) this.#advance();
      });
      return;
    }
    game?.end("");
    setPhase("ended");
    showGameEnded(scene, ended, this.#waysOn);
  }
}
