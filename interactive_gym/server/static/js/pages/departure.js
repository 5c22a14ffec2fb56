/** Leaves a scene: asks the server until it has answered, however often the connection breaks. */

/** @import { AdvanceReply, AdvanceScene } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */

const RETRY_MS = 2000;

export class Departure {
  #connection;
  #timers;
  /** Counts what was asked or given up, so that an answer that comes late changes nothing. */
  #turn = 0;
  #tryAgain = () => {};

  /**
   * @param {Connection} connection
   * @param {Timers} timers
   */
  constructor(connection, timers) {
    this.#connection = connection;
    this.#timers = timers;
  }

  /**
   * Ask to leave. A click without a connection is carried out once there is one.
   * @param {() => AdvanceScene} message made anew for each time it is sent
   * @returns {Promise<AdvanceReply | null>} `null` if the participant is elsewhere by then
   */
  async ask(message) {
    this.#turn += 1;
    const turn = this.#turn;
    for (;;) {
      try {
        const reply = await this.#connection.request("advance_scene", message());
        return turn === this.#turn ? reply : null;
      } catch {
        if (turn === this.#turn) await this.#nextChance();
        if (turn !== this.#turn) return null;
      }
    }
  }

  /** The connection is back. */
  onReconnect() {
    this.#tryAgain();
  }

  /** The scene has been left, or does not matter any more. */
  end() {
    this.#turn += 1;
    this.#tryAgain();
  }

  /** @returns {Promise<void>} */
  #nextChance() {
    return new Promise((resolve) => {
      const cancel = this.#timers.after(RETRY_MS, resolve);
      this.#tryAgain = () => {
        cancel();
        resolve();
      };
    });
  }
}
