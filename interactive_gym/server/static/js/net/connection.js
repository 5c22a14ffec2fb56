/**
 * The Socket.IO connection to the server. The token alone identifies the participant; the page id
 * lets the server tell a reload from a lost connection.
 */

import { SOCKET_IO_PATH } from "./addresses.js";

/** @import { io as SocketIoClient } from "socket.io-client" */
/** @import { Bootstrap, Refusal, SentEvents } from "../types.js" */

const ACK_TIMEOUT_MS = 5000;

/** @returns {string} */
function newPageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The participant's token, which outlives a reload of this tab. */
class TokenStore {
  #key = `interactive-gym-token${location.search}`;

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

export class Connection {
  #tokens = new TokenStore();
  #token;
  #freshToken;
  #socket;
  #takesOver = isReload();

  /** Called whenever the connection is made, at first and again. */
  onConnect = () => {};
  /** Called when the connection is lost; it is then restored. */
  onDisconnect = () => {};
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
    this.#freshToken = bootstrap.token;
    this.#token = this.#tokens.read() ?? bootstrap.token;
    const pageId = newPageId();
    this.#socket = io({
      path: SOCKET_IO_PATH,
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: (callback) =>
        callback({ token: this.#token, page_id: pageId, takes_over: this.#takesOver }),
    });
    this.#socket.on("connect", () => {
      this.#tokens.write(this.#token);
      this.#takesOver = false;
      this.onConnect();
    });
    this.#socket.on("disconnect", (reason) => {
      this.onDisconnect();
      // Socket.IO does not restore a connection that the server has ended.
      if (reason === "io server disconnect") setTimeout(() => this.#socket.connect(), 1000);
    });
    this.#socket.on("connect_error", (error) => this.#onConnectError(error));
    this.#socket.on("measure_server_rtt", (_payload, acknowledge) => acknowledge({}));
  }

  get isConnected() {
    return this.#socket.connected;
  }

  open() {
    this.#socket.connect();
  }

  /** Connect in place of the window in which the study is open. */
  takeOver() {
    this.#takesOver = true;
    this.#socket.connect();
  }

  /** Disconnect for good. */
  close() {
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

  /** @param {Error} error */
  #onConnectError(error) {
    if (error.message === "invalid_token") {
      this.#tokens.clear();
      if (this.#token === this.#freshToken) {
        this.onRefused("invalid_token");
        return;
      }
      this.#token = this.#freshToken;
      this.#socket.connect();
      return;
    }
    const { message } = error;
    if (message === "open_elsewhere" || message === "already_started" || message === "closed") {
      this.onRefused(message);
      return;
    }
    this.onDisconnect();
    if (!this.#socket.active) setTimeout(() => this.#socket.connect(), 1000);
  }
}
