/**
 * The page's side of the engine Worker: loads Pyodide and an environment, runs one game at a time.
 * Never touches the DOM, the socket or a connection; frames come out, actions and packets go in.
 */

/** @import { DrawCommand, Environment, GameConfig, TickResult } from "../types.js" */

const PYODIDE_URL = "/static/vendor/pyodide/";

/**
 * @typedef {object} PendingRequest
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
  /** Those the Worker has not answered yet, by id. @type {Map<number, PendingRequest>} */
  #requests = new Map();
  #nextRequest = 1;
  /** Resolves when Python has started. */
  #loaded;
  /** The environment asked for last, as one string. @type {string | null} */
  #asked = null;
  /** @type {Promise<unknown>} */
  #prepared = Promise.resolve();

  /** @type {(fraction: number, label: string) => void} */
  onProgress = () => {};
  /** @type {(result: TickResult) => void} */
  onFrame = () => {};
  /** @type {(message: string) => void} */
  onError = () => {};

  /** @param {string} runtimeUrl */
  constructor(runtimeUrl) {
    this.#runtimeUrl = absolute(runtimeUrl);
    this.#worker = this.#newWorker();
    this.#loaded = this.#load();
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
        this.#rejectAll(new Error("another version of Pyodide is loaded instead"));
        this.#worker = this.#newWorker();
        this.#loaded = this.#load();
      }
      const wheels = packages.map(absolute);
      const message = { type: "environment", code, packages: wheels };
      this.#prepared = this.#loaded.then(() => this.#request(message));
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
    return this.#request({ type: "start", config });
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

  #newWorker() {
    const worker = new Worker(new URL("./engine_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#onMessage(data);
    worker.onerror = ({ message }) => this.#fail(message || "the engine could not be loaded");
    return worker;
  }

  /** Start Python in a new Worker. */
  #load() {
    const urls = { pyodide_url: this.#pyodideUrl, runtime_url: this.#runtimeUrl };
    const loaded = this.#request({ type: "load", ...urls });
    // Whoever prepares an environment is told of a failure.
    loaded.catch(() => {});
    return loaded;
  }

  /**
   * Send a message that the Worker answers.
   * @param {object} message
   * @returns {Promise<DrawCommand[]>}
   */
  #request(message) {
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#requests.set(request, { resolve, reject });
      this.#worker.postMessage({ ...message, request });
    });
  }

  /** @param {any} message */
  #onMessage(message) {
    switch (message.type) {
      case "progress":
        this.onProgress(message.fraction, message.label);
        break;
      case "ready":
        this.#take(message.request)?.resolve(message.draw ?? []);
        break;
      case "frame":
        this.onFrame({ ...message.result, packets: message.packets });
        break;
      case "error":
        if (message.request === null) this.onError(message.message);
        else this.#take(message.request)?.reject(new Error(message.message));
        break;
    }
  }

  /** @param {number} request that is answered */
  #take(request) {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    return waiting;
  }

  /**
   * The Worker itself failed. What it was asked may never be answered.
   * @param {string} message
   */
  #fail(message) {
    if (this.#requests.size === 0) this.onError(message);
    this.#rejectAll(new Error(message));
  }

  /** @param {Error} error */
  #rejectAll(error) {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { reject } of requests) reject(error);
  }
}
