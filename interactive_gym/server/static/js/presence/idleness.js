/**
 * Notices that a participant is idle, has the question put whether they are still there, and says
 * if there is no answer. Pure: its clock and timers are given, and the caller shows the question.
 */

/** @import { Timers } from "../timers.js" */

/**
 * @typedef {object} IdlenessOptions
 * @property {number} promptMs without a sign of life until the question is put
 * @property {number} answerMs until the answer is due
 * @property {Pick<Timers, "after">} timers
 * @property {() => number} now in ms
 * @property {() => void} onPrompt
 * @property {() => void} onAnswer
 * @property {() => void} onNoAnswer called at most once and last
 */

export class Idleness {
  #options;
  #lastSignMs;
  #isAsking = false;
  #cancel = () => {};

  /** @param {IdlenessOptions} options */
  constructor(options) {
    this.#options = options;
    this.#lastSignMs = options.now();
    this.#wait(options.promptMs);
  }

  /** The participant did something. This does not answer the question. */
  sign() {
    this.#lastSignMs = this.#options.now();
  }

  /** The participant did something that answers the question, if there is one. */
  answer() {
    this.sign();
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#cancel();
    this.#options.onAnswer();
    this.#wait(this.#options.promptMs);
  }

  close() {
    this.#cancel();
  }

  /** @param {number} delayMs */
  #wait(delayMs) {
    this.#cancel = this.#options.timers.after(delayMs, () => {
      const { promptMs, now } = this.#options;
      const leftMs = this.#lastSignMs + promptMs - now();
      if (leftMs > 0) this.#wait(leftMs);
      else this.#ask();
    });
  }

  #ask() {
    const { timers, answerMs, onPrompt, onNoAnswer } = this.#options;
    this.#isAsking = true;
    this.#cancel = timers.after(answerMs, onNoAnswer);
    onPrompt();
  }
}
