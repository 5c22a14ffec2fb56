/**
 * Starts the page: reads what the server embedded in it, starts loading the engine at once and
 * connects. Holds no logic of its own.
 */

import { Engine } from "./engine/engine.js";
import { Connection } from "./net/connection.js";
import { byId } from "./pages/dom.js";
import { currentPhase } from "./pages/phases.js";
import { NO_GAME, Session } from "./session.js";
import { Timers } from "./timers.js";

/** @import { Bootstrap, Snapshot } from "./types.js" */

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
  // support.js has found something missing and said so.
  if (currentPhase() === "error") return;
  /** @type {Bootstrap} */
  const bootstrap = JSON.parse(byId("bootstrap").textContent ?? "");
  const engine = new Engine(bootstrap.runtime_url);
  const connection = new Connection(bootstrap);
  const certificate = await makeCertificate();
  session = new Session(connection, engine, new Timers(), certificate);
  connection.open();
  // A page that the browser had put aside, as for its back button, is not what it was: its
  // connections are gone and its clock stood still.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}

main();
