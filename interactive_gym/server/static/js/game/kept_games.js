/**
 * What the server has not got of a game, kept in this browser (IndexedDB) until it has: for a page
 * that is closed while the server cannot be reached. Only a game that waits for the server is
 * written here.
 */

/** @import { Chunk, KeptGame } from "../types.js" */

const DATABASE = `interactive-gym${location.pathname}`;
const GAMES = "games";
const ROWS = "rows";
/** What is older is given up: the study is over. */
const MAX_AGE_MS = 30 * 24 * 3_600_000;

export class KeptGames {
  /** Null where the browser keeps nothing, as in some private windows. */
  /** @type {Promise<IDBDatabase | null>} */
  #database = openDatabase();

  /**
   * Keep a game, and rows in addition to those that are kept already.
   * @param {KeptGame} game
   * @param {Chunk[]} chunks
   */
  async keep(game, chunks) {
    await this.#change((games, rows) => {
      games.put(game);
      for (const chunk of chunks) rows.put({ game_id: game.game_id, ...chunk });
    });
  }

  /** @param {string} gameId */
  async drop(gameId) {
    await this.#change((games, rows) => {
      games.delete(gameId);
      rows.delete(rowsOf(gameId));
    });
  }

  /** @returns {Promise<{game: KeptGame, chunks: Chunk[]}[]>} all games that are kept */
  async all() {
    const database = await this.#database;
    if (!database) return [];
    const transaction = database.transaction([GAMES, ROWS]);
    /** @type {KeptGame[]} */
    const games = await resultOf(transaction.objectStore(GAMES).getAll());
    const kept = [];
    for (const game of games) {
      const rows = database.transaction(ROWS).objectStore(ROWS);
      const chunks = await resultOf(rows.getAll(rowsOf(game.game_id)));
      if (Date.now() - game.kept_at_ms > MAX_AGE_MS) await this.drop(game.game_id);
      else kept.push({ game, chunks });
    }
    return kept;
  }

  /** @param {(games: IDBObjectStore, rows: IDBObjectStore) => void} change */
  async #change(change) {
    const database = await this.#database;
    if (!database) return;
    const transaction = database.transaction([GAMES, ROWS], "readwrite");
    change(transaction.objectStore(GAMES), transaction.objectStore(ROWS));
    await new Promise((resolve) => {
      transaction.oncomplete = transaction.onabort = resolve;
    });
  }
}

/** @returns {Promise<IDBDatabase | null>} */
function openDatabase() {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore(GAMES, { keyPath: "game_id" });
        opening.result.createObjectStore(ROWS, { keyPath: ["game_id", "firstFrame"] });
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = opening.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** @param {string} gameId @returns {IDBKeyRange} */
function rowsOf(gameId) {
  return IDBKeyRange.bound([gameId, 0], [gameId, Infinity]);
}

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
