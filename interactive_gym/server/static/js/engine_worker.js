/**
 * The engine: Pyodide, the environment, the game loop of `interactive_gym.netcode` and the ticker.
 * Never touches a connection or the DOM; the messages are those of `docs/protocol.md` §5.
 */

/** @import { GameConfig } from "./types.js" */

import { ActionSampler, PacketQueue } from "./tick_input.js";
import { Ticker } from "./ticker.js";

/** Bytes that loading Pyodide fetches, about; only the progress bar depends on it. */
const EXPECTED_BYTES = 12_260_000;
/** Share of the progress bar that downloading takes; the rest is starting Python. */
const DOWNLOAD_SHARE = 0.8;
/** Its share when Python has started; the rest is packages. */
const RUNTIME_SHARE = 0.95;

const PYTHON_SHIM = `
import linecache
import sys
import traceback
import types


def load_environment(code):
    """Run the experiment's code as __main__ and return the env it defines."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    linecache.cache["environment.py"] = (len(code), None, code.splitlines(True), "environment.py")
    exec(compile(code, "environment.py", "exec"), module.__dict__)
    if not hasattr(module, "env"):
        raise NameError("the environment code must define a variable named env")
    return module.env


def create_tick(env, config_json):
    """The game loop's tick, taking its incoming datagrams as a JavaScript buffer, its cut, and a
    picture."""
    from interactive_gym.netcode.game_loop import create_game_loop

    loop = create_game_loop(env, config_json, sys.modules["__main__"].__dict__)

    def tick(now_ms, action, hidden, incoming):
        return loop.tick(now_ms, action, hidden, incoming.to_bytes() if incoming else b"")

    return tick, loop.cut, loop.picture()
`;

/** @typedef {import("pyodide").PyodideInterface} Pyodide */
/** @typedef {(nowMs: number, action: number, hidden: boolean, incoming?: Uint8Array) => string} Tick */
/** @typedef {(seat: number) => void} Cut */

/** @param {object} message @param {Transferable[]} [transfer] */
function post(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/** @param {unknown} error */
function postError(error) {
  console.error(error);
  const lines = String(error instanceof Error ? error.message : error).trimEnd().split("\n");
  post({ type: "error", message: lines[lines.length - 1] });
}

/**
 * A `fetch` that reports the share of the expected bytes received so far, and what goes wrong.
 * @param {typeof fetch} originalFetch
 * @param {(error: Error) => void} onFailure
 * @returns {typeof fetch}
 */
function countingFetch(originalFetch, onFailure) {
  let received = 0;
  return async (input, init) => {
    const response = await originalFetch(input, init).catch((error) => {
      onFailure(error);
      throw error;
    });
    if (!response.ok) onFailure(new Error(`${response.url} answered ${response.status}`));
    if (!response.ok || !response.body) return response;
    const counter = new TransformStream({
      transform(chunk, controller) {
        received += chunk.byteLength;
        const share = Math.min(1, received / EXPECTED_BYTES);
        const label = share < 1 ? "Downloading the game" : "Starting the game";
        post({ type: "progress", fraction: DOWNLOAD_SHARE * share, label });
        controller.enqueue(chunk);
      },
    });
    response.body.pipeTo(counter.writable).catch(onFailure);
    const type = response.headers.get("Content-Type") ?? "application/octet-stream";
    return new Response(counter.readable, { headers: { "Content-Type": type } });
  };
}

/** @param {string} base64 @returns {ArrayBuffer} */
function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/**
 * Start Python. Pyodide reports no progress of its own, and waits for ever where a download breaks
 * off; so its downloads are watched on their way.
 * @param {string} pyodideUrl the folder it is loaded from
 * @returns {Promise<Pyodide>}
 */
async function loadPython(pyodideUrl) {
  /** @type {typeof import("pyodide")} */
  const { loadPyodide } = await import(`${pyodideUrl}pyodide.mjs`);
  const originalFetch = self.fetch;
  try {
    return await new Promise((resolve, reject) => {
      self.fetch = countingFetch(originalFetch, reject);
      loadPyodide({
        indexURL: pyodideUrl,
        env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" },
      }).then(resolve, reject);
    });
  } finally {
    self.fetch = originalFetch;
  }
}

/**
 * Start Python with the game's runtime in it.
 * @param {string} pyodideUrl the folder it is loaded from
 * @param {string} runtimeUrl
 * @returns {Promise<Pyodide>}
 */
async function loadRuntime(pyodideUrl, runtimeUrl) {
  const runtime = fetch(runtimeUrl);
  // It is waited for later; until then a failure has no listener.
  runtime.catch(() => {});
  const pyodide = await loadPython(pyodideUrl);
  post({ type: "progress", fraction: RUNTIME_SHARE, label: "Starting the game" });
  const response = await runtime;
  if (!response.ok) throw new Error(`the game's runtime could not be loaded (${response.status})`);
  pyodide.unpackArchive(await response.arrayBuffer(), "zip", { extractDir: "/runtime" });
  pyodide.runPython(`import sys; sys.path.insert(0, "/runtime")`);
  pyodide.runPython(PYTHON_SHIM);
  return pyodide;
}

/**
 * Install the wheels that the environment's code needs. Given as URLs, Pyodide takes them as they
 * are: it looks for no dependencies and checks no hash, both of which are the server's work.
 * @param {Pyodide} pyodide
 * @param {string[]} urls
 */
async function installPackages(pyodide, urls) {
  for (const [i, url] of urls.entries()) {
    const share = RUNTIME_SHARE + (1 - RUNTIME_SHARE) * (i / urls.length);
    post({ type: "progress", fraction: share, label: "Downloading the game's packages" });
    const faults = /** @type {string[]} */ ([]);
    await pyodide.loadPackage(url, {
      messageCallback: () => {},
      errorCallback: (fault) => faults.push(fault),
    });
    // Pyodide only prints what went wrong.
    if (!Object.values(pyodide.loadedPackages).includes(url)) {
      throw new Error(`the package ${url} could not be installed: ${faults.join(" ")}`);
    }
  }
}

/** One game: the Python loop, its ticker and what goes into the next tick. */
class RunningGame {
  #tick;
  #cut;
  #packets = new PacketQueue();
  #sampler;
  #ticker;
  #hasTicked = false;

  /** @param {Tick} tick @param {Cut} cut @param {GameConfig} config */
  constructor(tick, cut, config) {
    this.#tick = tick;
    this.#cut = cut;
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

  /** @returns {number} how much later than usual the next tick shall be, in ms */
  #advance() {
    // A tap during the countdown is none of the game.
    if (!this.#hasTicked) this.#sampler.consume();
    this.#hasTicked = true;
    const { action, hidden } = this.#sampler;
    let result;
    try {
      result = JSON.parse(this.#tick(performance.now(), action, hidden, this.#packets.take()));
    } catch (error) {
      this.stop();
      postError(error);
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
  /** @type {Promise<Pyodide> | null} */
  #pyodide = null;
  /** @type {any} */
  #env = null;
  #environmentCode = "";
  #environmentUsed = false;
  /** What of Python the game holds. @type {{destroy(): void}[]} */
  #proxies = [];
  /** @type {RunningGame | null} */
  #game = null;

  /** @param {any} message */
  async handle(message) {
    switch (message.type) {
      case "load":
        this.#pyodide = loadRuntime(message.pyodide_url, message.runtime_url);
        await this.#pyodide;
        post({ type: "ready", what: "runtime" });
        break;
      case "environment":
        await this.#prepare(message.packages, message.code);
        post({ type: "ready", what: "environment" });
        break;
      case "start":
        post({ type: "ready", what: "game", draw: await this.#start(message.config) });
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

  /** @param {string[]} packages @param {string} code */
  async #prepare(packages, code) {
    const pyodide = await this.#pyodide;
    if (!pyodide) throw new Error("load comes before environment");
    this.#stop();
    await installPackages(pyodide, packages);
    this.#loadEnvironment(pyodide, code);
    post({ type: "progress", fraction: 1, label: "The game is ready" });
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
   * @returns {Promise<unknown>} the draw commands of the first picture
   */
  async #start(config) {
    const pyodide = await this.#pyodide;
    if (!pyodide || !this.#env) throw new Error("environment comes before start");
    this.#stop();
    // A second game must not see what a first one left in the environment: its partner may be new.
    if (this.#environmentUsed) this.#loadEnvironment(pyodide, this.#environmentCode);
    this.#environmentUsed = true;
    const created = pyodide.globals.get("create_tick")(this.#env, JSON.stringify(config));
    const [tick, cut, picture] = created.toJs();
    created.destroy();
    this.#proxies = [tick, cut];
    this.#game = new RunningGame(tick, cut, config);
    return JSON.parse(picture);
  }

  #stop() {
    this.#game?.stop();
    this.#game = null;
    for (const proxy of this.#proxies.splice(0)) proxy.destroy();
  }
}

const engine = new EngineWorker();
self.onmessage = ({ data }) => {
  engine.handle(data).catch(postError);
};
