/**
 * Timeouts that keep time in a hidden tab, where the page's own run once a second or less.
 * They run in a Worker of their own, which does nothing else.
 */

export class Timers {
  /** Resolves when the Worker runs; rejects if it cannot be loaded. @type {Promise<void>} */
  ready;
  /** @type {Map<number, () => void>} */
  #callbacks = new Map();
  #nextId = 1;
  #worker = new Worker(new URL("./timer_worker.js", import.meta.url), { type: "module" });

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.after(0, resolve);
      this.#worker.onerror = () => reject(new Error("timer_worker.js could not be loaded"));
    });
    this.#worker.onmessage = ({ data: id }) => {
      const callback = this.#callbacks.get(id);
      this.#callbacks.delete(id);
      callback?.();
    };
  }

  /**
   * Call back once after a delay.
   * @param {number} delayMs
   * @param {() => void} callback
   * @returns {() => void} a function that cancels it
   */
  after(delayMs, callback) {
    const id = this.#nextId++;
    this.#callbacks.set(id, callback);
    this.#worker.postMessage({ id, delay_ms: delayMs });
    return () => {
      this.#callbacks.delete(id);
    };
  }
}
