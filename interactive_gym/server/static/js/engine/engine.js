/**
 * The page's side of the engine Worker: loads Pyodide and an environment, runs one game at a time.
 * Never touches the DOM, the socket or a connection; frames come out, actions and packets go in.
 */

/** @import { DrawCommand, Environment, GameConfig, TickResult } from "../types.js" */

const PYODIDE_URL = "/static/vendor/pyodide/";

/**
 * @typedef {object} Waiting
 * @property {(draw: DrawCommand[]) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** @param {string} url */
function absolute(url) {
  return new URL(url, location.href).href;
}

export class Engine {
  #runtimeUrl;
  #pyodideUrl = absolute(PYODIDE_URL);
  #worker;
  /** What somebody waits for: `environment` or `game`. @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** The environment asked for last, as one string. @type {string | null} */
  #asked = null;
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
    this.#runtimeUrl = absolute(runtimeUrl);
    this.#worker = this.#load();
  }

  /**
   * Load an environment, once however often it is asked for.
   * @param {Pick<Environment, "code" | "packages">} environment the code defines `env`
   * @param {string} [pyodideUrl] the folder of the Pyodide it needs
   * @returns {Promise<unknown>} rejects with the last line of the traceback
   */
  prepare({ code, packages }, pyodideUrl = PYODIDE_URL) {
    const asked = JSON.stringify([code, packages, pyodideUrl]);
    if (asked !== this.#asked) {
      this.#asked = asked;
      if (absolute(pyodideUrl) !== this.#pyodideUrl) {
        this.#pyodideUrl = absolute(pyodideUrl);
        this.#worker.terminate();
        this.#failure = null;
        this.#prepared = Promise.resolve();
        this.#worker = this.#load();
      }
      const wheels = packages.map(absolute);
      const message = { type: "environment", code, packages: wheels };
      // One after the other, as the Worker's answers do not say which environment they are of.
      this.#prepared = this.#prepared
        .catch(() => {})
        .then(() => this.#ask("environment", message));
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

  /** @param {number} seat play on without it */
  cut(seat) {
    this.#worker.postMessage({ type: "cut", seat });
  }

  /** End the game; the environment stays loaded. */
  stop() {
    this.#worker.postMessage({ type: "stop" });
  }

  /** @returns {Worker} one that begins to load Pyodide at once */
  #load() {
    const worker = new Worker(new URL("./engine_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#onMessage(data);
    worker.onerror = (event) => this.#fail(event.message || "the engine could not be loaded");
    worker.postMessage({
      type: "load",
      pyodide_url: this.#pyodideUrl,
      runtime_url: this.#runtimeUrl,
    });
    return worker;
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
      this.#failure = this.#asked === null ? error : null;
      this.onError(message);
    }
    for (const { reject } of waiting) reject(error);
  }
}
