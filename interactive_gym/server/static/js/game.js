/**
 * One game on this page: links, engine, countdown, frames, uploads, finish.
 * Never decides why a game is over for everybody; it reports how it ended here and the server
 * answers with `game_ended`.
 */

import { GameView } from "./game_view.js";
import { Keyboard } from "./keyboard.js";
import { LinkMonitor } from "./link_monitor.js";
import { SILENT_MS, linkQuality } from "./link_quality.js";
import { PeerLink } from "./peer_link.js";
import { setPhase } from "./phases.js";
import { Uploader } from "./uploader.js";
import { forGroup } from "./wording.js";

/** @import { FinishReason, GameCreated, GameEventKind, GameScene, GameSignal, GameStart, PeerSpec, TickResult } from "./types.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Engine } from "./engine.js" */
/** @import { Images } from "./images.js" */
/** @import { Timers } from "./timers.js" */

/** How long the links stay after the end, for a partner who still needs our last inputs. */
const DRAIN_MS = 3000;
/** Ticks in a row without advancing that are worth an entry in the data. */
const REPORTED_STALL_TICKS = 5;
const RESEND_MS = 1000;

/**
 * @typedef {object} GameOptions
 * @property {GameCreated} created
 * @property {GameScene} scene
 * @property {Connection} connection
 * @property {Engine} engine
 * @property {Timers} timers
 * @property {RTCCertificate | null} certificate
 * @property {Images} images
 * @property {(probeSessionId: string) => PeerLink | null} takeProbeLink
 */

export class Game {
  #created;
  #scene;
  #connection;
  #engine;
  #timers;
  #view;
  #keyboard;
  #uploader;
  /** By seat. @type {Map<number, PeerLink>} */
  #links = new Map();
  /** @type {LinkMonitor[]} */
  #monitors = [];
  #engineReady = false;
  #readySent = false;
  #started = false;
  #finished = false;
  #over = false;
  #closed = false;
  #stalledTicks = 0;
  /** Seats that are silent now. @type {Set<number>} */
  #silent = new Set();
  #listeners = new AbortController();

  /** The last tick's result. @type {TickResult | null} */
  last = null;

  /** @param {GameOptions} options */
  constructor(options) {
    const { created, scene, connection, engine, timers } = options;
    this.#created = created;
    this.#scene = scene;
    this.#connection = connection;
    this.#engine = engine;
    this.#timers = timers;
    this.#view = new GameView(scene, created.game, options.images);
    this.#view.showOverlay(forGroup("Connecting to your partner…", created.game.agents.length));
    this.#keyboard = new Keyboard(
      scene.action_mapping,
      scene.default_action,
      scene.input_mode,
      (action) => this.#setAction(action),
    );
    this.#uploader = new Uploader(connection, timers, this.id, created.game.agents.length);
    document.addEventListener("visibilitychange", () => this.#onVisibility(), {
      signal: this.#listeners.signal,
    });
    engine.onFrame = (result) => this.#onFrame(result);
    engine.onError = () => this.#finish("engine_error");
    for (const peer of created.peers) this.#addLink(peer, options);
    this.#startEngine();
  }

  get id() {
    return this.#created.game_id;
  }

  get seat() {
    return this.#created.game.seat;
  }

  /** Whether nothing more is played here. */
  get isOver() {
    return this.#over;
  }

  /** The largest P2P RTT to any partner in ms. @returns {number | null} */
  get rttMs() {
    const known = this.#monitors.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
    return known.length > 0 ? Math.max(...known) : null;
  }

  /** @param {GameSignal} message */
  onSignal({ from_seat, signal }) {
    this.#links.get(from_seat)?.receiveSignal(signal);
  }

  /** @param {GameStart} start */
  onStart({ countdown_ms }) {
    if (this.#started) return;
    this.#started = true;
    this.#engine.run(countdown_ms);
    this.#onVisibility();
    this.#view.focus();
    this.#countDown(countdown_ms);
  }

  /** The connection to the server is back. */
  onReconnect() {
    if (this.#readySent && !this.#started) this.#send("game_ready", {});
  }

  /**
   * The game is over for everybody. Rows still to be uploaded are, and the links stay a moment.
   * @param {string} farewell shown over the last picture
   */
  end(farewell) {
    if (this.#over) return;
    this.#over = true;
    this.#finished = true;
    this.#keyboard.close();
    if (farewell) this.#view.showOverlay(farewell);
    this.#uploader.flush();
    this.#timers.after(DRAIN_MS, () => this.close());
  }

  /** Let go of everything at once. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#over = true;
    this.#finished = true;
    this.#listeners.abort();
    this.#keyboard.close();
    this.#uploader.close();
    this.#engine.onFrame = () => {};
    this.#engine.onError = () => {};
    this.#engine.stop();
    this.#view.close();
    for (const monitor of this.#monitors) monitor.close();
    for (const link of this.#links.values()) link.close();
  }

  /**
   * @param {PeerSpec} peer
   * @param {GameOptions} options
   */
  #addLink({ seat, role, probe_session_id }, { certificate, created, takeProbeLink }) {
    const sendSignal = (/** @type {object} */ signal) => {
      this.#send("game_signal", { to_seat: seat, signal });
    };
    const probed = probe_session_id === null ? null : takeProbeLink(probe_session_id);
    const link =
      probed ??
      new PeerLink({
        role,
        iceServers: created.ice_servers,
        forceRelay: created.force_relay,
        certificate,
        sendSignal,
      });
    link.signalThrough(sendSignal);
    const monitor = new LinkMonitor(link, this.#timers);
    link.onMessage = (bytes) => {
      if (!monitor.take(bytes)) this.#engine.receive(seat, bytes);
    };
    link.onOpen = () => this.#readyIfAllIs();
    link.onState = (state) => {
      this.#event("link_state", { seat, state });
      if (link.isBroken) link.restart();
    };
    this.#links.set(seat, link);
    this.#monitors.push(monitor);
    if (!probed) link.begin();
    // While the others of the group were probed, a link may have broken.
    else if (link.isBroken) link.restart();
  }

  async #startEngine() {
    try {
      this.#view.draw(await this.#engine.start(this.#created.game));
    } catch {
      this.#finish("engine_error");
      return;
    }
    this.#engineReady = true;
    this.#readyIfAllIs();
  }

  #readyIfAllIs() {
    if (this.#readySent || this.#closed || !this.#engineReady) return;
    if (![...this.#links.values()].every((link) => link.isOpen)) return;
    this.#readySent = true;
    this.#view.showOverlay("Get ready");
    this.#send("game_ready", {});
  }

  /** @param {number} remainingMs */
  #countDown(remainingMs) {
    if (this.#closed || this.last) return;
    if (remainingMs <= 0) {
      this.#view.showOverlay("Here we go");
      return;
    }
    this.#view.showOverlay("Get ready", String(Math.ceil(remainingMs / 1000)));
    this.#view.showLink(linkQuality([], this.rttMs));
    const stepMs = remainingMs % 1000 || 1000;
    this.#timers.after(stepMs, () => this.#countDown(remainingMs - stepMs));
  }

  /** @param {TickResult} result */
  #onFrame(result) {
    if (this.#closed) return;
    const isFirst = this.last === null;
    this.last = result;
    for (const [seat, bytes] of result.packets) this.#links.get(seat)?.send(bytes);
    if (result.rows && result.columns && result.first_frame !== undefined) {
      this.#uploader.add(result.columns, result.first_frame, result.rows, result.digest ?? "");
    }
    if (this.#over && result.drained) this.close();
    if (this.#finished) return;
    if (isFirst) {
      setPhase("playing");
      this.#view.hideOverlay();
    }
    this.#view.showFrame(result);
    this.#view.showLink(linkQuality(result.peers, this.rttMs));
    this.#noteStall(result);
    this.#notePeers(result);
    if (result.desync) {
      this.#event("desync", result.desync);
      this.#finish("desync");
    } else if (result.finished) {
      this.#finish("completed");
    }
  }

  /** @param {TickResult} result */
  #noteStall(result) {
    if (!result.advanced && !result.finished) {
      this.#stalledTicks += 1;
      return;
    }
    if (this.#stalledTicks >= REPORTED_STALL_TICKS) {
      this.#event("stall", { ticks: this.#stalledTicks });
    }
    this.#stalledTicks = 0;
  }

  /** @param {TickResult} result */
  #notePeers(result) {
    if (result.finished) return;
    for (const { seat, silence_ms } of result.peers) {
      const isSilent = silence_ms > SILENT_MS;
      if (isSilent !== this.#silent.has(seat)) {
        if (isSilent) this.#silent.add(seat);
        else this.#silent.delete(seat);
        this.#event(isSilent ? "peer_silent" : "peer_heard", { seat, silence_ms });
        this.#showSilence();
      }
      if (silence_ms > this.#scene.partner_timeout_ms) {
        this.#finish("partner_lost");
        return;
      }
    }
  }

  #showSilence() {
    if (this.#silent.size > 0) {
      setPhase("paused");
      const { agents } = this.#created.game;
      this.#view.showOverlay(forGroup("Waiting for your partner…", agents.length));
    } else {
      setPhase("playing");
      this.#view.hideOverlay();
    }
  }

  /**
   * It is over here: upload what is left, then say so until the server has heard it.
   * @param {FinishReason} reason
   */
  async #finish(reason) {
    if (this.#finished) return;
    this.#finished = true;
    this.#keyboard.close();
    if (reason !== "completed") this.#engine.stop();
    this.#view.showOverlay(reason === "completed" ? "Saving the game…" : "One moment…");
    await this.#uploader.flush();
    this.#sayFinished(reason);
  }

  /** @param {FinishReason} reason */
  async #sayFinished(reason) {
    if (this.#closed) return;
    const { frames, digest } = this.#uploader;
    try {
      const finished = { game_id: this.id, reason, frames, digest };
      await this.#connection.request("game_finished", finished);
    } catch {
      this.#timers.after(RESEND_MS, () => this.#sayFinished(reason));
    }
  }

  /** @param {number} action */
  #setAction(action) {
    if (!document.hidden) this.#engine.setAction(action, false);
  }

  #onVisibility() {
    if (document.hidden) {
      this.#keyboard.release();
      this.#engine.setAction(this.#scene.default_action, true);
    } else {
      this.#engine.setAction(this.#keyboard.action, false);
    }
    if (this.last && !this.#finished) this.#event(document.hidden ? "hidden" : "visible", {});
  }

  /** @param {GameEventKind} kind @param {unknown} detail */
  #event(kind, detail) {
    this.#send("game_event", { kind, frame: this.last?.frame ?? 0, detail });
  }

  /** @param {string} event @param {object} payload */
  #send(event, payload) {
    this.#connection.send(event, { game_id: this.id, ...payload });
  }
}
