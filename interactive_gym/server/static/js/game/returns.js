/**
 * Knows which partners are on their way back after a reload, from the server's word until the game
 * goes on with them, so that the words over the picture do not change in between.
 * Pure: times are given in ms.
 */

/** @import { TickResult } from "../types.js" */

export class Returns {
  /** When each seat was said to have a new page. @type {Map<number, number>} */
  #saidAtMs = new Map();

  /** Whether anybody is on their way back. */
  get areExpected() {
    return this.#saidAtMs.size > 0;
  }

  /** @param {number} seat whose page is a new one @param {number} nowMs */
  expect(seat, nowMs) {
    this.#saidAtMs.set(seat, nowMs);
  }

  /** @param {number} seat that is lost for good */
  forget(seat) {
    this.#saidAtMs.delete(seat);
  }

  /** @param {Pick<TickResult, "peers" | "advanced">} result @param {number} nowMs */
  note({ peers, advanced }, nowMs) {
    if (!advanced) return;
    for (const { seat, silence_ms, resuming } of peers) {
      const saidAtMs = this.#saidAtMs.get(seat);
      const isHeard = saidAtMs !== undefined && silence_ms < nowMs - saidAtMs;
      if (isHeard && !resuming) this.#saidAtMs.delete(seat);
    }
  }
}
