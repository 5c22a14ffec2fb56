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
    await this.#say(reason);
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
      await this.#connection.request("game_finished", finished);
    } catch {
      this.#timers.after(RESEND_MS, () => this.#say(reason));
    }
  }
}
