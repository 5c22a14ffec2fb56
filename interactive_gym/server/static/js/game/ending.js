/**
 * Ends a game on this page: uploads the last rows, then reports how the game ended until the server
 * has acknowledged it. The server then says what follows.
 */

/** @import { FinishReason } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */
/** @import { Uploader } from "./uploader.js" */

const RESEND_MS = 1000;
/** After the server has asked so often in a row for rows that this page does not have, it is left. */
const MAX_ASKED = 20;

export class Ending {
  #page;
  #uploader;
  #connection;
  #timers;
  #isAcknowledged = false;
  #asked = 0;
  #closed = false;

  /** How the game ended, once it has. @type {FinishReason | null} */
  reason = null;

  /**
   * @param {{game_id: string, incarnation: number, token?: string}} page what every message says
   * @param {Uploader} uploader
   * @param {Connection} connection
   * @param {Timers} timers
   */
  constructor(page, uploader, connection, timers) {
    this.#page = page;
    this.#uploader = uploader;
    this.#connection = connection;
    this.#timers = timers;
  }

  /** Whether the server does not know yet how the game ended here. */
  get isWaiting() {
    return this.reason !== null && !this.#isAcknowledged && !this.#closed;
  }

  /** @param {FinishReason} reason */
  async report(reason) {
    this.reason = reason;
    await this.#uploader.flush();
    await this.#say(reason);
  }

  /** The server may have been restarted, and not know what it had acknowledged. */
  onReconnect() {
    if (this.reason !== null && this.#isAcknowledged) this.#say(this.reason);
  }

  close() {
    this.#closed = true;
  }

  /** @param {FinishReason} reason */
  async #say(reason) {
    if (this.#closed) return;
    const { frames, digest } = this.#uploader;
    try {
      const finished = { ...this.#page, reason, frames, digest };
      const reply = await this.#connection.request("game_finished", finished);
      if (typeof reply?.next_frame !== "number") {
        this.#isAcknowledged = true;
        return;
      }
      this.#asked = this.#uploader.goOnFrom(reply.next_frame) ? 0 : this.#asked + 1;
      if (this.#asked < MAX_ASKED) this.#timers.after(RESEND_MS, () => this.report(reason));
    } catch {
      this.#timers.after(RESEND_MS, () => this.#say(reason));
    }
  }
}
