/**
 * The page's side of the engine Worker, which loads Pyodide and an environment and runs one game at
 * a time. Actions and packets go in, frames come out. The messages are those of `docs/protocol.md`.
 */

import { served } from "../net/addresses.js";

/** @import { DrawCommand, Environment, GameConfig, TickResult } from "../types.js" */

/**
 * A Worker that has said nothing after this time could not be loaded. Chromium waits 20 s for a
 * request that another page has made for the same file, before it makes one of its own.
 */
const SILENT_WORKER_MS = 30_000;

/**
 * @typedef {object} PendingRequest
 * @property {(answer: any[]) => void} resolve
 * @property {(error: Error) => void} reject
 */

export class Engine {
  #runtimeUrl;
  #pyodideUrl;
  #worker;
  /** Requests without an answer, by id. @type {Map<number, PendingRequest>} */
  #requests = new Map();
  #nextRequest = 1;
  /** Whether the present Worker has sent anything. */
  #hasSpoken = false;
  /** Resolves when Python has started. */
  #loaded;
  /** The last environment asked for, as one string. @type {string | null} */
  #asked = null;
  /** @type {Promise<unknown>} */
  #prepared = Promise.resolve();

  /** @type {(fraction: number, label: string) => void} */
  onProgress = () => {};
  /** @type {(result: TickResult) => void} */
  onFrame = () => {};
  /** @type {(error: Error) => void} */
  onError = () => {};

  /**
   * @param {string} runtimeUrl
   * @param {string} [pyodideUrl] folder of the Pyodide that is probably needed
   */
  constructor(runtimeUrl, pyodideUrl = "static/vendor/pyodide/") {
    this.#runtimeUrl = served(runtimeUrl);
    this.#pyodideUrl = served(pyodideUrl);
    this.#worker = this.#newWorker();
    this.#loaded = this.#load();
  }

  /**
   * Load an environment. Asked for again, it is not loaded again.
   * @param {Pick<Environment, "code" | "packages">} environment whose code defines `env`
   * @param {string} [pyodideUrl] folder of the Pyodide it needs, if not the one that is loaded
   * @returns {Promise<unknown>} rejects with the last line of the traceback, caused by all of it
   */
  prepare({ code, packages }, pyodideUrl = this.#pyodideUrl) {
    const asked = JSON.stringify([code, packages, pyodideUrl]);
    if (asked !== this.#asked) {
      this.#asked = asked;
      if (served(pyodideUrl) !== this.#pyodideUrl) {
        this.#pyodideUrl = served(pyodideUrl);
        this.#worker.terminate();
        this.#rejectAll(new Error("another version of Pyodide is loaded instead"));
        this.#worker = this.#newWorker();
        this.#loaded = this.#load();
      }
      const wheels = packages.map(served);
      const message = { type: "environment", code, packages: wheels };
      this.#prepared = this.#loaded.then(() => this.#request(message));
      // A failure is told to those who wait for the promise, and there may be none yet.
      this.#prepared.catch(() => {});
    }
    return this.#prepared;
  }

  /**
   * Set up a game. It ticks once `run` is called.
   * @param {GameConfig} config
   * @returns {Promise<DrawCommand[]>} the picture before the first frame
   */
  start(config) {
    return this.#request({ type: "start", config });
  }

  /**
   * Run a game for which nobody else is needed, as fast as it goes.
   * @param {GameConfig} config
   * @param {number} frames how many, at most
   * @returns {Promise<number[]>} what each frame cost, in ms
   */
  measure(config, frames) {
    return this.#request({ type: "measure", config, frames });
  }

  /** @param {number} delayMs until the first tick */
  run(delayMs) {
    this.#worker.postMessage({ type: "run", delay_ms: delayMs });
  }

  /**
   * Set the participant's action from now on.
   * @param {number} action
   * @param {boolean} hidden whether the page is hidden
   */
  setAction(action, hidden) {
    this.#worker.postMessage({ type: "action", action, hidden });
  }

  /**
   * Hand over a datagram. Its buffer moves to the Worker.
   * @param {number} seat
   * @param {ArrayBuffer} bytes
   */
  receive(seat, bytes) {
    this.#worker.postMessage({ type: "packet", seat, bytes }, [bytes]);
  }

  /** @param {number} seat that the game goes on without */
  cut(seat) {
    this.#worker.postMessage({ type: "cut", seat });
  }

  /** End the game. The environment stays loaded. */
  stop() {
    this.#worker.postMessage({ type: "stop" });
  }

  #newWorker() {
    this.#hasSpoken = false;
    const worker = new Worker(new URL("./engine_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#onMessage(data);
    worker.onerror = ({ message }) => this.#fail(message || "the engine could not be loaded");
    return worker;
  }

  /** Start Python in the Worker. */
  #load() {
    const worker = this.#worker;
    const urls = { pyodide_url: this.#pyodideUrl, runtime_url: this.#runtimeUrl };
    const loaded = this.#request({ type: "load", ...urls });
    setTimeout(() => {
      if (worker !== this.#worker || this.#hasSpoken) return;
      this.#fail(`the engine was not loaded in ${SILENT_WORKER_MS / 1000} seconds`);
    }, SILENT_WORKER_MS);
    // A failure is told when an environment is prepared.
    loaded.catch(() => {});
    return loaded;
  }

  /**
   * Send a message that the Worker answers.
   * @param {object} message
   * @returns {Promise<any[]>} the picture or the costs that the answer carries, if it does
   */
  #request(message) {
    const request = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#requests.set(request, { resolve, reject });
      this.#worker.postMessage({ ...message, request });
    });
  }

  /** @param {{ request: number | null, message: string, traceback: string }} error */
  #takeError({ request, message, traceback }) {
    const error = new Error(message, { cause: traceback });
    if (request === null) this.onError(error);
    else this.#take(request)?.reject(error);
  }

  /** @param {any} message */
  #onMessage(message) {
    this.#hasSpoken = true;
    switch (message.type) {
      case "progress":
        this.onProgress(message.fraction, message.label);
        break;
      case "ready":
        this.#take(message.request)?.resolve(message.draw ?? message.costs_ms ?? []);
        break;
      case "frame":
        this.onFrame({ ...message.result, packets: message.packets });
        break;
      case "error":
        this.#takeError(message);
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
   * The Worker itself failed, so its requests may never be answered.
   * @param {string} message
   */
  #fail(message) {
    if (this.#requests.size === 0) this.onError(new Error(message));
    this.#rejectAll(new Error(message));
  }

  /** @param {Error} error */
  #rejectAll(error) {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { reject } of requests) reject(error);
  }
}
