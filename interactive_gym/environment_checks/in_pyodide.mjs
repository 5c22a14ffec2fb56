/**
 * Measures an environment in the vendored Pyodide under Node; started by pyodide_run.py.
 * Usage: node in_pyodide.mjs <job.json>, which holds `pyodide` (folder), `files` ({path, text} to
 * write), `wheels` (files to install), `environment` and `trial`. The last line of its output is
 * JSON: `{cost}`, or `{error}` with the last line of the reason.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = "/check";

const MEASURE = `
import json, os, sys, time
sys.path.insert(0, "${ROOT}")
os.chdir("${ROOT}")
from interactive_gym.environment_checks.checks.cost import measure
from interactive_gym.environment_checks.running.environment_source import EnvironmentSource
from interactive_gym.environment_checks.running.trial import Trial

with EnvironmentSource(environment) as source:
    cost = measure(source.load(), Trial.from_record(json.loads(trial)), time.perf_counter)
json.dumps(cost.as_record())
`;

async function measure(job) {
  const { loadPyodide } = await import(pathToFileURL(join(job.pyodide, "pyodide.mjs")).href);
  const pyodide = await loadPyodide({
    env: { PYTHONHASHSEED: "0", HOME: "/home/pyodide" },
    stdout: () => {},
  });
  for (const { path, text } of job.files) {
    pyodide.FS.mkdirTree(dirname(`${ROOT}/${path}`));
    pyodide.FS.writeFile(`${ROOT}/${path}`, text);
  }
  for (const wheel of job.wheels) {
    const faults = [];
    await pyodide.loadPackage(pathToFileURL(wheel).href, {
      messageCallback: () => {},
      errorCallback: (fault) => faults.push(fault),
    });
    if (faults.length) throw new Error(`${wheel} could not be installed: ${faults.join(" ")}`);
  }
  pyodide.globals.set("environment", job.environment);
  pyodide.globals.set("trial", JSON.stringify(job.trial));
  return JSON.parse(pyodide.runPython(MEASURE));
}

try {
  console.log(JSON.stringify({ cost: await measure(JSON.parse(readFileSync(process.argv[2]))) }));
} catch (error) {
  // Of a Python error, the message is the whole traceback.
  console.log(JSON.stringify({ error: error.message.trim().split("\n").at(-1) }));
}
