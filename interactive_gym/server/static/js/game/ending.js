/**
 * Ends a game on this page: uploads the last rows, then reports how the game ended until the server
 * has acknowledged it. The server then says what follows.
 */

/** @import { FinishReason } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */
/** @import { Uploader } from "./uploader.js" */

const RESEND_MS = 1000;

export class Ending {
  #gameId;
  #uploader;
  #connection;
  #timers;
  /** @type {FinishReason | null} */
  #reason = null;
  #closed = false;

  /**
   * @param {string} gameId
   * @param {Uploader} uploader
   * @param {Connection} connection
   * @param {Timers} timers
   */
  constructor(gameId, uploader, connection, timers) {
    this.#gameId = gameId;
    this.#uploader = uploader;
    this.#connection = connection;
    this.#timers = timers;
  }

  /** @param {FinishReason} reason */
  async report(reason) {
    await this.#uploader.flush();
    this.#reason = reason;
    await this.#say(reason);
  }

  /** The server may have been restarted, and not know what it had acknowledged. */
  onReconnect() {
    if (this.#reason !== null) this.#say(this.#reason);
  }

  close() {
    this.#closed = true;
  }

  /** @param {FinishReason} reason */
  async #say(reason) {
    if (this.#closed) return;
    const { frames, digest } = this.#uploader;
    try {
      const finished = { game_id: this.#gameId, reason, frames, digest };
      const reply = await this.#connection.request("game_finished", finished);
      if (typeof reply?.next_frame !== "number") return;
      this.#uploader.goOnFrom(reply.next_frame);
      await this.report(reason);
    } catch {
      this.#timers.after(RESEND_MS, () => this.#say(reason));
    }
  }
}
