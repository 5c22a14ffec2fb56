/**
 * The page's side of the engine Worker: loads Pyodide and an environment, runs one game at a time.
 * Never touches the DOM, the socket or a connection; frames come out, actions and packets go in.
 */

/** @import { DrawCommand, GameConfig, TickResult } from "./types.js" */

const PYODIDE_URL = "/static/vendor/pyodide/";

/**
 * @typedef {object} Waiting
 * @property {(draw: DrawCommand[]) => void} resolve
 * @property {(error: Error) => void} reject
 */

export class Engine {
  #worker = new Worker(new URL("./engine_worker.js", import.meta.url), { type: "module" });
  /** What somebody waits for: `environment` or `game`. @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** @type {string | null} */
  #code = null;
  /** @type {Promise<unknown>} */
  #prepared = Promise.resolve();
  /** @type {Error | null} */
  #failure = null;

  /** @type {(fraction: number, label: string) => void} */
  onProgress = () => {};
  /** @type {(result: TickResult) => void} */
  onFrame = () => {};
  /** @type {(message: string) => void} */
  onError = () => {};

  /** @param {string} runtimeUrl */
  constructor(runtimeUrl) {
    this.#worker.onmessage = ({ data }) => this.#onMessage(data);
    this.#worker.onerror = (event) => this.#fail(event.message || "the engine could not be loaded");
    this.#worker.postMessage({
      type: "load",
      pyodide_url: new URL(PYODIDE_URL, location.href).href,
      runtime_url: new URL(runtimeUrl, location.href).href,
    });
  }

  /**
   * Load an environment, once however often it is asked for.
   * @param {string} code Python source that defines `env`
   * @returns {Promise<unknown>} rejects with the last line of the traceback
   */
  prepare(code) {
    if (code !== this.#code) {
      this.#code = code;
      this.#prepared = this.#ask("environment", { type: "environment", code });
      // Whoever joins is told; until then a failure has no listener.
      this.#prepared.catch(() => {});
    }
    return this.#prepared;
  }

  /**
   * Set up a game; it ticks once `run` is called.
   * @param {GameConfig} config
   * @returns {Promise<DrawCommand[]>} the picture before the first frame
   */
  start(config) {
    return this.#ask("game", { type: "start", config });
  }

  /** @param {number} delayMs tick from then on */
  run(delayMs) {
    this.#worker.postMessage({ type: "run", delay_ms: delayMs });
  }

  /**
   * The participant's action from now on.
   * @param {number} action
   * @param {boolean} hidden whether the page cannot be seen
   */
  setAction(action, hidden) {
    this.#worker.postMessage({ type: "action", action, hidden });
  }

  /**
   * Hand over a datagram; its buffer moves to the Worker.
   * @param {number} seat
   * @param {ArrayBuffer} bytes
   */
  receive(seat, bytes) {
    this.#worker.postMessage({ type: "packet", seat, bytes }, [bytes]);
  }

  /** End the game; the environment stays loaded. */
  stop() {
    this.#worker.postMessage({ type: "stop" });
  }

  /**
   * @param {string} what
   * @param {object} message
   * @returns {Promise<DrawCommand[]>}
   */
  #ask(what, message) {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(what, { resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  /** @param {any} message */
  #onMessage(message) {
    switch (message.type) {
      case "progress":
        this.onProgress(message.fraction, message.label);
        break;
      case "ready":
        this.#waiting.get(message.what)?.resolve(message.draw ?? []);
        this.#waiting.delete(message.what);
        break;
      case "frame":
        this.onFrame({ ...message.result, packets: message.packets });
        break;
      case "error":
        this.#fail(message.message);
        break;
    }
  }

  /** @param {string} message */
  #fail(message) {
    const error = new Error(message);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    if (waiting.length === 0) {
      // Nobody asked yet: the Worker could not load, or a running game broke.
      this.#failure = this.#code === null ? error : null;
      this.onError(message);
    }
    for (const { reject } of waiting) reject(error);
  }
}
