/**
 * Starts Python in the engine's Worker: Pyodide, the game's runtime and packages, with progress.
 * The functions of the shim below are among the globals of what it returns.
 */

import { watchDownloads } from "./downloads.js";

/** @typedef {import("pyodide").PyodideInterface} Pyodide */
/** @typedef {(fraction: number, label: string) => void} OnProgress */

/** About how many bytes Pyodide's download has. Only the progress bar depends on it. */
const EXPECTED_BYTES = 12_260_000;
/** Share of the progress bar when the download is done. */
const DOWNLOAD_SHARE = 0.8;
/** Its share when Python has started. The rest is packages. */
const RUNTIME_SHARE = 0.95;

const PYTHON_SHIM = `
import linecache
import sys
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
    """The game loop's tick, taking its incoming datagrams as a JavaScript buffer, its cut, a
    picture, and the rules of pictures."""
    import json

    from interactive_gym.netcode.draw_commands import rules
    from interactive_gym.netcode.game_loop import create_game_loop

    loop = create_game_loop(env, config_json, sys.modules["__main__"].__dict__)

    def tick(now_ms, action, hidden, incoming):
        return loop.tick(now_ms, action, hidden, incoming.to_bytes() if incoming else b"")

    return tick, loop.cut, loop.picture(), json.dumps(rules())
`;

/**
 * Start Pyodide.
 * @param {string} pyodideUrl the folder it is loaded from
 * @returns {Promise<Pyodide>}
 */
async function loadPyodideFrom(pyodideUrl) {
  /** @type {typeof import("pyodide")} */
  const { loadPyodide } = await import(`${pyodideUrl}pyodide.mjs`);
  return loadPyodide({
    indexURL: pyodideUrl,
    env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" },
  });
}

/**
 * Download Pyodide and the game's runtime, and start Pyodide.
 * @param {string} pyodideUrl
 * @param {string} runtimeUrl
 * @returns {Promise<[Pyodide, ArrayBuffer]>}
 */
async function download(pyodideUrl, runtimeUrl) {
  const runtime = fetch(runtimeUrl);
  // It is awaited later, and until then a failure has no listener.
  runtime.catch(() => {});
  const pyodide = await loadPyodideFrom(pyodideUrl);
  const response = await runtime;
  if (!response.ok) throw new Error(`the game's runtime could not be loaded (${response.status})`);
  return [pyodide, await response.arrayBuffer()];
}

/**
 * Start Python with the game's runtime in it.
 * @param {string} pyodideUrl the folder it is loaded from
 * @param {string} runtimeUrl
 * @param {OnProgress} onProgress
 * @returns {Promise<Pyodide>}
 */
export async function startPython(pyodideUrl, runtimeUrl, onProgress) {
  let received = 0;
  const [pyodide, runtime] = await watchDownloads(
    () => download(pyodideUrl, runtimeUrl),
    (bytes) => {
      received += bytes;
      const share = Math.min(1, received / EXPECTED_BYTES);
      const label = share < 1 ? "Downloading the game" : "Preparing the game";
      onProgress(DOWNLOAD_SHARE * share, label);
    },
  );
  onProgress(RUNTIME_SHARE, "Preparing the game");
  pyodide.unpackArchive(runtime, "zip", { extractDir: "/runtime" });
  pyodide.runPython(`import sys; sys.path.insert(0, "/runtime")`);
  pyodide.runPython(PYTHON_SHIM);
  return pyodide;
}

/**
 * Install the wheels that the environment's code needs. Pyodide takes URLs as they are: it resolves
 * no dependencies and checks no hash, which the server has done.
 * @param {Pyodide} pyodide
 * @param {string[]} urls
 * @param {OnProgress} onProgress
 */
export async function installPackages(pyodide, urls, onProgress) {
  for (const [i, url] of urls.entries()) {
    const share = RUNTIME_SHARE + (1 - RUNTIME_SHARE) * (i / urls.length);
    onProgress(share, "Downloading the game's packages");
    const faults = /** @type {string[]} */ ([]);
    const loading = () =>
      pyodide.loadPackage(url, {
        messageCallback: () => {},
        errorCallback: (fault) => faults.push(fault),
      });
    await watchDownloads(loading, () => {});
    // Pyodide reports a failure only as a message.
    if (!Object.values(pyodide.loadedPackages).includes(url)) {
      throw new Error(`the package ${url} could not be installed: ${faults.join(" ")}`);
    }
  }
}
