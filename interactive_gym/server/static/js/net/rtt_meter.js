/**
 * The arithmetic of an RTT measurement by pings and pongs: the samples, the time-out of a ping and
 * when to stop. It is given the time in ms and the caller sends.
 *
 * Each ping carries a random nonce, which only its pong can repeat. A partner who could guess it
 * would answer ahead of time and seem nearer than they are.
 */

const PROBE = 0x50;
const PING = 0x01;
const PONG = 0x02;
const NONCE_AT = 2;
const DATAGRAM_BYTES = NONCE_AT + 8;

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
 * @param {bigint} nonce
 */
function datagram(kind, nonce) {
  const view = new DataView(new ArrayBuffer(DATAGRAM_BYTES));
  view.setUint8(0, PROBE);
  view.setUint8(1, kind);
  view.setBigUint64(NONCE_AT, nonce);
  return new Uint8Array(view.buffer);
}

/**
 * The nonce in a datagram of this kind; null if the bytes are another one.
 * @param {ArrayBuffer} bytes
 * @param {number} kind
 */
function nonceIn(bytes, kind) {
  if (bytes.byteLength !== DATAGRAM_BYTES) return null;
  const view = new DataView(bytes);
  const isMeant = view.getUint8(0) === PROBE && view.getUint8(1) === kind;
  return isMeant ? view.getBigUint64(NONCE_AT) : null;
}

/**
 * The pong to a ping, or null if the bytes are no ping.
 * @param {ArrayBuffer} bytes
 */
export function pongTo(bytes) {
  const nonce = nonceIn(bytes, PING);
  return nonce === null ? null : datagram(PONG, nonce);
}

/**
 * The nonce of a pong, or null if the bytes are no pong.
 * @param {ArrayBuffer} bytes
 */
export function pongNonce(bytes) {
  return nonceIn(bytes, PONG);
}

function newNonce() {
  return crypto.getRandomValues(new BigUint64Array(1))[0];
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
  /** @type {bigint | null} */
  #latestNonce = null;
  /** When each ping without a pong was sent, by its nonce. @type {Map<bigint, number>} */
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
    const isLatestAnswered = this.#latestNonce === null || !this.#unanswered.has(this.#latestNonce);
    return this.#unanswered.size - (isLatestAnswered ? 0 : 1);
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
    const nonce = newNonce();
    this.#latestNonce = nonce;
    this.#unanswered.set(nonce, nowMs);
    return datagram(PING, nonce);
  }

  /**
   * Take in a pong. A late one counts too: without it a slow path would look fast. One that answers
   * no ping, or answers it again, is ignored.
   * @param {bigint} nonce
   * @param {number} nowMs
   * @returns {boolean} whether it answers the latest ping, so that the next is due
   */
  pong(nonce, nowMs) {
    const sentMs = this.#unanswered.get(nonce);
    if (sentMs === undefined) return false;
    this.#unanswered.delete(nonce);
    const rttMs = Math.max(CLOCK_STEP_MS, nowMs - sentMs);
    if (this.#warmUpMs === null) this.#warmUpMs = rttMs;
    else this.samplesMs.push(rttMs);
    return nonce === this.#latestNonce;
  }
}
