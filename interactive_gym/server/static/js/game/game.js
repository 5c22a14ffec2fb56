/**
 * One game on this page: it puts together engine, partners, countdown, frames, uploads and ending.
 * The page reports what it sees. Who is lost and why a game is over is decided by the server, which
 * says so with `game_cut` and `game_ended`.
 */

import { setPhase } from "../pages/phases.js";
import { forGroup } from "../pages/wording.js";
import { Participation } from "../presence/participation.js";
import { GameView } from "../view/game_view.js";
import { Overlay } from "../view/overlay.js";
import { PictureMeter } from "../view/picture_meter.js";
import { Ending } from "./ending.js";
import { Keeper } from "./keeper.js";
import { linkQuality } from "./link_quality.js";
import { NetworkReport } from "./network_report.js";
import { Partners } from "./partners.js";
import { Pauses } from "./pauses.js";
import { Reports } from "./reports.js";
import { Uploader } from "./uploader.js";

/** @import { FinishReason, GameCreated, GameEventKind, GameScene, GameSignal, GameStart, QuitReason, SentEvents, TickResult } from "../types.js" */
/** @import { Engine } from "../engine/engine.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { PeerLink } from "../net/peer_link.js" */
/** @import { Timers } from "../timers.js" */
/** @import { Images } from "../view/images.js" */
/** @import { KeptGames } from "./kept_games.js" */

/** How long the links stay open after the end, for a partner who still needs our last inputs. */
const DRAIN_MS = 3000;
/** Longer error messages of the engine are cut off. */
const MAX_MESSAGE_CHARS = 500;
/** Of a traceback the end is told, which has at most so many characters as JSON in ASCII. */
const MAX_TRACEBACK_CHARS = 1000;
/** A participant whose game cannot be saved as the server is away is told so after this time. */
const UNSAVED_AFTER_MS = 60_000;
const UNSAVED_STEP_MS = 2000;

/**
 * @typedef {object} GameOptions
 * @property {GameCreated} created
 * @property {GameScene} scene
 * @property {Connection} connection
 * @property {Engine} engine
 * @property {Timers} timers
 * @property {RTCCertificate | null} certificate
 * @property {Images} images
 * @property {KeptGames} keptGames
 * @property {() => void} onUnsaved when the game is over and the server has been away for long
 * @property {(probeSessionId: string) => PeerLink | null} takeProbeLink
 */

export class Game {
  #created;
  #connection;
  #engine;
  #timers;
  #view;
  #overlay = new Overlay();
  #participation;
  #partners;
  #pauses;
  #route;
  #uploader;
  #ending;
  #pictures = new PictureMeter();
  #events;
  #network;
  #keeper;
  #onUnsaved;
  #engineReady = false;
  #readySent = false;
  #started = false;
  #resumed;
  /** @type {QuitReason | null} */
  #quit = null;
  #finished = false;
  #over = false;
  #closed = false;

  /** The last tick's result. @type {TickResult | null} */
  last = null;

  /** @param {GameOptions} options */
  constructor(options) {
    const { created, scene, connection, engine, timers } = options;
    this.#created = created;
    this.#connection = connection;
    this.#engine = engine;
    this.#timers = timers;
    this.#resumed = !created.game.incarnation;
    this.#view = new GameView(scene, created.game, options.images);
    this.#overlay.show({
      text: this.#resumed
        ? forGroup("Connecting to your partner…", scene.group_size)
        : "Returning to your game…",
    });
    this.#participation = new Participation({
      ...options,
      onEvent: (kind) => this.#event(kind, {}),
      onGone: (reason) => this.#leave(reason),
    });
    const rowsPerFrame = created.game.agents.length;
    const page = { game_id: this.id, incarnation: this.incarnation };
    this.#route = connection.uploadRoute(created.uploads);
    this.#uploader = new Uploader(this.#route, timers, page, rowsPerFrame);
    this.#uploader.onHeld = () => this.#showHeld();
    this.#ending = new Ending(page, this.#uploader, connection, timers);
    this.#onUnsaved = options.onUnsaved;
    engine.onFrame = (result) => this.#onFrame(result);
    engine.onError = (error) => this.#fail(error);
    this.#pauses = new Pauses({
      limitMs: scene.partner_timeout_ms,
      fps: created.game.fps,
      groupSize: scene.group_size,
      onSilent: ({ seat, silence_ms }) => this.#event("peer_silent", { seat, silence_ms }),
      onHeard: ({ seat, silence_ms }) => this.#event("peer_heard", { seat, silence_ms }),
      onLost: (seat) => this.#sayLost(seat),
      onStall: (ticks) => this.#event("stall", { ticks }),
    });
    this.#partners = new Partners({
      ...options,
      onDatagram: (seat, bytes) => engine.receive(seat, bytes),
      onOpen: () => this.#readyIfAllIs(),
      onState: (seat, state) => this.#event("link_state", { seat, state }),
    });
    const told = { connection, timers, page };
    this.#events = new Reports({ ...told, event: "game_events", field: "events" });
    const network = new Reports({
      ...told,
      connection: this.#route,
      event: "game_network",
      field: "rows",
    });
    this.#network = new NetworkReport(network, this.#partners, this.#pictures);
    this.#keeper = new Keeper({
      ...options,
      game: { ...told.page, token: connection.token, rows_per_frame: rowsPerFrame },
      uploader: this.#uploader,
      ending: this.#ending,
      events: this.#events,
      network,
    });
    this.#startEngine();
  }

  get id() {
    return this.#created.game_id;
  }

  /** How often this participant has reloaded the page during the game. */
  get incarnation() {
    return this.#created.game.incarnation ?? 0;
  }

  /** Whether the game is over. */
  get isOver() {
    return this.#over;
  }

  /** The fields of the page's snapshot that concern the game. */
  snapshot() {
    const { seat, input_delay } = this.#created.game;
    return {
      frame: this.last?.frame ?? null,
      confirmedFrame: this.last?.confirmed_frame ?? null,
      p2pRttMs: this.#partners.rttMs,
      rollbacks: this.last?.rollbacks ?? null,
      seat,
      inputDelay: this.last?.input_delay ?? input_delay,
      stalledTicks: this.#pauses.stalledTicks,
      resuming: this.last?.resuming ?? null,
      cuts: this.last?.cuts ?? null,
    };
  }

  /** @param {GameSignal} message */
  onSignal(message) {
    this.#partners.receiveSignal(message);
  }

  /** @param {GameStart} start */
  onStart({ countdown_ms }) {
    if (this.#started) return;
    this.#started = true;
    this.#engine.run(countdown_ms);
    this.#participation.start();
    this.#view.focus();
    if (this.#resumed) this.#countDown(countdown_ms);
  }

  /**
   * A partner has reloaded. The server may say so more than once.
   * @param {number} seat
   * @param {number} incarnation
   */
  onPeerReloaded(seat, incarnation) {
    if (this.#partners.reload(seat, incarnation)) this.#pauses.noteReload(seat, performance.now());
  }

  /**
   * A partner's page is loaded again.
   * @param {number} seat
   * @param {number | null} fraction how far it is, or null if it is not there any more
   */
  onPeerReturning(seat, fraction) {
    this.#pauses.noteLoading(seat, fraction);
  }

  /** @param {number} seat that is lost for good */
  onCut(seat) {
    if (seat === this.#created.game.seat) return;
    this.#pauses.noteCut(seat);
    this.#engine.cut(seat);
    this.#partners.cut(seat);
    this.#readyIfAllIs();
  }

  /** The connection to the server is back. What was sent last may be lost, so it is sent again. */
  onReconnect() {
    if (this.#closed) return;
    this.#partners.onReconnect();
    if (this.#readySent && !this.#started) this.#send("game_ready", {});
    if (this.#created.game.incarnation && this.#resumed) this.#sayResumed();
    if (this.#quit) this.#send("game_quit", { reason: this.#quit });
    if (!this.#over) this.#ending.onReconnect();
  }

  /**
   * End the game. The remaining rows are uploaded, and the links stay open for a moment.
   * @param {string} farewell shown over the last picture
   */
  end(farewell) {
    if (this.#over) return;
    this.#over = true;
    this.#stopPlaying();
    if (farewell) this.#overlay.show({ text: farewell });
    this.#uploader.flush();
    this.#timers.after(DRAIN_MS, () => this.close());
  }

  /** Release everything at once. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#over = true;
    this.#stopPlaying();
    this.#route.close();
    this.#uploader.finish();
    this.#ending.close();
    this.#keeper.finish();
    this.#pictures.close();
    this.#engine.onFrame = () => {};
    this.#engine.onError = () => {};
    this.#engine.stop();
    this.#view.close();
    this.#partners.close();
  }

  async #startEngine() {
    try {
      const picture = await this.#engine.start(this.#created.game);
      if (this.#resumed) this.#view.draw(picture);
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
      return;
    }
    this.#engineReady = true;
    this.#readyIfAllIs();
  }

  #readyIfAllIs() {
    if (this.#readySent || this.#closed || !this.#engineReady) return;
    if (!this.#partners.areAllOpen) return;
    this.#readySent = true;
    if (this.#resumed) this.#overlay.show({ text: "Get ready" });
    this.#send("game_ready", {});
  }

  /** @param {number} remainingMs */
  #countDown(remainingMs) {
    if (this.#finished || this.last) return;
    if (remainingMs <= 0) {
      this.#overlay.show({ text: "Here we go" });
      return;
    }
    this.#overlay.show({ text: "Get ready", big: String(Math.ceil(remainingMs / 1000)) });
    this.#view.showLink(linkQuality([], this.#partners.rttMs));
    const stepMs = remainingMs % 1000 || 1000;
    this.#timers.after(stepMs, () => this.#countDown(remainingMs - stepMs));
  }

  /** @param {TickResult} result */
  #onFrame(result) {
    if (this.#closed) return;
    this.last = result;
    for (const [seat, bytes] of result.packets) this.#partners.send(seat, bytes);
    if (result.rows && result.columns && result.first_frame !== undefined) {
      this.#uploader.add(result.columns, result.first_frame, result.rows, result.digest ?? "");
    }
    this.#network.add(result.network);
    if (this.#over && result.drained) this.close();
    if (this.#finished) return;
    this.#view.showFrame(result);
    this.#pictures.note();
    this.#view.showLink(linkQuality(result.peers, this.#partners.rttMs));
    this.#partners.note(result.peers);
    this.#pauses.noteTick(result, performance.now());
    if (!this.#resumed && !result.resuming) {
      this.#resumed = true;
      this.#sayResumed();
    }
    if (result.desync) {
      this.#event("desync", result.desync);
      this.#finish("desync");
    } else if (result.finished) {
      this.#finish(result.cut_short ? "partner_lost" : "completed");
    } else {
      this.#showPause();
    }
  }

  #showPause() {
    if (this.#quit) return;
    const { message } = this.#pauses;
    setPhase(message ? "paused" : "playing");
    if (!message) {
      this.#overlay.hide();
      return;
    }
    this.#overlay.show(message);
    this.#participation.excuse();
  }

  /** @param {number} seat */
  #sayLost(seat) {
    // This is repeated every second, so it need not be kept until there is a connection.
    if (this.#connection.isConnected) this.#send("game_peer_lost", { seat });
  }

  #sayResumed() {
    this.#send("game_resumed", { frame: this.last?.frame ?? 0 });
  }

  /**
   * This participant has left. The game goes on here until the server has answered.
   * @param {QuitReason} reason
   */
  #leave(reason) {
    this.#quit = reason;
    this.#overlay.show({ text: "One moment…" });
    this.#send("game_quit", { reason });
  }

  /**
   * The game has ended on this page: upload the last rows and report why.
   * @param {FinishReason} reason
   */
  #finish(reason) {
    if (this.#finished) return;
    this.#stopPlaying();
    if (reason === "engine_error") this.#engine.stop();
    this.#overlay.show({ text: reason === "completed" ? "Saving the game…" : "One moment…" });
    this.#ending.report(reason);
    this.#watchSaving(0);
  }

  /** @param {number} awayMs for how long the server has been away */
  #watchSaving(awayMs) {
    if (this.#over || !this.#ending.isWaiting) return;
    if (awayMs >= UNSAVED_AFTER_MS) {
      this.#onUnsaved();
      return;
    }
    const nextMs = this.#connection.isConnected ? 0 : awayMs + UNSAVED_STEP_MS;
    this.#timers.after(UNSAVED_STEP_MS, () => this.#watchSaving(nextMs));
  }

  /** The server cannot save at the moment. Only who waits for it needs to know. */
  #showHeld() {
    if (!this.#finished || this.#over) return;
    this.#overlay.show({ text: "The game cannot be saved just now. Please keep this page open." });
  }

  /** @param {Error} error of the engine */
  #fail({ message, cause }) {
    if (this.#finished) return;
    const traceback = typeof cause === "string" ? endOf(cause, MAX_TRACEBACK_CHARS) : null;
    this.#event("engine_error", { message: message.slice(0, MAX_MESSAGE_CHARS), traceback });
    this.#finish("engine_error");
  }

  #stopPlaying() {
    this.#finished = true;
    this.#participation.stop();
  }

  /** @param {GameEventKind} kind @param {unknown} detail */
  #event(kind, detail) {
    this.#events.add({ kind, frame: this.last?.frame ?? 0, detail });
  }

  /**
   * @template {keyof SentEvents} Event
   * @param {Event} event
   * @param {Omit<SentEvents[Event], "game_id">} payload
   */
  #send(event, payload) {
    const message = /** @type {SentEvents[Event]} */ ({ game_id: this.id, ...payload });
    this.#connection.send(event, message);
  }
}

/**
 * The end of a text that has at most so many characters as JSON in ASCII, as the server counts.
 * @param {string} text
 * @param {number} maxChars
 */
function endOf(text, maxChars) {
  let end = text.slice(-maxChars);
  const size = () => JSON.stringify(end).replace(/[^\x20-\x7e]/g, "\\u0000").length;
  while (size() > maxChars) end = end.slice(Math.ceil(end.length / 10));
  return end;
}
