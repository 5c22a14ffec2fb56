/**
 * Why the game does not go on: a partner is silent, a page is coming back after a reload, or inputs
 * have not arrived. Pure: it is told of ticks, reloads and cuts, and given the time in ms.
 */

import { forGroup, inWords } from "../pages/wording.js";
import { SILENT_MS } from "./link_quality.js";

/** @import { PeerStatus, TickResult } from "../types.js" */
/** @import { Message } from "../view/overlay.js" */

/** How often a lost partner is reported. */
const REPORT_LOST_MS = 1000;
/** A shorter stall is not reported. */
const MIN_STALL_TICKS = 5;
/**
 * A message covers the picture once the game has not gone on for this long. Up to about a second a
 * wait does not break off what somebody is doing (Jakob Nielsen, "Usability Engineering", 1993,
 * §5.5); until then the last picture stays, and the link's colour says that something is amiss.
 */
const COVER_AFTER_MS = 1000;
/**
 * It goes once frames for this long have been played without a gap. Where datagrams come one by
 * one, each lets a frame or two be played and the game stands still again; whoever plays on needs
 * about as long to react to anything, so nothing is lost under the message.
 */
const UNCOVER_AFTER_MS = 250;

/**
 * @typedef {object} PausesOptions
 * @property {number} limitMs of silence after which a partner is lost
 * @property {number} fps
 * @property {number} groupSize participants, oneself included
 * @property {(peer: PeerStatus) => void} onSilent
 * @property {(peer: PeerStatus) => void} onHeard
 * @property {(seat: number) => void} onLost called once a second while the silence lasts
 * @property {(ticks: number) => void} onStall called when a long stall has ended
 */

export class Pauses {
  #options;
  /** The seats that are silent now. @type {Set<number>} */
  #silent = new Set();
  /** When each seat was last reported as lost. @type {Map<number, number>} */
  #lostAtMs = new Map();
  /** When each seat that is not back yet has reloaded. @type {Map<number, number>} */
  #reloadedAtMs = new Map();
  /** How far each page that is loaded again has come. @type {Map<number, number>} */
  #loading = new Map();
  #stalledTicks = 0;
  /** Ticks of the present stall. */
  #stalledInARow = 0;
  /** Frames played since the last gap. */
  #playedInARow = 0;
  /** What covers the picture. @type {Message | null} */
  #shown = null;

  /** @param {PausesOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Ticks so far in which the game waited for a partner's inputs. */
  get stalledTicks() {
    return this.#stalledTicks;
  }

  /**
   * A partner has reloaded.
   * @param {number} seat
   * @param {number} nowMs
   */
  noteReload(seat, nowMs) {
    this.#loading.delete(seat);
    this.#reloadedAtMs.set(seat, nowMs);
  }

  /**
   * A partner's page is loaded again.
   * @param {number} seat
   * @param {number | null} fraction how far it is, or null if it is not there any more
   */
  noteLoading(seat, fraction) {
    if (fraction === null) this.#loading.delete(seat);
    else this.#loading.set(seat, fraction);
  }

  /** @param {number} seat that is lost for good */
  noteCut(seat) {
    this.#loading.delete(seat);
    this.#reloadedAtMs.delete(seat);
  }

  /**
   * Take in a tick.
   * @param {TickResult} result
   * @param {number} nowMs
   */
  noteTick(result, nowMs) {
    if (!result.finished) this.#noteSilence(result, nowMs);
    this.#noteStall(result);
    if (result.advanced) this.#noteReturns(result, nowMs);
    this.#shown = this.#message(result);
  }

  /**
   * The message to show over the picture, or null while the game goes on or may at any moment.
   * @returns {Message | null}
   */
  get message() {
    return this.#shown;
  }

  /** @param {TickResult} result @returns {Message | null} */
  #message({ frame, peers, resuming, advanced }) {
    if (resuming) {
      // Once it is back, the game shows at once.
      this.#playedInARow = Infinity;
      const fraction = resuming.of > 0 ? resuming.frame / resuming.of : undefined;
      return { text: "Returning to your game…", fraction };
    }
    const { limitMs, fps, groupSize } = this.#options;
    const stalledMs = (this.#stalledInARow * 1000) / fps;
    const waitedMs = Math.max(stalledMs, ...peers.map(({ silence_ms }) => silence_ms));
    const returning = peers.find((peer) => peer.resuming);
    const isWaiting = waitedMs > SILENT_MS;
    this.#playedInARow = isWaiting ? 0 : this.#playedInARow + Number(advanced);
    if (isWaiting && this.#loading.size > 0) {
      const fraction = Math.min(...this.#loading.values());
      const percent = Math.round(100 * fraction);
      return {
        text: forGroup(`Your partner is coming back: loading ${percent}%`, groupSize),
        detail: "The game goes on by itself.",
        fraction,
      };
    }
    if (returning || (isWaiting && this.#reloadedAtMs.size > 0)) {
      return {
        text: forGroup("Your partner is coming back…", groupSize),
        detail: "The game goes on by itself.",
        fraction: returning ? returning.frame / Math.max(1, frame) : undefined,
      };
    }
    if (!isWaiting) {
      const playedMs = (this.#playedInARow * 1000) / fps;
      return playedMs >= UNCOVER_AFTER_MS ? null : this.#shown;
    }
    if (!this.#shown && waitedMs <= Math.min(COVER_AFTER_MS, limitMs / 2)) return null;
    return {
      text: forGroup("Waiting for your partner…", groupSize),
      detail: `We wait for up to ${inWords(limitMs)}.`,
      fraction: Math.min(1, waitedMs / limitMs),
    };
  }

  /** @param {TickResult} result @param {number} nowMs */
  #noteSilence({ peers }, nowMs) {
    const { limitMs, onSilent, onHeard, onLost } = this.#options;
    for (const peer of peers) {
      const isSilent = peer.silence_ms > SILENT_MS;
      if (isSilent && !this.#silent.has(peer.seat)) {
        this.#silent.add(peer.seat);
        onSilent(peer);
      } else if (!isSilent && this.#silent.delete(peer.seat)) {
        onHeard(peer);
      }
      if (peer.silence_ms < limitMs) continue;
      if (nowMs - (this.#lostAtMs.get(peer.seat) ?? -Infinity) < REPORT_LOST_MS) continue;
      this.#lostAtMs.set(peer.seat, nowMs);
      onLost(peer.seat);
    }
  }

  /** @param {TickResult} result */
  #noteStall({ advanced, finished, resuming }) {
    if (!advanced && !finished && !resuming) {
      this.#stalledTicks += 1;
      this.#stalledInARow += 1;
      return;
    }
    const ended = this.#stalledInARow;
    this.#stalledInARow = 0;
    if (ended >= MIN_STALL_TICKS) this.#options.onStall(ended);
  }

  /**
   * The game goes on: partners whose new page is heard are back.
   * @param {TickResult} result
   * @param {number} nowMs
   */
  #noteReturns({ peers }, nowMs) {
    for (const { seat, silence_ms, resuming } of peers) {
      const reloadedAtMs = this.#reloadedAtMs.get(seat);
      const isHeard = reloadedAtMs !== undefined && silence_ms < nowMs - reloadedAtMs;
      if (isHeard && !resuming) this.#reloadedAtMs.delete(seat);
    }
  }
}
