/**
 * Which of Socket.IO's transports the next connection is tried with. Some proxies and virus
 * scanners swallow WebSockets: the handshake is never answered, or nothing comes after it. No error
 * tells of it, so it shows by the time. Times are in ms, of a clock that outlives a reload.
 */

/** How long the server's answer through a WebSocket may take. */
export const WEBSOCKET_LIMIT_MS = 5000;
/** For how long WebSockets are left alone after they were swallowed. */
export const POLLING_MS = 10 * 60_000;
/** A WebSocket that falls silent within this time was swallowed. */
const SHORT_LIFE_MS = 30_000;
/** So was one that was closed within it this often in a row. */
const SHORT_LIVES = 2;

export class TransportChoice {
  /** Until when only polling is tried. */
  pollingUntilMs;
  #shortLives = 0;

  /** @param {number} pollingUntilMs what an earlier page of this tab knew, or 0 */
  constructor(pollingUntilMs) {
    this.pollingUntilMs = pollingUntilMs;
  }

  /** @param {number} nowMs @returns {string[]} the transports to try in turn */
  at(nowMs) {
    return nowMs < this.pollingUntilMs ? ["polling"] : ["websocket", "polling"];
  }

  /** A WebSocket was not answered in time. @param {number} nowMs */
  swallowed(nowMs) {
    this.#shortLives = 0;
    this.pollingUntilMs = nowMs + POLLING_MS;
  }

  /** No transport has reached the server, so nothing is known of WebSockets. */
  failed() {
    this.pollingUntilMs = 0;
  }

  /**
   * A connection by WebSocket was lost.
   * @param {number} livedMs
   * @param {string} reason as Socket.IO tells it
   * @param {number} nowMs
   */
  lost(livedMs, reason, nowMs) {
    if (livedMs >= SHORT_LIFE_MS) {
      this.#shortLives = 0;
      return;
    }
    this.#shortLives += reason === "ping timeout" ? SHORT_LIVES : 1;
    if (this.#shortLives >= SHORT_LIVES) this.swallowed(nowMs);
  }
}
