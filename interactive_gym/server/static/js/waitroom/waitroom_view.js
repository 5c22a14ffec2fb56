/**
 * The waitroom as the participant sees it: how long they have waited, how many are there, what
 * happens next. Between two updates of the server only the clock moves.
 */

import { byId, showSection } from "../pages/dom.js";
import { forGroup, inWords, minutesAndSeconds } from "../pages/wording.js";

/** @import { WaitroomUpdate } from "../types.js" */

const TICK_MS = 1000;

/** @typedef {"looking"|"checking"|"still_looking"} WaitroomState */

const HEADINGS = {
  looking: "Looking for a partner",
  checking: "Possible partner found",
  still_looking: "Looking for a partner",
};

const STATUS = {
  looking: "You are in the waiting room.",
  checking: "Checking whether the connection to your partner is fast enough…",
  still_looking: "That connection was not good enough to play. Still looking for a partner.",
};

export class WaitroomView {
  #waitedSinceMs = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  #groupSize = 2;
  /** How many others wait; null if nobody is to know. @type {number | null} */
  #others = null;
  /** @type {WaitroomState} */
  #state = "looking";
  /** When the participant may stop waiting. */
  #leavesFromMs = Infinity;

  /**
   * @param {number} groupSize
   * @param {() => void} onLeave the participant stops waiting
   */
  show(groupSize, onLeave) {
    this.#groupSize = groupSize;
    this.#waitedSinceMs = performance.now();
    this.#others = null;
    byId("waitroom-limit").textContent = "";
    this.#leavesFromMs = Infinity;
    byId("waitroom-leave").onclick = onLeave;
    byId("group-size").textContent = String(groupSize);
    this.setState("looking");
    this.#showClock();
    this.#clock = setInterval(() => this.#showClock(), TICK_MS);
    showSection("waitroom");
  }

  hide() {
    clearInterval(this.#clock);
  }

  /** @param {WaitroomState} state */
  setState(state) {
    this.#state = state;
    byId("waitroom").dataset.state = state === "checking" ? "checking" : "looking";
    byId("waitroom-header").textContent = forGroup(HEADINGS[state], this.#groupSize);
    byId("waitroom-status").textContent = forGroup(STATUS[state], this.#groupSize);
    this.#showOthers();
  }

  /** @param {WaitroomUpdate} update */
  update({ waiting, group_size, waited_ms, timeout_ms, leave_in_ms }) {
    this.#groupSize = group_size;
    this.#waitedSinceMs = performance.now() - waited_ms;
    this.#leavesFromMs = performance.now() + (leave_in_ms ?? Infinity);
    this.#showClock();
    byId("group-size").textContent = String(group_size);
    this.#others = waiting === null ? null : waiting - 1;
    this.#showOthers();
    byId("waitroom-limit").textContent = timeout_ms
      ? `If nobody suitable comes within ${inWords(timeout_ms)}, we tell you how to go on.`
      : "";
  }

  /** While a connection is checked, who else waits says nothing about how it goes on. */
  #showOthers() {
    byId("others-fact").hidden = this.#others === null || this.#state === "checking";
    byId("others").textContent = String(this.#others);
  }

  #showClock() {
    const nowMs = performance.now();
    byId("waited").textContent = minutesAndSeconds(nowMs - this.#waitedSinceMs);
    byId("waitroom-leaving").hidden = nowMs < this.#leavesFromMs;
  }
}
