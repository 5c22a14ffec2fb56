/**
 * Puts into words why the game does not go on at this moment, and how far the waiting has got.
 * Pure: looks at one tick and at what the server has said of reloads.
 */

import { forGroup, inWords } from "../pages/wording.js";
import { SILENT_MS } from "./link_quality.js";

/** @import { TickResult } from "../types.js" */
/** @import { Message } from "../view/overlay.js" */

/**
 * @typedef {object} Circumstances
 * @property {TickResult} result
 * @property {boolean} areReturning whether partners have reloaded and are not back yet
 * @property {number} stalledMs for how long the game has not advanced
 * @property {number} limitMs after which a silent partner is lost
 * @property {number} groupSize
 */

/**
 * The message to show over the picture, or null while the game goes on.
 * @param {Circumstances} circumstances
 * @returns {Message | null}
 */
export function pauseMessage({ result, areReturning, stalledMs, limitMs, groupSize }) {
  const { peers, resuming } = result;
  if (resuming) {
    const fraction = resuming.of > 0 ? resuming.frame / resuming.of : undefined;
    return { text: "Returning to your game…", fraction };
  }
  const silenceMs = Math.max(0, ...peers.map(({ silence_ms }) => silence_ms));
  const isWaiting = silenceMs > SILENT_MS || stalledMs > SILENT_MS;
  const returning = peers.find((peer) => peer.resuming);
  if (returning || (isWaiting && areReturning)) {
    return {
      text: forGroup("Your partner is coming back…", groupSize),
      detail: "The game goes on by itself.",
      fraction: returning ? returning.frame / Math.max(1, result.frame) : undefined,
    };
  }
  if (!isWaiting) return null;
  return {
    text: forGroup("Waiting for your partner…", groupSize),
    detail: `We wait for up to ${inWords(limitMs)}.`,
    fraction: Math.min(1, Math.max(silenceMs, stalledMs) / limitMs),
  };
}
