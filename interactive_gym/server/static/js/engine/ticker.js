/**
 * Calls back at a steady rate, without drift and without bursts after a stall.
 * It runs in the engine Worker, whose timers keep time in a hidden tab.
 */

/** How many intervals a late ticker catches up at most. The others are left out. */
const MAX_CATCH_UP = 3;

export class Ticker {
  #intervalMs;
  #callback;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timeout;
  #dueMs = 0;
  #running = false;

  /**
   * @param {number} intervalMs
   * @param {() => number} callback returns by how many ms the next call is to be put off
   */
  constructor(intervalMs, callback) {
    this.#intervalMs = intervalMs;
    this.#callback = callback;
  }

  /** @param {number} delayMs until the first call */
  start(delayMs) {
    if (this.#running) return;
    this.#running = true;
    this.#dueMs = performance.now() + delayMs;
    this.#schedule();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timeout);
  }

  #schedule() {
    const delayMs = Math.max(0, this.#dueMs - performance.now());
    this.#timeout = setTimeout(() => this.#tick(), delayMs);
  }

  #tick() {
    const postponeMs = this.#callback();
    if (!this.#running) return;
    const earliestMs = performance.now() - MAX_CATCH_UP * this.#intervalMs;
    this.#dueMs = Math.max(this.#dueMs + this.#intervalMs + postponeMs, earliestMs);
    this.#schedule();
  }
}
