/**
 * The engine: Pyodide, the environment, the game loop of `interactive_gym.netcode` and the ticker.
 * Its messages are those of `docs/protocol.md` §5.
 */

import { checkPicture } from "./picture_check.js";
import { installPackages, startPython } from "./python.js";
import { ActionSampler, PacketQueue } from "./tick_input.js";
import { Ticker } from "./ticker.js";

/** @import { DrawCommand, GameConfig } from "../types.js" */
/** @import { DrawRules } from "./picture_check.js" */
/** @import { Pyodide } from "./python.js" */

/** How Python names an error at the end of its traceback. */
const ERROR_LINE = /^[\w.]*(Error|Exception|Exit|Interrupt|Iteration)\b/;

/** A trial of a game that takes longer has found out enough. */
const LONGEST_TRIAL_MS = 5000;

/** @typedef {(nowMs: number, action: number, hidden: boolean, incoming?: Uint8Array) => string} Tick */
/** @typedef {(seat: number) => void} Cut */

/** @param {object} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/** @param {number} fraction @param {string} label */
function postProgress(fraction, label) {
  post({ type: "progress", fraction, label });
}

/**
 * @param {unknown} error
 * @param {number | null} request that it answers; null for an error of a running game
 */
function postError(error, request) {
  console.error(error);
  const traceback = String(error instanceof Error ? error.message : error).trimEnd();
  const lines = traceback.split("\n");
  // Pyodide may go on after the line that says what is wrong.
  const message = lines.filter((line) => ERROR_LINE.test(line)).pop() ?? lines.slice(-1)[0];
  post({ type: "error", request, message, traceback });
}

/** @param {string} base64 @returns {ArrayBuffer} */
function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/** One game: the loop in Python, its ticker and the input of the next tick. */
class RunningGame {
  #tick;
  #cut;
  #packets = new PacketQueue();
  #sampler;
  #ticker;
  #rules;
  #hasTicked = false;

  /** @param {Tick} tick @param {Cut} cut @param {DrawRules} rules @param {GameConfig} config */
  constructor(tick, cut, rules, config) {
    this.#tick = tick;
    this.#cut = cut;
    this.#rules = rules;
    this.#sampler = new ActionSampler(config.default_action);
    this.#ticker = new Ticker(1000 / config.fps, () => this.#advance());
  }

  /** @param {number} delayMs */
  run(delayMs) {
    this.#ticker.start(delayMs);
  }

  stop() {
    this.#ticker.stop();
  }

  /** @param {number} action @param {boolean} hidden */
  setAction(action, hidden) {
    this.#sampler.set(action, hidden);
  }

  /** @param {number} seat @param {ArrayBuffer} bytes */
  receive(seat, bytes) {
    this.#packets.push(seat, bytes);
  }

  /** @param {number} seat */
  cut(seat) {
    this.#cut(seat);
  }

  /** @returns {number} by how many ms the next tick is to be put off */
  #advance() {
    // A tap during the countdown does not count.
    if (!this.#hasTicked) this.#sampler.consume();
    this.#hasTicked = true;
    const { action, hidden } = this.#sampler;
    let result;
    try {
      result = JSON.parse(this.#tick(performance.now(), action, hidden, this.#packets.take()));
      for (const picture of [result.corrected, result.draw]) {
        if (picture) checkPicture(picture, this.#rules);
      }
    } catch (error) {
      this.stop();
      postError(error, null);
      return 0;
    }
    if (result.advanced) this.#sampler.consume();
    /** @type {[number, ArrayBuffer][]} */
    const packets = result.packets.map((/** @type {[number, string]} */ [seat, base64]) => [
      seat,
      decode(base64),
    ]);
    post(
      { type: "frame", result, packets },
      packets.map(([, bytes]) => bytes),
    );
    if (result.drained) this.stop();
    return result.wait_ms;
  }
}

class EngineWorker {
  /** @type {Pyodide | null} */
  #pyodide = null;
  /** @type {any} */
  #env = null;
  #environmentCode = "";
  #environmentUsed = false;
  /** The game's objects in Python. @type {{destroy(): void}[]} */
  #proxies = [];
  /** @type {RunningGame | null} */
  #game = null;
  /** Settles when all requests so far are answered. @type {Promise<void>} */
  #answered = Promise.resolve();

  /** @param {any} message */
  handle(message) {
    switch (message.type) {
      case "load":
        this.#answer(message.request, () => this.#load(message.pyodide_url, message.runtime_url));
        break;
      case "environment":
        this.#answer(message.request, () => this.#prepare(message.packages, message.code));
        break;
      case "start":
        this.#answer(message.request, () => this.#start(message.config));
        break;
      case "measure":
        this.#answer(message.request, () => this.#measure(message.config, message.frames));
        break;
      case "run":
        this.#game?.run(message.delay_ms);
        break;
      case "action":
        this.#game?.setAction(message.action, message.hidden);
        break;
      case "packet":
        this.#game?.receive(message.seat, message.bytes);
        break;
      case "cut":
        this.#game?.cut(message.seat);
        break;
      case "stop":
        this.#stop();
        break;
    }
  }

  /**
   * Answer a request. One begins when the one before has ended, as both would change Python.
   * @param {number} request
   * @param {() => Promise<{draw?: DrawCommand[], costs_ms?: number[]} | void>} work
   */
  #answer(request, work) {
    this.#answered = this.#answered.then(work).then(
      (result) => post({ type: "ready", request, ...result }),
      (error) => postError(error, request),
    );
  }

  /** @param {string} pyodideUrl @param {string} runtimeUrl */
  async #load(pyodideUrl, runtimeUrl) {
    // The page knows from it that this Worker runs.
    postProgress(0, "Downloading the game");
    this.#pyodide = await startPython(pyodideUrl, runtimeUrl, postProgress);
  }

  /** @param {string[]} packages @param {string} code */
  async #prepare(packages, code) {
    const pyodide = this.#pyodide;
    if (!pyodide) throw new Error("load comes before environment");
    this.#stop();
    await installPackages(pyodide, packages, postProgress);
    this.#loadEnvironment(pyodide, code);
    postProgress(1, "The game is ready");
  }

  /** @param {Pyodide} pyodide @param {string} code */
  #loadEnvironment(pyodide, code) {
    this.#env?.destroy?.();
    this.#env = null;
    this.#env = pyodide.globals.get("load_environment")(code);
    this.#environmentCode = code;
    this.#environmentUsed = false;
  }

  /**
   * @param {GameConfig} config
   * @returns {Promise<{draw: DrawCommand[]}>} the first picture
   */
  async #start(config) {
    const [tick, cut, rules, draw] = this.#create(config);
    this.#game = new RunningGame(tick, cut, rules, config);
    return { draw };
  }

  /**
   * Run a game of one seat as fast as it goes, and see what a frame costs.
   * @param {GameConfig} config
   * @param {number} frames
   * @returns {Promise<{costs_ms: number[]}>}
   */
  async #measure(config, frames) {
    const [tick] = this.#create(config);
    const costs_ms = [];
    const began = performance.now();
    for (let i = 0; i < frames && performance.now() - began < LONGEST_TRIAL_MS; i++) {
      const before = performance.now();
      JSON.parse(tick((i * 1000) / config.fps, config.default_action, false, undefined));
      costs_ms.push(performance.now() - before);
    }
    this.#stop();
    return { costs_ms };
  }

  /**
   * Make a game in Python.
   * @param {GameConfig} config
   * @returns {[Tick, Cut, DrawRules, DrawCommand[]]} the last is the first picture
   */
  #create(config) {
    const pyodide = this.#pyodide;
    if (!pyodide || !this.#env) throw new Error("environment comes before start");
    this.#stop();
    // A second game must not see what the first left in the environment, as a partner may be new.
    if (this.#environmentUsed) this.#loadEnvironment(pyodide, this.#environmentCode);
    this.#environmentUsed = true;
    const created = pyodide.globals.get("create_tick")(this.#env, JSON.stringify(config));
    const [tick, cut, pictureJson, rulesJson] = created.toJs();
    created.destroy();
    this.#proxies = [tick, cut];
    const [picture, rules] = [JSON.parse(pictureJson), JSON.parse(rulesJson)];
    checkPicture(picture, rules);
    return [tick, cut, rules, picture];
  }

  #stop() {
    this.#game?.stop();
    this.#game = null;
    for (const proxy of this.#proxies.splice(0)) proxy.destroy();
  }
}

const engine = new EngineWorker();
self.onmessage = ({ data }) => {
  try {
    engine.handle(data);
  } catch (error) {
    postError(error, null);
  }
};
