/**
 * Tries whether this page can connect to another one at all, by connecting to itself.
 */

import { PeerLink } from "./peer_link.js";

/** @import { Timers } from "../timers.js" */

/** As long as a probe has for a connection. */
const PATIENCE_MS = 10_000;

/**
 * @param {Timers} timers
 * @param {RTCIceServer[]} [turnServers] connect through these alone
 * @returns {Promise<"works"|"missing"|"failed">} `missing`: the browser has no WebRTC
 */
export async function tryLoopback(timers, turnServers) {
  if (typeof RTCPeerConnection === "undefined") return "missing";
  /** @type {PeerLink[]} */
  const links = [];
  /** @param {import("../types.js").Role} role @param {() => PeerLink} other */
  const link = (role, other) =>
    new PeerLink({
      role,
      iceServers: turnServers ?? [],
      forceRelay: turnServers !== undefined,
      certificate: null,
      sendSignal: (signal) => other().receiveSignal(signal),
    });
  try {
    const open = new Promise((resolve) => {
      links.push(link("offerer", () => links[1]), link("answerer", () => links[0]));
      links[0].onOpen = () => resolve(true);
      timers.after(PATIENCE_MS, () => resolve(false));
    });
    links[0].begin();
    return (await open) ? "works" : "failed";
  } catch {
    // Some privacy extensions leave the name and take what it does.
    return "failed";
  } finally {
    for (const each of links) each.close();
  }
}
