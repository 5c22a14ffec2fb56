/**
 * Runs Python in Pyodide under Node and prints what it returns.
 * Usage: node python_in_node.mjs <pyodide.mjs> <archive of modules> <source> <wheel>…
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodidePath, archivePath, source, ...wheels] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(pyodidePath).href);
const pyodide = await loadPyodide({ env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" } });
try {
  pyodide.unpackArchive(new Uint8Array(readFileSync(archivePath)), "zip", { extractDir: "/modules" });
  for (const wheel of wheels) {
    await pyodide.loadPackage(pathToFileURL(wheel).href, { messageCallback: () => {} });
  }
  pyodide.runPython(`import sys; sys.path.insert(0, "/modules")`);
  console.log(await pyodide.runPythonAsync(source));
} catch (error) {
  // Node would print all of Pyodide with it.
  console.error(String(error));
  process.exitCode = 1;
}
