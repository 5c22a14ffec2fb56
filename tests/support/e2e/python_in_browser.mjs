/**
 * Runs Python in Pyodide, as a Worker of an otherwise empty page, and sends what it returns, or how
 * it failed, back to the server that served it.
 */
async function run() {
  const { loadPyodide } = await import("/static/vendor/pyodide/pyodide.mjs");
  const pyodide = await loadPyodide({ env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" } });
  const archive = await (await fetch("/modules.zip")).arrayBuffer();
  pyodide.unpackArchive(archive, "zip", { extractDir: "/modules" });
  for (const wheel of await (await fetch("/wheels.json")).json()) {
    await pyodide.loadPackage(new URL(`/${wheel}`, location.href).href);
  }
  pyodide.runPython(`import sys; sys.path.insert(0, "/modules")`);
  return pyodide.runPythonAsync(await (await fetch("/source.py")).text());
}

run().then(
  (text) => fetch("/returned", { method: "POST", body: text }),
  (error) => fetch("/failed", { method: "POST", body: String(error) }),
);
