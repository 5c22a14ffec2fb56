/**
 * The way of a game's frames and network rows to the server. Where another process of the server, a
 * recorder, takes them, they have a connection of their own. While that cannot be had, they go the
 * way of everything else.
 */

/** @import { Socket } from "socket.io-client" */
/** @import { Connection } from "./connection.js" */
/** @import { SentEvents } from "../types.js" */

const ACK_TIMEOUT_MS = 5000;
/** For how long the recorder is waited for: one that was killed is back within it. */
const PATIENCE_MS = 8000;

export class UploadRoute {
  #connection;
  #socket;
  /** Since when there is no connection to the recorder. */
  #awaySinceMs = performance.now();

  /**
   * @param {Pick<Connection, "isConnected" | "request">} connection to the server
   * @param {Socket | null} socket to the recorder, not connected yet, if there is one
   */
  constructor(connection, socket) {
    this.#connection = connection;
    this.#socket = socket;
    if (socket === null) return;
    socket.on("disconnect", (reason) => {
      this.#awaySinceMs = performance.now();
      // The recorder has closed the game's record.
      if (reason === "io server disconnect") this.close();
    });
    socket.on("connect_error", () => {
      // It is not tried again if the recorder has refused it.
      if (!socket.active) this.close();
    });
    socket.connect();
  }

  get isConnected() {
    return this.#socket?.connected || (this.#isIndirect && this.#connection.isConnected);
  }

  /**
   * Send an event and wait for its acknowledgement; as `Connection.request`.
   * @template {keyof SentEvents} Event
   * @param {Event} event
   * @param {SentEvents[Event]} payload
   * @returns {Promise<any>}
   */
  request(event, payload) {
    if (this.#socket?.connected) {
      return this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload);
    }
    if (this.#isIndirect) return this.#connection.request(event, payload);
    return Promise.reject(new Error("not connected"));
  }

  /** Leave the recorder. What is sent from now on goes the way of everything else. */
  close() {
    this.#socket?.disconnect();
    this.#socket = null;
  }

  get #isIndirect() {
    return this.#socket === null || performance.now() - this.#awaySinceMs > PATIENCE_MS;
  }
}
