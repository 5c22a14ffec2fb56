/**
 * Measures the time between two pictures of the game on the screen. A picture is a repaint that
 * shows a new frame; a hidden page has none.
 */

/** @typedef {{frame_ms: number | null, max_frame_ms: number | null}} PictureTimes */

export class PictureMeter {
  #hasNew = false;
  /** @type {number | null} */
  #shownAtMs = null;
  /** @type {number[]} */
  #timesMs = [];
  #wasHidden = document.hidden;
  #listeners = new AbortController();
  #request = 0;

  constructor() {
    const { signal } = this.#listeners;
    document.addEventListener("visibilitychange", () => this.#forget(), { signal });
    this.#next();
  }

  /** A new frame was handed to the renderer. */
  note() {
    this.#hasNew = true;
  }

  /**
   * Mean and longest time since the last call, in ms; null if the page was hidden meanwhile.
   * @returns {PictureTimes}
   */
  take() {
    const timesMs = this.#wasHidden ? [] : this.#timesMs;
    this.#timesMs = [];
    this.#wasHidden = document.hidden;
    if (timesMs.length === 0) return { frame_ms: null, max_frame_ms: null };
    const mean = timesMs.reduce((sum, time) => sum + time, 0) / timesMs.length;
    return { frame_ms: toTenths(mean), max_frame_ms: toTenths(Math.max(...timesMs)) };
  }

  close() {
    this.#listeners.abort();
    cancelAnimationFrame(this.#request);
  }

  #next() {
    this.#request = requestAnimationFrame((nowMs) => {
      this.#shown(nowMs);
      this.#next();
    });
  }

  /** @param {number} nowMs */
  #shown(nowMs) {
    if (!this.#hasNew) return;
    this.#hasNew = false;
    if (this.#shownAtMs !== null) this.#timesMs.push(nowMs - this.#shownAtMs);
    this.#shownAtMs = nowMs;
  }

  #forget() {
    this.#wasHidden = true;
    this.#shownAtMs = null;
  }
}

/** @param {number} value */
function toTenths(value) {
  return Math.round(value * 10) / 10;
}
