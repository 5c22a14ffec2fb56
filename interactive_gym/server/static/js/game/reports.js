/**
 * What a page tells of a game beside its frames, numbered in order. It is sent until the server has
 * acknowledged it, so that nothing is lost while there is no connection, or no server.
 */

import { batchLength, bytesOf } from "./batches.js";

/** @import { Connection } from "../net/connection.js" */
/** @import { UploadRoute } from "../net/upload_route.js" */
/** @import { Timers } from "../timers.js" */
/** @import { Report } from "../types.js" */

/** In one message at most, beside the limit in bytes that holds for all messages. */
const MAX_AT_ONCE = 64;
const RETRY_MS = 1000;
const MAX_RETRY_MS = 10_000;
/** After this many refusals in a row, nothing more is sent. */
const MAX_REFUSALS = 20;

/** @returns {number} the time in milliseconds since 1970, by a clock that is not set meanwhile */
export function nowMs() {
  return performance.timeOrigin + performance.now();
}

/**
 * @typedef {object} ReportsOptions
 * @property {Pick<Connection | UploadRoute, "isConnected" | "request">} connection
 * @property {Timers} timers
 * @property {"game_events" | "game_network"} event
 * @property {"events" | "rows"} field that holds the reports in the event's payload
 * @property {{game_id: string, incarnation: number, token?: string}} page that tells
 */

export class Reports {
  #options;
  /** @type {Report[]} */
  #reports = [];
  /** The number of the first of them. */
  #first = 0;
  /** The number of the first that is not acknowledged. */
  #known = 0;
  #sending = false;
  /** Whether the next attempt is due later, as the last one was in vain. */
  #waits = false;
  #refusals = 0;
  #retryMs = RETRY_MS;

  /** @param {ReportsOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** The number of the first report that is not acknowledged. */
  get known() {
    return this.#known;
  }

  get isAllKnown() {
    return this.#known === this.#end;
  }

  /** @param {{[field: string]: unknown}[]} contents what is told, as of now */
  add(...contents) {
    const atMs = nowMs();
    this.#reports.push(...contents.map((content) => ({ at_ms: atMs, content })));
    this.#send();
  }

  /**
   * Take over the reports of an earlier page.
   * @param {number} first the number of the first
   * @param {Report[]} reports
   */
  restore(first, reports) {
    this.#first = this.#known = first;
    this.#reports = reports;
    this.#send();
  }

  /** @returns {Report[]} those that are not acknowledged */
  unknown() {
    return this.#reports.slice(this.#known - this.#first);
  }

  get #end() {
    return this.#first + this.#reports.length;
  }

  async #send() {
    const isIdle = this.isAllKnown || this.#refusals >= MAX_REFUSALS;
    if (this.#sending || this.#waits || isIdle) return;
    const { connection, timers } = this.#options;
    const before = this.#known;
    if (connection.isConnected) {
      this.#sending = true;
      await this.#sendBatch();
      this.#sending = false;
    }
    if (this.#known > before) {
      this.#retryMs = RETRY_MS;
      this.#send();
      return;
    }
    this.#waits = true;
    timers.after(this.#retryMs, () => {
      this.#waits = false;
      this.#send();
    });
    // A server that is there and takes nothing is asked less and less often.
    if (connection.isConnected) this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
  }

  async #sendBatch() {
    const { connection, event, field, page } = this.#options;
    const waiting = this.unknown();
    const sizes = waiting.map(({ content }) => ({ rows: 1, bytes: bytesOf(content) }));
    const batch = waiting.slice(0, batchLength(sizes, MAX_AT_ONCE));
    const sentMs = nowMs();
    const told = batch.map(({ at_ms, content }) => ({
      age_ms: Math.max(0, Math.round(sentMs - at_ms)),
      ...content,
    }));
    try {
      const payload = /** @type {any} */ ({ ...page, first: this.#known, [field]: told });
      const reply = await connection.request(event, payload);
      if (typeof reply?.next === "number") {
        this.#known = Math.max(this.#first, Math.min(reply.next, this.#end));
        this.#refusals = 0;
      } else {
        this.#refusals += 1;
      }
    } catch {
      // Without an answer the same is told again.
    }
  }
}
