/**
 * The arithmetic of an RTT measurement by pings and pongs: the samples, the time-out of a ping and
 * when to stop. Pure: it is given the time in ms and the caller sends.
 */

const PROBE = 0x50;
const PING = 0x01;
const PONG = 0x02;
const DATAGRAM_BYTES = 4;

/** Samples after which the measurement may end early. */
const MIN_SAMPLES = 4;
/** A path is clearly below the threshold if every sample is under this share of it. */
const CLEARLY_BELOW = 0.8;
/** A path is clearly above the threshold if every sample is over this multiple of it. */
const CLEARLY_ABOVE = 1.2;

const FIRST_TIMEOUT_MS = 500;
const MIN_TIMEOUT_MS = 100;
const TIMEOUT_MEDIANS = 3;
/** The finest step of a page's clock. A shorter round trip reads as 0 and is counted as this. */
const CLOCK_STEP_MS = 0.1;

/**
 * @param {number} kind
 * @param {number} sequence
 */
function datagram(kind, sequence) {
  return new Uint8Array([PROBE, kind, sequence >> 8, sequence & 0xff]);
}

/**
 * The pong to a ping, or null if the bytes are no ping.
 * @param {ArrayBuffer} bytes
 */
export function pongTo(bytes) {
  const view = new Uint8Array(bytes);
  const isPing = view.length === DATAGRAM_BYTES && view[0] === PROBE && view[1] === PING;
  return isPing ? datagram(PONG, (view[2] << 8) | view[3]) : null;
}

/**
 * The sequence number of a pong, or null if the bytes are no pong.
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
  /** When each ping without a pong was sent, by sequence number. @type {Map<number, number>} */
  #unanswered = new Map();
  /** @type {number | null} */
  #warmUpMs = null;

  /** RTT samples in ms, without the first, which warms up the path. @type {number[]} */
  samplesMs = [];

  /**
   * @param {number} pings number of samples wanted
   * @param {number | null} thresholdMs of the verdict; null to never stop early
   */
  constructor(pings, thresholdMs) {
    this.#pings = pings;
    this.#thresholdMs = thresholdMs;
  }

  /** Number of pings without a pong, apart from the latest. A late pong still counts. */
  get lost() {
    return this.#unanswered.size - (this.#unanswered.has(this.#latestSequence) ? 1 : 0);
  }

  /** How long to wait for the latest ping's pong before another ping is sent. */
  get timeoutMs() {
    const known = this.samplesMs.length > 0 ? this.samplesMs : [this.#warmUpMs];
    if (known[0] === null) return FIRST_TIMEOUT_MS;
    return Math.max(MIN_TIMEOUT_MS, TIMEOUT_MEDIANS * median(/** @type {number[]} */ (known)));
  }

  /**
   * Whether there are enough samples. This is a sequential test: the measurement ends early if at
   * least four samples all lie below 0.8 times the threshold, or all above 1.2 times, as further
   * samples would hardly move the median across it.
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
   * The next ping. It is to be sent at once.
   * @param {number} nowMs
   */
  ping(nowMs) {
    const sequence = this.#nextSequence++ & 0xffff;
    this.#latestSequence = sequence;
    this.#unanswered.set(sequence, nowMs);
    return datagram(PING, sequence);
  }

  /**
   * Take in a pong. A late one counts too: without it a slow path would look fast.
   * @param {number} sequence
   * @param {number} nowMs
   * @returns {boolean} whether it answers the latest ping, so that the next is due
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
