/** Puts the quality of the connection to the partners into words. */

/** @import { PeerStatus } from "../types.js" */

/** A partner who is not heard for longer than this counts as silent. */
export const SILENT_MS = 500;
const GOOD_UP_TO_MS = 100;
const FAIR_UP_TO_MS = 200;

/** @typedef {{level: "good"|"fair"|"poor"|"silent"|"unknown", text: string}} LinkQuality */

/**
 * The quality of the worst connection.
 * @param {PeerStatus[]} peers as the netcode reports them
 * @param {number | null} rttMs the largest P2P RTT to any of them
 * @returns {LinkQuality}
 */
export function linkQuality(peers, rttMs) {
  if (peers.some(({ silence_ms }) => silence_ms > SILENT_MS)) {
    return { level: "silent", text: "no answer" };
  }
  if (rttMs === null) return { level: "unknown", text: "measuring" };
  const level = rttMs <= GOOD_UP_TO_MS ? "good" : rttMs <= FAIR_UP_TO_MS ? "fair" : "poor";
  return { level, text: `${level} · ${Math.round(rttMs)} ms` };
}
