/**
 * Uploads confirmed rows while the game runs, in order and in batches. The server says which frame
 * it expects: rows that it has, as after a reload, are not sent, and those that it has lost, as by a
 * power failure, are sent again.
 *
 * A server that cannot save at the moment, for instance as its disk is full, says which frame it
 * still expects. It is asked again, less and less often, for as long as the page is open.
 */

import { batchLength, bytesOf } from "./batches.js";

/** @import { Chunk } from "../types.js" */
/** @import { UploadRoute } from "../net/upload_route.js" */
/** @import { Timers } from "../timers.js" */

const INTERVAL_MS = 500;
/** Rows in one batch at most, beside the limit in bytes that holds for all messages. */
const MAX_BATCH_ROWS = 2000;
/** The longest time between two attempts while the server takes nothing. */
const MAX_INTERVAL_MS = 10_000;
/** After this many refusals in a row, the end of the game does not wait for the rows. */
const MAX_REFUSALS = 20;
/** Nor does it after the server could not save for so long. */
const SAVE_PATIENCE_MS = 60_000;

export class Uploader {
  #connection;
  #timers;
  #page;
  #rowsPerFrame;
  /** All confirmed rows, in order. @type {Chunk[]} */
  #chunks = [];
  /** Which of them has the next frame that is not acknowledged. */
  #first = 0;
  /** That frame. */
  #nextFrame = 0;
  #sending = false;
  /** Whether the server has said which frame it expects. */
  #heard = false;
  #refusals = 0;
  #intervalMs = INTERVAL_MS;
  /** For how long the server could not save. */
  #heldMs = 0;
  #finishing = false;
  #closed = false;
  /** @type {(() => void)[]} */
  #whenEmpty = [];
  #cancelTimer = () => {};

  /** The columns of the rows. @type {string[]} */
  columns = [];
  /** Number of confirmed frames so far. */
  frames = 0;
  /** Running digest after the last confirmed frame. */
  digest = "";
  /** Called when the server says that it cannot save at the moment. */
  onHeld = () => {};

  /**
   * @param {Pick<UploadRoute, "request">} connection
   * @param {Timers} timers
   * @param {{game_id: string, incarnation: number, token?: string}} page what every message says
   * @param {number} rowsPerFrame
   */
  constructor(connection, timers, page, rowsPerFrame) {
    this.#connection = connection;
    this.#timers = timers;
    this.#page = page;
    this.#rowsPerFrame = rowsPerFrame;
    this.#schedule();
  }

  /**
   * Take in confirmed rows.
   * @param {string[]} columns
   * @param {number} firstFrame
   * @param {string[]} rows
   * @param {string} digest
   */
  add(columns, firstFrame, rows, digest) {
    this.columns = columns;
    if (this.#chunks.length === 0) this.#nextFrame = firstFrame;
    this.#chunks.push({ firstFrame, rows, digest, bytes: bytesOf(rows) });
    this.frames = firstFrame + rows.length / this.#rowsPerFrame;
    this.digest = digest;
  }

  get isAllAcknowledged() {
    return this.#first === this.#chunks.length;
  }

  /** The first frame that is not acknowledged. */
  get nextFrame() {
    return this.#nextFrame;
  }

  /**
   * @param {number} fromFrame
   * @returns {Chunk[]} what is not acknowledged from this frame on
   */
  unacknowledged(fromFrame) {
    return this.#chunks.slice(this.#first).filter(({ firstFrame }) => firstFrame >= fromFrame);
  }

  /**
   * @returns {Promise<void>} resolves once all rows are acknowledged, or the server has not taken
   *   them for some time; they are then still offered
   */
  flush() {
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#send();
    });
  }

  /**
   * Go on at the frame that the server expects.
   * @param {unknown} nextFrame
   * @returns {boolean} whether that is another than before
   */
  goOnFrom(nextFrame) {
    if (typeof nextFrame !== "number" || this.#chunks.length === 0) return false;
    this.#heard = true;
    const before = this.#nextFrame;
    this.#nextFrame = Math.max(this.#chunks[0].firstFrame, Math.min(nextFrame, this.frames));
    while (!this.isAllAcknowledged && this.#endOf(this.#first) <= this.#nextFrame) {
      this.#first += 1;
    }
    while (this.#first > 0 && this.#endOf(this.#first - 1) > this.#nextFrame) this.#first -= 1;
    return this.#nextFrame !== before;
  }

  /** Close once all rows are acknowledged, or refused for some time. */
  finish() {
    this.#finishing = true;
    this.#closeIfDone();
  }

  close() {
    this.#closed = true;
    this.#cancelTimer();
  }

  #closeIfDone() {
    const isRefused = this.#refusals >= MAX_REFUSALS;
    if (this.#finishing && (this.isAllAcknowledged || isRefused)) this.close();
  }

  #schedule() {
    this.#cancelTimer();
    if (this.#closed) return;
    this.#cancelTimer = this.#timers.after(this.#intervalMs, () => {
      this.#send();
      this.#schedule();
    });
  }

  async #send() {
    if (this.#sending || this.#closed) return;
    const isAwaited = this.#refusals < MAX_REFUSALS && this.#heldMs < SAVE_PATIENCE_MS;
    if (this.isAllAcknowledged || !isAwaited) {
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
    }
    if (this.isAllAcknowledged) return;
    this.#sending = true;
    const isFirst = !this.#heard;
    const batch = this.#nextBatch();
    let progressed = false;
    try {
      const reply = await this.#connection.request("game_frames", {
        ...this.#page,
        columns: this.columns,
        first_frame: batch.firstFrame,
        rows: batch.rows,
        digest: batch.digest,
      });
      progressed = this.goOnFrom(reply?.next_frame);
      this.#noteAnswer(progressed, typeof reply?.next_frame === "number");
    } catch {
      // Without an acknowledgement the same rows are sent again with the next batch.
    }
    this.#sending = false;
    this.#closeIfDone();
    if (progressed && (isFirst || this.#whenEmpty.length > 0)) this.#send();
  }

  /**
   * The first rows that are not acknowledged. Before the server has said what it expects, these are
   * as few as possible, as after a reload it already has most of them.
   * @returns {{firstFrame: number, rows: string[], digest: string}}
   */
  #nextBatch() {
    const waiting = this.#chunks.slice(this.#first);
    const sizes = waiting.map(({ rows, bytes }) => ({ rows: rows.length, bytes }));
    const chunks = waiting.slice(0, this.#heard ? batchLength(sizes, MAX_BATCH_ROWS) : 1);
    const known = (this.#nextFrame - chunks[0].firstFrame) * this.#rowsPerFrame;
    return {
      firstFrame: this.#nextFrame,
      rows: chunks.flatMap((chunk) => chunk.rows).slice(known),
      digest: chunks[chunks.length - 1].digest,
    };
  }

  /**
   * @param {boolean} progressed whether the server took something
   * @param {boolean} isHeld whether, otherwise, it asks for the same rows once more
   */
  #noteAnswer(progressed, isHeld) {
    if (progressed) {
      this.#refusals = 0;
      this.#heldMs = 0;
      this.#setInterval(INTERVAL_MS);
      return;
    }
    if (isHeld) {
      this.#heldMs += this.#intervalMs;
      this.onHeld();
    } else {
      this.#refusals += 1;
    }
    if (isHeld || this.#refusals >= MAX_REFUSALS) {
      this.#setInterval(Math.min(2 * this.#intervalMs, MAX_INTERVAL_MS));
    }
  }

  /** @param {number} intervalMs */
  #setInterval(intervalMs) {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#schedule();
  }

  /**
   * @param {number} index of a chunk
   * @returns {number} the frame after its last
   */
  #endOf(index) {
    const { firstFrame, rows } = this.#chunks[index];
    return firstFrame + rows.length / this.#rowsPerFrame;
  }
}
