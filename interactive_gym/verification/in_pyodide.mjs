/**
 * Plays one game again in the vendored Pyodide under Node; started by resimulator.py.
 * Usage: node in_pyodide.mjs JOB RESULT. The job has `pyodide` (folder), `child` (file of child.py),
 * `wheel_files`, and what child.py takes; the result is that of child.py, as JSON.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [jobFile, resultFile] = process.argv.slice(2);

async function play({ pyodide: folder, child, wheel_files, ...job }) {
  const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
  const pyodide = await loadPyodide({
    env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" },
    stdout: () => {},
  });
  for (const entry of readdirSync(job.code, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const target = `/code${file.slice(job.code.length)}`;
    pyodide.FS.mkdirTree(dirname(target));
    pyodide.FS.writeFile(target, readFileSync(file));
  }
  pyodide.FS.mkdirTree("/child");
  pyodide.FS.writeFile("/child/child.py", readFileSync(child));
  for (const wheel of wheel_files) {
    const faults = [];
    await pyodide.loadPackage(pathToFileURL(wheel).href, {
      messageCallback: () => {},
      errorCallback: (fault) => faults.push(fault),
    });
    if (faults.length) throw new Error(`a wheel could not be installed: ${faults.join(" ")}`);
  }
  pyodide.globals.set("job", JSON.stringify({ ...job, code: "/code", wheels: [] }));
  return pyodide.runPython(`
import json, sys
sys.path.insert(0, "/child")
import child
json.dumps(child.run(json.loads(job)))
`);
}

try {
  writeFileSync(resultFile, await play(JSON.parse(readFileSync(jobFile))));
} catch (error) {
  const reason = error.message.trim().split("\n").at(-1);
  const result = { columns: null, rows: [], is_over: false, error: reason };
  writeFileSync(resultFile, JSON.stringify(result));
}
