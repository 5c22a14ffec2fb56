/**
 * Follows, tick by tick, how long the partners have been silent: says when one falls silent, is
 * heard again, and for as long as one is silent beyond the limit. Pure: times are given in ms.
 */

import { SILENT_MS } from "./link_quality.js";

/** @import { PeerStatus } from "../types.js" */

const REPEAT_MS = 1000;

/**
 * @typedef {object} SilenceEvents
 * @property {(peer: PeerStatus) => void} onSilent
 * @property {(peer: PeerStatus) => void} onHeard
 * @property {(seat: number) => void} onLost once a second for as long as it is so
 */

export class Silence {
  #limitMs;
  #events;
  /** @type {Set<number>} */
  #silent = new Set();
  /** When each seat was last said to be lost. @type {Map<number, number>} */
  #saidAtMs = new Map();

  /**
   * @param {number} limitMs
   * @param {SilenceEvents} events
   */
  constructor(limitMs, events) {
    this.#limitMs = limitMs;
    this.#events = events;
  }

  /**
   * @param {PeerStatus[]} peers of this tick, without those cut
   * @param {number} nowMs
   */
  note(peers, nowMs) {
    for (const peer of peers) {
      const isSilent = peer.silence_ms > SILENT_MS;
      if (isSilent && !this.#silent.has(peer.seat)) {
        this.#silent.add(peer.seat);
        this.#events.onSilent(peer);
      } else if (!isSilent && this.#silent.delete(peer.seat)) {
        this.#events.onHeard(peer);
      }
      if (peer.silence_ms < this.#limitMs) continue;
      if (nowMs - (this.#saidAtMs.get(peer.seat) ?? -REPEAT_MS) < REPEAT_MS) continue;
      this.#saidAtMs.set(peer.seat, nowMs);
      this.#events.onLost(peer.seat);
    }
  }
}
