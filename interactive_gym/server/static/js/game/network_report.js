/**
 * Sends the rows of `network.csv`: the netcode's figures of each second, together with the page's
 * own of links and pictures. Rows are not acknowledged. Without a connection the newest are kept.
 */

import { batchLength, bytesOf } from "./batches.js";

/** @import { NetworkRow } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { PictureMeter } from "../view/picture_meter.js" */
/** @import { Partners } from "./partners.js" */

/** Rows kept at most, those of a minute with one partner. */
const MAX_PENDING = 60;
/** Rows in one message at most. */
const MAX_BATCH_ROWS = 60;

export class NetworkReport {
  #gameId;
  #connection;
  #partners;
  #pictures;
  /** @type {NetworkRow[]} */
  #pending = [];

  /**
   * @param {string} gameId
   * @param {Pick<Connection, "isConnected" | "send">} connection
   * @param {Pick<Partners, "figures">} partners
   * @param {Pick<PictureMeter, "take">} pictures
   */
  constructor(gameId, connection, partners, pictures) {
    this.#gameId = gameId;
    this.#connection = connection;
    this.#partners = partners;
    this.#pictures = pictures;
  }

  /** @param {NetworkRow[]} rows of the netcode, one per partner */
  async add(rows) {
    if (rows.length === 0) return;
    const pictures = this.#pictures.take();
    const figures = await Promise.all(rows.map((row) => this.#partners.figures(row.peer_seat)));
    // Not before, as earlier rows may have been sent while the figures were awaited.
    const complete = rows.map((row, i) => ({ ...row, ...figures[i], ...pictures }));
    this.#pending = [...this.#pending, ...complete].slice(-MAX_PENDING);
    if (!this.#connection.isConnected) return;
    while (this.#pending.length > 0) {
      const sizes = this.#pending.map((row) => ({ rows: 1, bytes: bytesOf(row) }));
      const batch = this.#pending.splice(0, batchLength(sizes, MAX_BATCH_ROWS));
      this.#connection.send("game_network", { game_id: this.#gameId, rows: batch });
    }
  }
}
