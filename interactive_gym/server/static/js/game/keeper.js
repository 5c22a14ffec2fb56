/**
 * Keeps in this browser what the server has not got of the present game, once it waits for longer,
 * and drops it when the server has.
 */

/** @import { KeptGame } from "../types.js" */
/** @import { Timers } from "../timers.js" */
/** @import { Ending } from "./ending.js" */
/** @import { KeptGames } from "./kept_games.js" */
/** @import { Reports } from "./reports.js" */
/** @import { Uploader } from "./uploader.js" */

/** What waits for this long is kept. */
const LOOK_MS = 5000;

/**
 * @typedef {object} KeeperOptions
 * @property {KeptGames} keptGames
 * @property {Timers} timers
 * @property {Pick<KeptGame, "game_id" | "token" | "rows_per_frame" | "incarnation">} game
 * @property {Uploader} uploader
 * @property {Ending} ending
 * @property {Reports} events
 * @property {Reports} network
 */

export class Keeper {
  #options;
  /** What was waited for at the last look. */
  #awaited = "";
  #isKept = false;
  /** The frame after the last that is kept. */
  #keptTo = 0;
  #isOver = false;

  /** @param {KeeperOptions} options */
  constructor(options) {
    this.#options = options;
    this.#look();
  }

  /** The game is over: look on only until the server has everything. */
  finish() {
    this.#isOver = true;
  }

  async #look() {
    const { keptGames, timers, game, uploader, ending, events, network } = this.#options;
    const isWaiting =
      !uploader.isAllAcknowledged || ending.isWaiting || !events.isAllKnown || !network.isAllKnown;
    if (!isWaiting) {
      this.#awaited = "";
      if (this.#isKept) await keptGames.drop(game.game_id);
      this.#isKept = false;
      this.#keptTo = 0;
      if (this.#isOver) return;
    } else {
      const awaited = [uploader.nextFrame, ending.isWaiting, events.known, network.known].join();
      if (awaited === this.#awaited) await this.#keep();
      this.#awaited = awaited;
    }
    timers.after(LOOK_MS, () => this.#look());
  }

  async #keep() {
    const { keptGames, game, uploader, ending, events, network } = this.#options;
    const chunks = uploader.unacknowledged(this.#keptTo);
    this.#isKept = true;
    this.#keptTo = uploader.frames;
    const kept = {
      ...game,
      kept_at_ms: Date.now(),
      columns: uploader.columns,
      frames: uploader.frames,
      digest: uploader.digest,
      reason: ending.reason,
      events: { first: events.known, reports: events.unknown() },
      network: { first: network.known, reports: network.unknown() },
    };
    await keptGames.keep(kept, chunks);
  }
}
