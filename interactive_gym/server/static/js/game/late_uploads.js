/** Sends what earlier pages of this browser have kept of their games, as the server had not got it. */

import { Ending } from "./ending.js";
import { Reports } from "./reports.js";
import { Uploader } from "./uploader.js";

/** @import { Chunk, KeptGame } from "../types.js" */
/** @import { Connection } from "../net/connection.js" */
/** @import { Timers } from "../timers.js" */
/** @import { KeptGames } from "./kept_games.js" */

const LOOK_MS = 2000;

export class LateUploads {
  #connection;
  #timers;
  #keptGames;

  /**
   * @param {Connection} connection
   * @param {Timers} timers
   * @param {KeptGames} keptGames
   */
  constructor(connection, timers, keptGames) {
    this.#connection = connection;
    this.#timers = timers;
    this.#keptGames = keptGames;
  }

  /** Send all that is kept. */
  async send() {
    for (const { game, chunks } of await this.#keptGames.all()) this.#send(game, chunks);
  }

  /**
   * @param {KeptGame} game
   * @param {Chunk[]} chunks
   */
  #send(game, chunks) {
    const { game_id, incarnation, token } = game;
    const page = { game_id, incarnation, token };
    const uploader = new Uploader(this.#connection, this.#timers, page, game.rows_per_frame);
    for (const { firstFrame, rows, digest } of chunks) {
      uploader.add(game.columns, firstFrame, rows, digest);
    }
    uploader.frames = game.frames;
    uploader.digest = game.digest;
    const ending = new Ending(page, uploader, this.#connection, this.#timers);
    if (game.reason) ending.report(game.reason);
    const common = { connection: this.#connection, timers: this.#timers, page };
    const events = new Reports({ ...common, event: "game_events", field: "events" });
    const network = new Reports({ ...common, event: "game_network", field: "rows" });
    events.restore(game.events.first, game.events.reports);
    network.restore(game.network.first, game.network.reports);
    const look = () => {
      const isSent = uploader.isAllAcknowledged && events.isAllKnown && network.isAllKnown;
      if (!isSent || ending.isWaiting) this.#timers.after(LOOK_MS, look);
      else {
        uploader.close();
        this.#keptGames.drop(game_id);
      }
    };
    look();
  }
}
