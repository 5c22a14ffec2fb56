/**
 * Counts the ticks in which the game had to wait for a partner's inputs.
 * Pure; it is told of every tick.
 */

/** @import { TickResult } from "../types.js" */

/** Ticks in a row without advancing that are worth an entry in the data. */
const REPORTED_TICKS = 5;

export class Stalls {
  /** All of them so far. */
  ticks = 0;
  /** Those of the stall that lasts. */
  inARow = 0;

  /**
   * @param {Pick<TickResult, "advanced" | "finished" | "resuming">} result
   * @returns {number} the ticks of a stall that has ended and was long enough to tell of, else 0
   */
  note({ advanced, finished, resuming }) {
    if (!advanced && !finished && !resuming) {
      this.ticks += 1;
      this.inARow += 1;
      return 0;
    }
    const ended = this.inARow;
    this.inARow = 0;
    return ended >= REPORTED_TICKS ? ended : 0;
  }
}
