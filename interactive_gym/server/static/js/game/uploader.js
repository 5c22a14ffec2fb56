/**
 * Uploads confirmed rows while the game runs, in order and in batches. Rows are kept until they are
 * acknowledged, and sent again after a lost connection. Rows that the server already has, as after
 * a reload, are not sent.
 */

import { batchLength, bytesOf } from "./batches.js";

/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */

const INTERVAL_MS = 500;
/** Rows in one batch at most, beside the limit in bytes that holds for all messages. */
const MAX_BATCH_ROWS = 2000;
/** After this many answers in a row by which the server took nothing, it is not waited for. */
const MAX_REFUSALS = 20;

/** @typedef {{firstFrame: number, rows: string[], digest: string, bytes: number}} Chunk */

export class Uploader {
  #connection;
  #timers;
  #gameId;
  #rowsPerFrame;
  /** @type {string[]} */
  #columns = [];
  /** Confirmed rows that are not acknowledged, in order. @type {Chunk[]} */
  #pending = [];
  #sending = false;
  /** Whether the server has said which frame it expects. */
  #heard = false;
  #refusals = 0;
  #closed = false;
  /** @type {(() => void)[]} */
  #whenEmpty = [];
  #cancelTimer = () => {};

  /** Number of confirmed frames so far. */
  frames = 0;
  /** Running digest after the last confirmed frame. */
  digest = "";

  /**
   * @param {Connection} connection
   * @param {Timers} timers
   * @param {string} gameId
   * @param {number} rowsPerFrame
   */
  constructor(connection, timers, gameId, rowsPerFrame) {
    this.#connection = connection;
    this.#timers = timers;
    this.#gameId = gameId;
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
    this.#columns = columns;
    this.#pending.push({ firstFrame, rows, digest, bytes: bytesOf(rows) });
    this.frames = firstFrame + rows.length / this.#rowsPerFrame;
    this.digest = digest;
  }

  /**
   * @returns {Promise<void>} resolves once all rows are acknowledged, or the server has refused
   *   them for some time
   */
  flush() {
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#send();
    });
  }

  close() {
    this.#closed = true;
    this.#cancelTimer();
  }

  #schedule() {
    this.#cancelTimer();
    if (this.#closed) return;
    this.#cancelTimer = this.#timers.after(INTERVAL_MS, () => {
      this.#send();
      this.#schedule();
    });
  }

  async #send() {
    if (this.#sending || this.#closed) return;
    if (this.#pending.length === 0 || this.#refusals >= MAX_REFUSALS) {
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
    }
    if (this.#pending.length === 0) return;
    this.#sending = true;
    const isFirst = !this.#heard;
    const batch = this.#nextBatch();
    let progressed = false;
    try {
      const reply = await this.#connection.request("game_frames", {
        game_id: this.#gameId,
        columns: this.#columns,
        first_frame: batch.firstFrame,
        rows: batch.rows,
        digest: batch.digest,
      });
      progressed = this.#acknowledge(reply?.next_frame);
      this.#refusals = progressed ? 0 : this.#refusals + 1;
    } catch {
      // Without an acknowledgement the same rows are sent again with the next batch.
    }
    this.#sending = false;
    if (progressed && (isFirst || this.#whenEmpty.length > 0)) this.#send();
  }

  /**
   * The first pending rows. Before the server has said what it expects, these are as few as
   * possible, as after a reload it already has most of them.
   * @returns {{firstFrame: number, rows: string[], digest: string}}
   */
  #nextBatch() {
    const sizes = this.#pending.map(({ rows, bytes }) => ({ rows: rows.length, bytes }));
    const chunks = this.#pending.slice(0, this.#heard ? batchLength(sizes, MAX_BATCH_ROWS) : 1);
    return {
      firstFrame: chunks[0].firstFrame,
      rows: chunks.flatMap((chunk) => chunk.rows),
      digest: chunks[chunks.length - 1].digest,
    };
  }

  /**
   * Drop the rows that the server has.
   * @param {unknown} nextFrame the frame that the server expects
   * @returns {boolean} whether any were dropped
   */
  #acknowledge(nextFrame) {
    if (typeof nextFrame !== "number") return false;
    this.#heard = true;
    let progressed = false;
    while (this.#pending.length > 0 && this.#pending[0].firstFrame < nextFrame) {
      progressed = true;
      const chunk = this.#pending[0];
      const known = (nextFrame - chunk.firstFrame) * this.#rowsPerFrame;
      if (known >= chunk.rows.length) {
        this.#pending.shift();
      } else {
        const rows = chunk.rows.slice(known);
        this.#pending[0] = { ...chunk, firstFrame: nextFrame, rows, bytes: bytesOf(rows) };
      }
    }
    return progressed;
  }
}
