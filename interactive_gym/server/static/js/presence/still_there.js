/**
 * Asks an idle participant "are you still there?" in a dialog. Any key and any click answers it,
 * and has its usual effect too. A game behind the dialog goes on.
 */

import { byId } from "../pages/dom.js";
import { setTitleNotice } from "../pages/phases.js";
import { Idleness } from "./idleness.js";

/** @import { IdleRules } from "../types.js" */
/** @import { Timers } from "../timers.js" */

const STEP_MS = 1000;

/**
 * @typedef {object} StillThereOptions
 * @property {number} promptMs
 * @property {IdleRules} rules
 * @property {Timers} timers
 * @property {() => void} [onPrompt]
 * @property {() => void} [onAnswer]
 * @property {() => void} onNoAnswer
 */

export class StillThere {
  #options;
  #idleness;
  #dialog = /** @type {HTMLDialogElement} */ (byId("still-there"));
  #listeners = new AbortController();
  #isAsking = false;

  /** @param {StillThereOptions} options */
  constructor(options) {
    this.#options = options;
    this.#idleness = new Idleness({
      promptMs: options.promptMs,
      answerMs: options.rules.answer_ms,
      timers: options.timers,
      now: () => performance.now(),
      onPrompt: () => this.#ask(),
      onAnswer: () => {
        this.#hide();
        options.onAnswer?.();
      },
      onNoAnswer: () => {
        this.close();
        options.onNoAnswer();
      },
    });
    const { signal } = this.#listeners;
    for (const event of ["keydown", "click"]) {
      document.addEventListener(event, () => this.#idleness.answer(), { signal, capture: true });
    }
    for (const event of ["pointermove", "pointerdown", "wheel"]) {
      document.addEventListener(event, () => this.#idleness.sign(), { signal, passive: true });
    }
    document.addEventListener(
      "visibilitychange",
      () => {
        if (!document.hidden) this.#idleness.sign();
      },
      { signal },
    );
  }

  /** The participant cannot be expected to do anything at this moment. */
  excuse() {
    this.#idleness.sign();
  }

  close() {
    this.#listeners.abort();
    this.#idleness.close();
    this.#hide();
  }

  #ask() {
    const { rules, onPrompt } = this.#options;
    this.#isAsking = true;
    byId("still-there-header").textContent = rules.message;
    this.#dialog.showModal();
    setTitleNotice(rules.message);
    this.#countDown(rules.answer_ms);
    onPrompt?.();
  }

  /** @param {number} leftMs */
  #countDown(leftMs) {
    if (!this.#isAsking) return;
    const { rules, timers } = this.#options;
    const seconds = Math.max(0, Math.ceil(leftMs / 1000));
    byId("still-there-left").textContent = String(seconds);
    /** @type {HTMLProgressElement} */ (byId("still-there-bar")).value = leftMs / rules.answer_ms;
    if (leftMs > 0) timers.after(STEP_MS, () => this.#countDown(leftMs - STEP_MS));
  }

  #hide() {
    this.#isAsking = false;
    if (!this.#dialog.open) return;
    this.#dialog.close();
    setTitleNotice("");
  }
}
