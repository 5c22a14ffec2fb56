/**
 * Measures a link's P2P RTT while a game is played over it, with one ping a second. The partner's
 * page answers at once, so that neither side's tick adds to the RTT.
 */

import { RttMeter, median, pongNonce, pongTo } from "./rtt_meter.js";

/** @import { Timers } from "../timers.js" */
/** @import { PeerLink } from "./peer_link.js" */

const INTERVAL_MS = 1000;
/** The RTT shown is the median of this many samples. */
const WINDOW = 5;

export class LinkMonitor {
  #link;
  #timers;
  #meter = new RttMeter(Infinity, null);
  #closed = false;

  /**
   * @param {PeerLink} link
   * @param {Timers} timers
   */
  constructor(link, timers) {
    this.#link = link;
    this.#timers = timers;
    this.#ping();
  }

  /** The P2P RTT in ms, or null before the first sample. */
  get rttMs() {
    const latest = this.#meter.samplesMs.slice(-WINDOW);
    return latest.length > 0 ? median(latest) : null;
  }

  /**
   * Take a datagram if it is a ping or a pong.
   * @param {ArrayBuffer} bytes
   * @returns {boolean} whether it was taken
   */
  take(bytes) {
    const nowMs = performance.now();
    const pong = pongTo(bytes);
    if (pong) {
      this.#link.send(pong);
      return true;
    }
    const nonce = pongNonce(bytes);
    if (nonce === null) return false;
    this.#meter.pong(nonce, nowMs);
    return true;
  }

  close() {
    this.#closed = true;
  }

  #ping() {
    if (this.#closed) return;
    if (this.#link.isOpen) this.#link.send(this.#meter.ping(performance.now()));
    this.#timers.after(INTERVAL_MS, () => this.#ping());
  }
}
