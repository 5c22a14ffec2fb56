/**
 * The Socket.IO connection to the server: who we are, what was lost, what is asked of us.
 * Knows no scenes and no games. Identity is the token alone; the page id tells the server a
 * reload from a lost connection.
 */

import { io } from "socket.io-client";

/** @import { Bootstrap } from "../types.js" */

const ACK_TIMEOUT_MS = 5000;

/** @returns {string} */
function newPageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The participant's token: kept for a reload of this tab, fresh for everybody else. */
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
      // Nothing was stored either.
    }
  }
}

export class Connection {
  #tokens = new TokenStore();
  #token;
  #freshToken;
  #socket;

  /** Called whenever the connection is there, at first and again. */
  onConnect = () => {};
  /** Called when the connection was lost; it is being restored. */
  onDisconnect = () => {};
  /** Called when the server accepts no token of ours. */
  onRefused = () => {};

  /** @param {Bootstrap} bootstrap */
  constructor(bootstrap) {
    this.#freshToken = bootstrap.token;
    this.#token = this.#tokens.read() ?? bootstrap.token;
    const pageId = newPageId();
    this.#socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: (callback) => callback({ token: this.#token, page_id: pageId }),
    });
    this.#socket.on("connect", () => {
      this.#tokens.write(this.#token);
      this.onConnect();
    });
    this.#socket.on("disconnect", (reason) => {
      this.onDisconnect();
      // Socket.IO restores every connection but one that the server itself ended.
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

  /** Leave for good. */
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
   * Send, or keep until the connection is back.
   * @param {string} event
   * @param {object} payload
   */
  send(event, payload) {
    this.#socket.emit(event, payload);
  }

  /**
   * Send and wait for the acknowledgement; fails where there is none within five seconds.
   * @param {string} event
   * @param {object} payload
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
        this.onRefused();
        return;
      }
      this.#token = this.#freshToken;
      this.#socket.connect();
      return;
    }
    this.onDisconnect();
    if (!this.#socket.active) setTimeout(() => this.#socket.connect(), 1000);
  }
}
