/**
 * Runs netcode_workload.py in Pyodide under Node and prints what it measured.
 * Usage: node netcode_in_pyodide.mjs <repository root>; called by bench_netcode.py.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = process.argv[2];
const { loadPyodide } = await import(
  pathToFileURL(join(root, "node_modules/pyodide/pyodide.mjs")).href
);
const pyodide = await loadPyodide({ env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" } });

/** @param {string} folder copied as it is, below /bench */
function copyPython(folder) {
  pyodide.FS.mkdirTree(`/bench/${folder}`);
  for (const name of readdirSync(join(root, folder))) {
    if (!name.endsWith(".py")) continue;
    pyodide.FS.writeFile(`/bench/${folder}/${name}`, readFileSync(join(root, folder, name)));
  }
}

copyPython("interactive_gym");
copyPython("interactive_gym/netcode");
copyPython("interactive_gym/examples");
copyPython("interactive_gym/examples/slime_volleyball");
copyPython("tests/netcode");
copyPython("tests/benchmarks");
pyodide.runPython(`
import sys
sys.path[:0] = ["/bench", "/bench/tests/netcode", "/bench/tests/benchmarks"]
`);
console.log(pyodide.runPython("import netcode_workload; netcode_workload.measure_all()"));
