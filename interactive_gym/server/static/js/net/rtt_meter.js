/**
 * The arithmetic of one RTT measurement by ping-pong: which ping is next, what a pong tells, when
 * enough is known. Pure: no clock, no connection; times are given in ms.
 */

const PROBE = 0x50;
const PING = 0x01;
const PONG = 0x02;
const DATAGRAM_BYTES = 4;

/** Samples after which the measurement may end early. */
const MIN_SAMPLES = 4;
/** Clearly below the threshold: every sample under this share of it. */
const CLEARLY_BELOW = 0.8;
/** Clearly above: every sample over this multiple of it. */
const CLEARLY_ABOVE = 1.2;

const FIRST_TIMEOUT_MS = 500;
const MIN_TIMEOUT_MS = 100;
const TIMEOUT_MEDIANS = 3;
/** The finest step of a page's clock; a shorter round trip reads as 0, which it never is. */
const CLOCK_STEP_MS = 0.1;

/**
 * @param {number} kind
 * @param {number} sequence
 */
function datagram(kind, sequence) {
  return new Uint8Array([PROBE, kind, sequence >> 8, sequence & 0xff]);
}

/**
 * The pong to a ping, or null where the bytes are no ping.
 * @param {ArrayBuffer} bytes
 */
export function pongTo(bytes) {
  const view = new Uint8Array(bytes);
  const isPing = view.length === DATAGRAM_BYTES && view[0] === PROBE && view[1] === PING;
  return isPing ? datagram(PONG, (view[2] << 8) | view[3]) : null;
}

/**
 * The sequence number of a pong, or null where the bytes are no pong.
 * @param {ArrayBuffer} bytes
 */
export function pongSequence(bytes) {
  const view = new Uint8Array(bytes);
  const isPong = view.length === DATAGRAM_BYTES && view[0] === PROBE && view[1] === PONG;
  return isPong ? (view[2] << 8) | view[3] : null;
}

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export class RttMeter {
  #pings;
  #thresholdMs;
  #nextSequence = 0;
  #latestSequence = -1;
  /** Pings without a pong: sequence number → when sent. @type {Map<number, number>} */
  #unanswered = new Map();
  /** @type {number | null} */
  #warmUpMs = null;

  /** RTT samples in ms, the warm-up one left out. @type {number[]} */
  samplesMs = [];

  /**
   * @param {number} pings samples wanted
   * @param {number | null} thresholdMs the verdict's threshold, where stopping early is safe
   */
  constructor(pings, thresholdMs) {
    this.#pings = pings;
    this.#thresholdMs = thresholdMs;
  }

  /** Pings given up; one whose pong came late after all is no longer among them. */
  get lost() {
    return this.#unanswered.size - (this.#unanswered.has(this.#latestSequence) ? 1 : 0);
  }

  /** How long to wait for the pong of the latest ping before another is sent. */
  get timeoutMs() {
    const known = this.samplesMs.length > 0 ? this.samplesMs : [this.#warmUpMs];
    if (known[0] === null) return FIRST_TIMEOUT_MS;
    return Math.max(MIN_TIMEOUT_MS, TIMEOUT_MEDIANS * median(/** @type {number[]} */ (known)));
  }

  /**
   * A sequential test: after at least four samples the measurement ends where all of them lie
   * below 0.8 times the threshold or all above 1.2 times, since further samples would hardly move
   * the median across it; else with the wanted number of samples.
   */
  get isDone() {
    const count = this.samplesMs.length;
    if (count >= this.#pings) return true;
    if (this.#thresholdMs === null || count < MIN_SAMPLES) return false;
    return (
      Math.max(...this.samplesMs) < CLEARLY_BELOW * this.#thresholdMs ||
      Math.min(...this.samplesMs) > CLEARLY_ABOVE * this.#thresholdMs
    );
  }

  /**
   * The next ping, to be sent at once.
   * @param {number} nowMs
   */
  ping(nowMs) {
    const sequence = this.#nextSequence++ & 0xffff;
    this.#latestSequence = sequence;
    this.#unanswered.set(sequence, nowMs);
    return datagram(PING, sequence);
  }

  /**
   * Take in a pong. A late one still counts: leaving it out would make a slow path look fast.
   * @param {number} sequence
   * @param {number} nowMs
   * @returns {boolean} whether it answers the latest ping, so that the next one is due
   */
  pong(sequence, nowMs) {
    const sentMs = this.#unanswered.get(sequence);
    if (sentMs === undefined) return false;
    this.#unanswered.delete(sequence);
    const rttMs = Math.max(CLOCK_STEP_MS, nowMs - sentMs);
    if (this.#warmUpMs === null) this.#warmUpMs = rttMs;
    else this.samplesMs.push(rttMs);
    return sequence === this.#latestSequence;
  }
}
