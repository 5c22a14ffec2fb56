/**
 * The Socket.IO connection to the server. The token alone identifies the participant; the page id
 * lets the server tell a reload from a lost connection.
 */

import { served, SOCKET_IO_PATH } from "./addresses.js";
import { UploadRoute } from "./upload_route.js";
import { TransportChoice, WEBSOCKET_LIMIT_MS } from "./transport_choice.js";

/** @import { io as SocketIoClient } from "socket.io-client" */
/** @import { Bootstrap, Refusal, SentEvents, UploadAddress } from "../types.js" */

const ACK_TIMEOUT_MS = 5000;
/** A page without a first connection after this time says so. */
const UNREACHABLE_MS = 20_000;
const MAX_REASON_CHARS = 500;
const POLLING_UNTIL_KEY = "interactive-gym-polling-until-ms";

/** @returns {string} */
function newPageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The participant's token, which outlives a reload of this tab. Each study has its own. */
class TokenStore {
  #key = `interactive-gym-token${location.pathname}${location.search}`;

  /** @returns {string | null} */
  read() {
    try {
      return sessionStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  /** @param {string} token */
  write(token) {
    try {
      sessionStorage.setItem(this.#key, token);
    } catch {
      console.warn("sessionStorage is not available: a reload starts as a new participant");
    }
  }

  clear() {
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Then nothing was stored either.
    }
  }
}

/**
 * Whether this window was loaded anew, and so replaces the page it held before.
 * @returns {boolean}
 */
function isReload() {
  const [navigation] = performance.getEntriesByType("navigation");
  return /** @type {PerformanceNavigationTiming | undefined} */ (navigation)?.type === "reload";
}

/**
 * Until when an earlier page of this tab wanted to leave WebSockets alone.
 * @returns {number}
 */
function readPollingUntilMs() {
  try {
    return Number(sessionStorage.getItem(POLLING_UNTIL_KEY));
  } catch {
    return 0;
  }
}

/** @param {number} untilMs */
function writePollingUntilMs(untilMs) {
  try {
    sessionStorage.setItem(POLLING_UNTIL_KEY, String(untilMs));
  } catch {
    // Then the next page of this tab finds it out again.
  }
}

/** @param {Error & {description?: unknown}} error as Socket.IO tells it */
function describe(error) {
  const status = typeof error.description === "number" ? ` (status ${error.description})` : "";
  return error.message + status;
}

export class Connection {
  #tokens = new TokenStore();
  #transports = new TransportChoice(readPollingUntilMs());
  /** The limits of the present attempt, and of the first connection. */
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #attemptLimit;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #firstLimit;
  #lastFault = "no answer";
  #connectedAtMs = 0;
  #isWebSocket = false;
  #token;
  #freshToken;
  #io;
  #socket;
  #takesOver = isReload();

  /** Called whenever the connection is made, at first and again. */
  onConnect = () => {};
  /** Called when the connection is lost; it is then restored. */
  onDisconnect = () => {};
  /** Called when there has been no connection for long, with the last fault; trying goes on. */
  onUnreachable = (/** @type {string} */ _fault) => {};
  /**
   * Called when the server refuses the participant: even the fresh token (`invalid_token`), while
   * another window is open (`open_elsewhere`), a second time (`already_started`), or because the
   * server is about to be stopped (`closed`).
   */
  onRefused = (/** @type {Refusal} */ _reason) => {};

  /**
   * @param {typeof SocketIoClient} io
   * @param {Bootstrap} bootstrap
   */
  constructor(io, bootstrap) {
    this.#io = io;
    this.#freshToken = bootstrap.token;
    this.#token = this.#tokens.read() ?? bootstrap.token;
    const pageId = newPageId();
    this.#socket = io({
      path: SOCKET_IO_PATH,
      autoConnect: false,
      tryAllTransports: true,
      // An upgrade that a proxy half swallows would leave the server waiting for its end.
      upgrade: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: (callback) =>
        callback({ token: this.#token, page_id: pageId, takes_over: this.#takesOver }),
    });
    this.#socket.io.on("reconnect_attempt", () => this.#beginAttempt());
    this.#socket.on("connect", () => this.#onConnect());
    this.#socket.on("disconnect", (reason) => {
      this.#noteLoss(reason);
      this.onDisconnect();
      // Socket.IO does not restore a connection that the server has ended.
      if (reason === "io server disconnect") setTimeout(() => this.#connect(), 1000);
    });
    this.#socket.on("connect_error", (error) => this.#onConnectError(error));
    this.#socket.on("measure_server_rtt", (_payload, acknowledge) => acknowledge({}));
  }

  get isConnected() {
    return this.#socket.connected;
  }

  /** The token of this page's participant. */
  get token() {
    return this.#token;
  }

  open() {
    this.#firstLimit = setTimeout(() => this.onUnreachable(this.#lastFault), UNREACHABLE_MS);
    this.#connect();
  }

  /** Connect in place of the window in which the study is open. */
  takeOver() {
    this.#takesOver = true;
    this.#connect();
  }

  /** Disconnect for good. */
  close() {
    this.#endAttempt();
    clearTimeout(this.#firstLimit);
    this.#socket.off("disconnect");
    this.#socket.disconnect();
  }

  /**
   * @param {string} event
   * @param {(payload: any) => void} handler
   */
  on(event, handler) {
    this.#socket.on(event, handler);
  }

  /**
   * Send an event. Without a connection it is kept until there is one.
   * @template {keyof SentEvents} Event
   * @param {Event} event
   * @param {SentEvents[Event]} payload
   */
  send(event, payload) {
    this.#socket.emit(event, payload);
  }

  /**
   * Send an event and wait for its acknowledgement. Rejects without a connection, and if none comes
   * within five seconds.
   * @template {keyof SentEvents} Event
   * @param {Event} event
   * @param {SentEvents[Event]} payload
   * @returns {Promise<any>}
   */
  request(event, payload) {
    if (!this.isConnected) return Promise.reject(new Error("not connected"));
    return this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload);
  }

  /**
   * The way of a game's uploads. A recorder is reached by WebSocket alone, so where these do not
   * get through it is left alone.
   * @param {UploadAddress | null} uploads as the server has told of it
   */
  uploadRoute(uploads) {
    if (!uploads || !this.#isWebSocket) return new UploadRoute(this, null);
    const socket = this.#io({
      path: new URL(served(uploads.address)).pathname,
      autoConnect: false,
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: { key: uploads.key },
    });
    return new UploadRoute(this, socket);
  }

  /**
   * Tell the server what could not be loaded, or reached but by this way.
   * @param {"connection"|"game"|"image"} resource
   * @param {string} reason
   */
  reportLoadFailure(resource, reason) {
    const body = { token: this.#token, resource, reason: reason.slice(0, MAX_REASON_CHARS) };
    // A failure to tell of a failure is told to nobody.
    fetch(served("load_failures"), {
      method: "POST",
      body: JSON.stringify(body),
      keepalive: true,
    }).catch(() => {});
  }

  #connect() {
    this.#beginAttempt();
    this.#socket.connect();
  }

  /** Choose the transports of the attempt that follows, and limit its time. */
  #beginAttempt() {
    this.#endAttempt();
    this.#socket.io.opts.transports = this.#transports.at(Date.now());
    this.#attemptLimit = setTimeout(() => this.#onLateAnswer(), WEBSOCKET_LIMIT_MS);
  }

  #endAttempt() {
    clearTimeout(this.#attemptLimit);
    this.#attemptLimit = undefined;
  }

  /** The name of the transport in use, or being tried. */
  get #transport() {
    return this.#socket.io.engine?.transport?.name;
  }

  /** A server that is only slow is slow to answer a plain request, too. */
  async #onLateAnswer() {
    const attempt = this.#attemptLimit;
    if (this.isConnected || this.#transport !== "websocket") return;
    const isReached = await fetch(served("health"), { cache: "no-store" }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!isReached || this.isConnected || attempt !== this.#attemptLimit) return;
    this.#lastFault = "no answer by WebSocket";
    this.#transports.swallowed(Date.now());
    this.#socket.disconnect();
    this.#connect();
  }

  #onConnect() {
    this.#endAttempt();
    clearTimeout(this.#firstLimit);
    writePollingUntilMs(this.#transports.pollingUntilMs);
    this.#connectedAtMs = performance.now();
    this.#isWebSocket = this.#transport === "websocket";
    this.#tokens.write(this.#token);
    this.#takesOver = false;
    this.onConnect();
  }

  /** @param {string} reason as Socket.IO tells it */
  #noteLoss(reason) {
    const isEndedByChoice = reason.startsWith("io ");
    if (isEndedByChoice || !this.#isWebSocket) return;
    this.#transports.lost(performance.now() - this.#connectedAtMs, reason, Date.now());
  }

  /** @param {Error} error */
  #onConnectError(error) {
    this.#endAttempt();
    if (error.message === "invalid_token") {
      this.#tokens.clear();
      if (this.#token === this.#freshToken) {
        this.onRefused("invalid_token");
        return;
      }
      this.#token = this.#freshToken;
      this.#connect();
      return;
    }
    const { message } = error;
    if (
      message === "open_elsewhere" ||
      message === "already_started" ||
      message === "closed" ||
      message === "too_many_newcomers"
    ) {
      clearTimeout(this.#firstLimit);
      this.onRefused(message);
      return;
    }
    this.#lastFault = describe(error);
    // A socket that is not tried again was refused, so it has reached the server.
    if (this.#socket.active) this.#transports.failed();
    else setTimeout(() => this.#connect(), 1000);
    this.onDisconnect();
  }
}
