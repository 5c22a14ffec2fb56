/**
 * Starts the page: reads the bootstrap data, begins to load the engine and connects. What fails on
 * the way is shown by load_watch.js.
 */

import { Engine } from "./engine/engine.js";
import { served } from "./net/addresses.js";
import { Connection } from "./net/connection.js";
import { byId } from "./pages/dom.js";
import { currentPhase } from "./pages/phases.js";
import { NO_GAME, Session } from "./session.js";
import { Timers } from "./timers.js";

/** @import { Bootstrap, Snapshot } from "./types.js" */

const SOCKET_IO_CLIENT = "static/vendor/socket.io-client/socket.io.esm.min.js";

/**
 * The certificate of this page's connections, made before the first of them needs it.
 * @returns {Promise<RTCCertificate | null>}
 */
async function makeCertificate() {
  try {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    return await RTCPeerConnection.generateCertificate(algorithm);
  } catch {
    return null;
  }
}

/** @type {Session | null} */
let session = null;

/** @returns {Snapshot} */
function snapshot() {
  return session?.snapshot() ?? { ...NO_GAME, phase: currentPhase() };
}

async function main() {
  Object.assign(window, { interactiveGym: { snapshot } });
  // The browser or the page lacks something, and support.js or load_watch.js has said so.
  if (currentPhase() === "error") return;
  /** @type {Bootstrap} */
  const bootstrap = JSON.parse(byId("bootstrap").textContent ?? "");
  const timers = new Timers();
  const engine = new Engine(bootstrap.runtime_url, bootstrap.pyodide_url);
  /** @type {typeof import("socket.io-client")} */
  const { io } = await import(served(SOCKET_IO_CLIENT));
  const connection = new Connection(io, bootstrap);
  const certificate = await makeCertificate();
  session = new Session(connection, engine, timers, certificate);
  await timers.ready;
  // A style sheet may have failed meanwhile.
  if (currentPhase() === "error") return;
  connection.open();
  // From here on load_watch.js leaves failures to those who know what was loaded for what.
  document.body.dataset.started = "true";
  // The back button may bring a page back from the browser's cache. Its connections are gone and
  // its clock stood still, so it starts anew.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}

main();
