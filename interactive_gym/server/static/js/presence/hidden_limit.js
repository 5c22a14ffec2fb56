/**
 * Says when the page has been out of sight for too long at a stretch.
 * Pure logic: its timers are given, and it is told what can be seen.
 */

/** @import { Timers } from "../timers.js" */

export class HiddenLimit {
  #limitMs;
  #timers;
  #onExceeded;
  #isHidden = false;
  #cancel = () => {};

  /**
   * @param {number} limitMs
   * @param {Pick<Timers, "after">} timers they have to keep time in a hidden tab
   * @param {() => void} onExceeded
   */
  constructor(limitMs, timers, onExceeded) {
    this.#limitMs = limitMs;
    this.#timers = timers;
    this.#onExceeded = onExceeded;
  }

  /** @param {boolean} isHidden */
  note(isHidden) {
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    this.#cancel();
    if (isHidden) this.#cancel = this.#timers.after(this.#limitMs, this.#onExceeded);
  }

  close() {
    this.#cancel();
  }
}
